/**
 * How do calls travel? Over grpc-web, which every browser speaks: a request is one body, and an answer is messages and then trailers in one.
 *
 * As `createGrpcWebTransport` of connect-web does it, out of the same parts. That one can do JSON, too, which nobody here asks for, and
 * which is a quarter of what a browser would download.
 */

import {
  type DescMessage,
  type DescMethod,
  type DescMethodStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type StreamResponse,
  type Transport,
  type UnaryResponse,
} from "@connectrpc/connect";
import {
  compressedFlag,
  createEnvelopeReadableStream,
  createMethodUrl,
  encodeEnvelope,
  runStreamingCall,
  runUnaryCall,
} from "@connectrpc/connect/protocol";
import { requestHeader, trailerFlag, trailerParse } from "@connectrpc/connect/protocol-grpc-web";

import { collect } from "./collecting.js";
import { hasStatus, requireAnswer, requireOk } from "./grpc_status.js";

/** A transport to the server at that address. */
export function createGrpcWebTransport({ baseUrl }: { readonly baseUrl: string }): Transport {
  return new GrpcWebTransport(baseUrl);
}

class GrpcWebTransport implements Transport {
  constructor(private readonly baseUrl: string) {}

  unary<I extends DescMessage, O extends DescMessage>(
    method: DescMethodUnary<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    message: MessageInitShape<I>,
    contextValues: ContextValues = createContextValues(),
  ): Promise<UnaryResponse<I, O>> {
    const composed = this.compose(method, timeoutMs, header);
    return runUnaryCall<I, O>({
      ...limits(signal, timeoutMs),
      req: { ...composed, stream: false, method, message, contextValues },
      next: async (request) => {
        const answer = await send(request, toBinary(method.input, request.message));
        const trailer = new Headers();
        const [first, ...others] = await collect(readMessages(method, answer, trailer, request.signal));
        if (first === undefined || others.length > 0) {
          throw new ConnectError("There is not exactly one answer.", Code.Unimplemented, answer.headers);
        }
        return { stream: false, service: method.parent, method, header: answer.headers, message: first, trailer };
      },
    });
  }

  stream<I extends DescMessage, O extends DescMessage>(
    method: DescMethodStreaming<I, O>,
    signal: AbortSignal | undefined,
    timeoutMs: number | undefined,
    header: HeadersInit | undefined,
    messages: AsyncIterable<MessageInitShape<I>>,
    contextValues: ContextValues = createContextValues(),
  ): Promise<StreamResponse<I, O>> {
    const composed = this.compose(method, timeoutMs, header);
    return runStreamingCall<I, O>({
      ...limits(signal, timeoutMs),
      req: { ...composed, stream: true, method, message: messages, contextValues },
      next: async (request) => {
        const [asked, ...others] = await collect(request.message);
        if (asked === undefined || others.length > 0) {
          throw new ConnectError("A browser sends no streams.", Code.Unimplemented);
        }
        const answer = await send(request, toBinary(method.input, asked));
        const trailer = new Headers();
        const message = readMessages(method, answer, trailer, request.signal);
        return { stream: true, service: method.parent, method, header: answer.headers, message, trailer };
      },
    });
  }

  private compose(method: DescMethod, timeoutMs: number | undefined, header: HeadersInit | undefined) {
    return {
      service: method.parent,
      requestMethod: "POST",
      url: createMethodUrl(this.baseUrl, method),
      header: requestHeader(true, timeoutMs, header, false),
    };
  }
}

interface Sent {
  readonly url: string;
  readonly requestMethod: string;
  readonly header: Headers;
  readonly signal: AbortSignal;
}

function send({ url, requestMethod, header, signal }: Sent, message: Uint8Array): Promise<Response> {
  const body = encodeEnvelope(0, message) as Uint8Array<ArrayBuffer>;
  // Whoever is told to go elsewhere does not go there with a token.
  return fetch(url, { method: requestMethod, headers: header, signal, body, redirect: "error" });
}

/** The messages of an answer, until it has ended in order. */
async function* readMessages<O extends DescMessage>(
  { output }: { readonly output: O },
  answer: Response,
  trailer: Headers,
  signal: AbortSignal,
): AsyncGenerator<MessageShape<O>> {
  requireAnswer(answer);
  let isWhole = hasStatus(answer.headers);
  const reader = answer.body && createEnvelopeReadableStream(answer.body).getReader();
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    const { flags, data } = next.value;
    if (flags & compressedFlag) {
      throw new ConnectError("Nobody has asked for a compressed answer.", Code.Internal);
    }
    if (flags & trailerFlag) {
      const found = trailerParse(data);
      requireOk(found);
      found.forEach((value, key) => trailer.set(key, value));
      isWhole = hasStatus(found);
    } else {
      yield fromBinary(output, data);
    }
  }
  // In Node a body whose call was ended looks as if it had ended by itself.
  signal.throwIfAborted();
  if (!isWhole) {
    throw new ConnectError("The answer was cut off.", Code.Unavailable);
  }
}

/** No limit at all is not the same as one that is undefined. */
function limits(signal: AbortSignal | undefined, timeoutMs: number | undefined) {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && timeoutMs > 0 && { timeoutMs }) };
}
