import assert from "node:assert/strict";
import { test } from "node:test";

import { Code, ConnectError } from "@connectrpc/connect";

import { reasonOf, TallystickError } from "../src/index.js";
import { answering, failure } from "./server.js";

async function failWith(error: ConnectError): Promise<TallystickError> {
  const { ledger } = answering(() => {
    throw error;
  });
  try {
    await ledger.getTransaction({});
  } catch (thrown) {
    assert.ok(thrown instanceof TallystickError);
    return thrown;
  }
  return assert.fail("the call was answered");
}

test("a failed call throws its reason, code and facts", async () => {
  const info = { domain: "tallystick", reason: "SCOPE_TOO_NARROW", metadata: { scope: "ACCESS_KEY_SCOPE_READ" } };
  const error = await failWith(failure(Code.PermissionDenied, { info }));
  assert.equal(error.reason, "SCOPE_TOO_NARROW");
  assert.equal(error.code, Code.PermissionDenied);
  assert.deepEqual(error.metadata, { scope: "ACCESS_KEY_SCOPE_READ" });
  assert.deepEqual(error.violations, []);
  assert.equal(error.retryAfterMs, undefined);
  assert.equal(error.mayRepeat, false);
});

test("a refused field is named with the rule it breaks", async () => {
  const info = { domain: "tallystick", reason: "INVALID_FIELD" };
  const bad = { fieldViolations: [{ field: "amount.minor", reason: "amount.positive", description: "must be above zero" }] };
  const error = await failWith(failure(Code.InvalidArgument, { info, bad }));
  assert.deepEqual(error.violations, [{ field: "amount.minor", rule: "amount.positive", description: "must be above zero" }]);
});

test("how long to wait is told in milliseconds", async () => {
  const info = { domain: "tallystick", reason: "QUOTA_EXCEEDED" };
  const retry = { retryDelay: { seconds: 90n, nanos: 500_000_000 } };
  const error = await failWith(failure(Code.ResourceExhausted, { info, retry }));
  assert.equal(error.retryAfterMs, 90_500);
  assert.equal(error.mayRepeat, true);
});

test("a call that may have happened may be repeated", async () => {
  assert.equal((await failWith(failure(Code.Unavailable, {}))).mayRepeat, true);
  assert.equal((await failWith(failure(Code.DeadlineExceeded, {}))).mayRepeat, true);
  assert.equal((await failWith(failure(Code.Internal, {}))).mayRepeat, false);
});

test("the reason of another domain is not ours", async () => {
  const info = { domain: "example.com", reason: "NOT_FOUND" };
  assert.equal((await failWith(failure(Code.NotFound, { info }))).reason, undefined);
});

test("the original error is kept", async () => {
  const error = await failWith(failure(Code.NotFound, {}));
  assert.ok(error.cause instanceof ConnectError);
  assert.equal(error.message, error.cause.message);
});

test("anything thrown can be asked for its reason", () => {
  assert.equal(reasonOf(new TypeError("fetch failed")), undefined);
  assert.equal(reasonOf("a string"), undefined);
  assert.equal(reasonOf(undefined), undefined);
});

test("an error of the transport is not taken for one of ours", () => {
  assert.equal(new ConnectError("no") instanceof TallystickError, false);
});
