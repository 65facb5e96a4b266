/** Why did a call fail? The reason is what an app branches on; messages may change, reasons do not. */

import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";
import type { ErrorReason } from "./gen/tallystick/v1/error_reason_pb.js";

const DOMAIN = "tallystick";
const REPEATABLE: ReadonlySet<Code> = new Set([Code.Unavailable, Code.DeadlineExceeded]);

/** The reasons that this version of the SDK knows. A newer server may send others, so a `switch` over them needs a default. */
export type Reason = Exclude<keyof typeof ErrorReason, "UNSPECIFIED"> | (string & {});

/** A field that breaks the contract. */
export interface FieldViolation {
  /** The path of the field in the request, such as `amount.minor`. */
  readonly field: string;
  /** The rule it breaks, such as `string.uuid`. */
  readonly rule: string;
  /** What is wrong, for developers. */
  readonly description: string;
}

/** A call that failed. */
export class TallystickError extends Error {
  override readonly name = "TallystickError";
  /** The gRPC status. */
  readonly code: Code;
  /** Why. Undefined when the failure is not the server's, such as a lost connection. */
  readonly reason: Reason | undefined;
  /** Facts beside the reason. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Which fields break the contract, when some do. */
  readonly violations: readonly FieldViolation[];
  /** How long to wait before the next try, when the server says so. */
  readonly retryAfterMs: number | undefined;

  private constructor(failed: ConnectError) {
    super(failed.message, { cause: failed });
    const info = failed.findDetails(ErrorInfoSchema).find((detail) => detail.domain === DOMAIN);
    const delay = failed.findDetails(RetryInfoSchema)[0]?.retryDelay;
    const fields = failed.findDetails(BadRequestSchema).flatMap((detail) => detail.fieldViolations);
    this.code = failed.code;
    this.reason = info?.reason;
    this.metadata = info?.metadata ?? {};
    this.violations = fields.map(({ field, reason, description }) => ({ field, rule: reason, description }));
    this.retryAfterMs = delay && durationMs(delay);
  }

  /** Reads whatever was thrown. */
  static from(error: unknown): TallystickError {
    return error instanceof TallystickError ? error : new TallystickError(ConnectError.from(error));
  }

  /** Whether the same call, with the same request id, may succeed later: nobody knows yet whether it happened. */
  get mayRepeat(): boolean {
    return REPEATABLE.has(this.code) || this.retryAfterMs !== undefined || this.isUnanswered;
  }

  /** Whether no server answered: every fetch says it with a TypeError. */
  private get isUnanswered(): boolean {
    return this.code === Code.Unknown && this.cause instanceof ConnectError && this.cause.cause instanceof TypeError;
  }
}

/** The reason of a failed call, or undefined when the error has none. */
export function reasonOf(error: unknown): Reason | undefined {
  return TallystickError.from(error).reason;
}
