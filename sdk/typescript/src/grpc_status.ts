/** How has a call ended? Its status stands in the trailers, or in the headers of an answer that is nothing else. */

import { fromBinary, type Message } from "@bufbuild/protobuf";
import { type GenMessage, messageDesc } from "@bufbuild/protobuf/codegenv2";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { Code, ConnectError } from "@connectrpc/connect";
import { codeFromHttpStatus } from "@connectrpc/connect/protocol-grpc";

import { fileDesc } from "./notation.js";
import { file_google_protobuf_any } from "./well_known.js";

type Status = Message<"google.rpc.Status"> & {
  code: number;
  message: string;
  details: { typeUrl: string; value: Uint8Array }[];
};

const file_google_rpc_status = /*@__PURE__*/ fileDesc(
  `
google/rpc/status
Status code:int32 message details:.google.protobuf.Any*
`,
  [file_google_protobuf_any],
);
const StatusSchema: GenMessage<Status> = /*@__PURE__*/ messageDesc(file_google_rpc_status, 0);

/** Whether headers or trailers say how the call has ended. */
export function hasStatus(headers: Headers): boolean {
  return headers.has("grpc-status");
}

/** Throws if the answer's headers say that the call has failed. */
export function requireAnswer({ ok, status, headers }: Response): void {
  if (!ok) {
    throw new ConnectError(messageIn(headers) || `HTTP ${status}`, codeFromHttpStatus(status), headers);
  }
  requireOk(headers);
}

/** Throws if these headers or trailers say that the call has failed. */
export function requireOk(headers: Headers): void {
  const code = Number(headers.get("grpc-status") ?? 0);
  if (code === 0) {
    return;
  }
  if (!(code in Code)) {
    throw new ConnectError(`There is no status ${headers.get("grpc-status")}.`, Code.Internal, headers);
  }
  const error = new ConnectError(messageIn(headers), code, headers);
  const details = headers.get("grpc-status-details-bin");
  if (details !== null) {
    // As connect has them, whichever way they came.
    error.details = fromBinary(StatusSchema, base64Decode(details)).details.map(({ typeUrl, value }) => ({
      type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
      value,
    }));
  }
  throw error;
}

function messageIn(headers: Headers): string {
  return decodeURIComponent(headers.get("grpc-message") ?? "");
}
