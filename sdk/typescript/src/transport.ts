/** What is the same for every call? It carries the caller's token, ends in time, and fails with a reason. */

import type { Transport } from "@connectrpc/connect";

import { TallystickError } from "./errors.js";

/** The token of whoever is signed in, or undefined when nobody is. */
export type AccessToken = () => string | undefined | Promise<string | undefined>;

const DEFAULT_TIMEOUT_MS = 30_000;

/** A transport on top of another. Not interceptors, because those cannot be added to a transport that an app hands in. */
export function composeTransport(
  plain: Transport,
  accessToken: AccessToken = () => undefined,
  defaultTimeoutMs: number = DEFAULT_TIMEOUT_MS,
): Transport {
  return {
    async unary(method, signal, timeoutMs, header, input, contextValues) {
      const signed = await sign(header, accessToken);
      try {
        return await plain.unary(method, signal, timeoutMs ?? defaultTimeoutMs, signed, input, contextValues);
      } catch (error) {
        throw TallystickError.from(error);
      }
    },
    async stream(method, signal, timeoutMs, header, input, contextValues) {
      const signed = await sign(header, accessToken);
      try {
        // No default time limit: the server ends its streams, with a cursor to go on from.
        const response = await plain.stream(method, signal, timeoutMs, signed, input, contextValues);
        return { ...response, message: withReasons(response.message) };
      } catch (error) {
        throw TallystickError.from(error);
      }
    },
  };
}

async function sign(header: HeadersInit | undefined, accessToken: AccessToken): Promise<Headers> {
  const signed = new Headers(header);
  const token = await accessToken();
  // A token given for one call counts more than the usual one.
  if (token !== undefined && !signed.has("authorization")) {
    signed.set("authorization", `Bearer ${token}`);
  }
  return signed;
}

async function* withReasons<T>(messages: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    throw TallystickError.from(error);
  }
}
