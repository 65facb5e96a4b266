/** What is the same for every call? It carries the caller's token, is repeated where that helps, ends in time, and fails with a reason. */

import type { DescMessage, DescMethod, DescMethodStreaming, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import type { ContextValues, StreamResponse, Transport, UnaryResponse } from "@connectrpc/connect";

import { collect } from "./collecting.js";
import { TallystickError } from "./errors.js";
import { PUBLIC } from "./public.js";
import { backoffMs, pause } from "./waiting.js";

/** The token of whoever is signed in, or undefined when nobody is. */
export type AccessToken = () => string | undefined | Promise<string | undefined>;

/** How calls are made. */
export interface Manner {
  readonly accessToken: AccessToken;
  /** Asks for another token than the one that the server refused. */
  readonly refresh?: ((refused: string) => Promise<string | undefined>) | undefined;
  readonly timeoutMs?: number | undefined;
  readonly tries?: number | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_TRIES = 4;
const LONGEST_WAIT_MS = 5_000;

/** A transport on top of another. Not interceptors, because those cannot be added to a transport that an app hands in. */
export function composeTransport(plain: Transport, manner: Manner): Transport {
  return new CarefulTransport(plain, manner);
}

class CarefulTransport implements Transport {
  constructor(
    private readonly plain: Transport,
    private readonly manner: Manner,
  ) {}

  /** The very same message each time, and so the same request id: however often it arrives, it is done once. */
  async unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: MessageInitShape<I>,
    contextValues?: ContextValues,
  ): Promise<UnaryResponse<I, O>> {
    const ends = performance.now() + (timeoutMs ?? this.manner.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    for (let failed = 0; ; failed += 1) {
      try {
        return await this.signed(method, header, (own) =>
          this.plain.unary(method, signal, Math.max(1, Math.ceil(ends - performance.now())), own, input, contextValues),
        );
      } catch (error) {
        const waitMs = error instanceof TallystickError ? this.waitMs(error, failed) : undefined;
        if (waitMs === undefined || performance.now() + waitMs >= ends) {
          throw error;
        }
        await pause(waitMs, signal);
      }
    }
  }

  /**
   * No time limit of our own: the server ends its streams, with a cursor to go on from. Nor is one repeated: only its caller knows from
   * where.
   */
  async stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    input: AsyncIterable<MessageInitShape<I>>,
    contextValues?: ContextValues,
  ): Promise<StreamResponse<I, O>> {
    const sent = await collect(input);
    return this.signed(method, header, async (own) => {
      const response = await this.plain.stream(method, signal, timeoutMs, own, replay(sent), contextValues);
      const messages = response.message[Symbol.asyncIterator]();
      // A refused token shows only now.
      const first = await messages.next();
      return { ...response, message: withReasons(first, messages) };
    });
  }

  private async signed<T>(method: DescMethod, header: HeadersInit | undefined, call: (header: Headers) => Promise<T>): Promise<T> {
    const own = new Headers(header);
    // A token given for one call counts more than the usual one.
    const isSettled = own.has("authorization") || PUBLIC.has(`${method.parent.name}/${method.name}`);
    const token = isSettled ? undefined : await this.manner.accessToken();
    try {
      return await call(withToken(own, token));
    } catch (error) {
      const failure = TallystickError.from(error);
      if (token === undefined || this.manner.refresh === undefined || failure.reason !== "INVALID_TOKEN") {
        throw failure;
      }
    }
    const fresh = await this.manner.refresh(token);
    return call(withToken(own, fresh)).catch((error: unknown) => {
      throw TallystickError.from(error);
    });
  }

  /** How long to wait before the next try. Undefined: there is none. */
  private waitMs(failure: TallystickError, failed: number): number | undefined {
    if (!failure.mayRepeat || failed + 1 >= (this.manner.tries ?? DEFAULT_TRIES)) {
      return undefined;
    }
    const asked = failure.retryAfterMs ?? 0;
    return asked > LONGEST_WAIT_MS ? undefined : asked + backoffMs(failed, LONGEST_WAIT_MS);
  }
}

function withToken(header: Headers, token: string | undefined): Headers {
  const signed = new Headers(header);
  if (token !== undefined) {
    signed.set("authorization", `Bearer ${token}`);
  }
  return signed;
}

async function* replay<T>(messages: readonly T[]): AsyncIterable<T> {
  yield* messages;
}

async function* withReasons<T>(first: IteratorResult<T>, rest: AsyncIterator<T>): AsyncIterable<T> {
  try {
    for (let next = first; !next.done; next = await rest.next()) {
      yield next.value;
    }
  } catch (error) {
    throw TallystickError.from(error);
  } finally {
    // Whoever stops reading ends the call.
    await rest.return?.();
  }
}
