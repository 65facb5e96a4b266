import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Code, createRouterTransport } from "@connectrpc/connect";

import { AuthService } from "../src/gen/tallystick/v1/auth_service_pb.js";
import { createTallystick, memoryTokens, newId, reasonOf } from "../src/index.js";
import { answering, failure } from "./server.js";

const { now } = Date;
afterEach(() => {
  Date.now = now;
});

const YEAR_MS = 365 * 24 * 3_600_000;
const SHUTTING_DOWN = failure(Code.Unavailable, {
  info: { domain: "tallystick", reason: "SHUTTING_DOWN" },
  retry: { retryDelay: { nanos: 50_000_000 } },
});

test("a server that is shutting down is asked again when it says", async () => {
  const asked: number[] = [];
  const { ledger } = answering(() => {
    asked.push(performance.now());
    if (asked.length === 1) {
      throw SHUTTING_DOWN;
    }
  });
  await ledger.getTransaction({});
  const [first = 0, second = 0] = asked;
  assert.ok(second - first >= 49, `after ${second - first} ms`);
  assert.equal(asked.length, 2);
});

test("who stays away says so", async () => {
  let asked = 0;
  const { ledger } = answering(
    () => {
      asked += 1;
      throw SHUTTING_DOWN;
    },
    { tries: 3 },
  );
  await assert.rejects(ledger.getTransaction({}), (error) => reasonOf(error) === "SHUTTING_DOWN");
  assert.equal(asked, 3);
});

for (const years of [-80, -3, 20]) {
  test(`a clock that is ${years} years off decides nothing`, async () => {
    Date.now = () => now() + years * YEAR_MS;
    let isRefused = true;
    const { ledger } = answering(() => {
      if (isRefused) {
        isRefused = false;
        // While the call waits, somebody sets the clock.
        Date.now = now;
        throw failure(Code.Unavailable, {});
      }
    });
    assert.match(newId(), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    await ledger.getTransaction({});
    assert.equal(isRefused, false);
  });
}

test("calls that anybody may make carry no token: one that has ended would be in their way", async () => {
  const seen: (string | null)[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(AuthService, {
      register: (_, { requestHeader }) => (seen.push(requestHeader.get("authorization")), {}),
      getMe: (_, { requestHeader }) => (seen.push(requestHeader.get("authorization")), {}),
    });
  });
  const tokens = memoryTokens();
  tokens.save({ accessToken: "old", refreshToken: "older" });
  const { auth } = createTallystick({ transport, tokens });
  await auth.register({});
  await auth.getMe({});
  assert.deepEqual(seen, [null, "Bearer old"]);
});
