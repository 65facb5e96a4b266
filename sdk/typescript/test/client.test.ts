import assert from "node:assert/strict";
import { test } from "node:test";

import { Code } from "@connectrpc/connect";

import { createTallystick, TallystickError } from "../src/index.js";
import { status } from "../src/services.js";
import { answering } from "./server.js";

test("every call asks for the token anew and carries it", async () => {
  const seen: (string | null)[] = [];
  const tokens = ["first", "second", undefined];
  const { ledger } = answering((context) => seen.push(context.requestHeader.get("authorization")), {
    accessToken: () => tokens.shift(),
  });
  for (let count = 0; count < 3; count += 1) {
    await ledger.getTransaction({});
  }
  assert.deepEqual(seen, ["Bearer first", "Bearer second", null]);
});

test("the token may come later", async () => {
  let seen: string | null = null;
  const { ledger } = answering((context) => (seen = context.requestHeader.get("authorization")), {
    accessToken: () => Promise.resolve("refreshed"),
  });
  await ledger.getTransaction({});
  assert.equal(seen, "Bearer refreshed");
});

test("a token given for one call counts more than the usual one", async () => {
  let seen: string | null = null;
  const { ledger } = answering((context) => (seen = context.requestHeader.get("authorization")), {
    accessToken: () => "usual",
  });
  await ledger.getTransaction({}, { headers: { authorization: "Bearer special" } });
  assert.equal(seen, "Bearer special");
});

test("what goes wrong while asking for the token is thrown as it is", async () => {
  const gone = new Error("signed out");
  const { ledger } = answering(() => undefined, { accessToken: () => Promise.reject(gone) });
  await assert.rejects(ledger.getTransaction({}), gone);
});

test("a call has a time limit, and can set its own", async () => {
  const limits: (number | undefined)[] = [];
  const usual = answering((context) => limits.push(context.timeoutMs()));
  const short = answering((context) => limits.push(context.timeoutMs()), { timeoutMs: 2_000 });
  await usual.ledger.getTransaction({});
  await short.ledger.getTransaction({});
  await short.ledger.getTransaction({}, { timeoutMs: 500 });
  const [first, second, third] = limits.map((limit) => Math.ceil((limit ?? 0) / 500) * 500);
  assert.deepEqual([first, second, third], [30_000, 2_000, 500]);
});

test("a server that cannot be reached is a failure without a reason that may be repeated", async () => {
  // Port 9 is the discard service, which nobody runs, and which fetch refuses to call at all.
  const tallystick = createTallystick({ baseUrl: "http://127.0.0.1:9", services: { status } });
  await assert.rejects(tallystick.status.getStatus({}), (error) => error instanceof TallystickError && error.reason === undefined);
});

test("a call that the app cancels says so", async () => {
  const { ledger } = answering(() => undefined);
  const cancelled = AbortSignal.abort();
  await assert.rejects(
    ledger.getTransaction({}, { signal: cancelled }),
    (error) => error instanceof TallystickError && error.code === Code.Canceled,
  );
});
