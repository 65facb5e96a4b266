import assert from "node:assert/strict";
import { test } from "node:test";

import { Code, ConnectError, createRouterTransport, type HandlerContext } from "@connectrpc/connect";

import { AuthService } from "../src/gen/tallystick/v1/auth_service_pb.js";
import { LedgerService } from "../src/gen/tallystick/v1/ledger_service_pb.js";
import { SyncService } from "../src/gen/tallystick/v1/sync_service_pb.js";
import { createTallystick, each, memoryTokens, reasonOf, type Tokens, type TokenStore } from "../src/index.js";
import { ledger } from "../src/services.js";
import { syncClient } from "../src/offline/syncing.js";
import { failure } from "./server.js";

/** A server whose access tokens are numbers: only the newest works. */
function beginServer(tokens: TokenStore = memoryTokens()) {
  const state = { newest: 0, refreshes: [] as { requestId: string; refreshToken: string }[], failures: [] as ConnectError[] };
  const issue = () => {
    state.newest += 1;
    return { tokens: { accessToken: `access ${state.newest}`, refreshToken: `refresh ${state.newest}` } };
  };
  const require = (context: HandlerContext) => {
    if (context.requestHeader.get("authorization") !== `Bearer access ${state.newest}`) {
      throw failure(Code.Unauthenticated, { info: { domain: "tallystick", reason: "INVALID_TOKEN" } });
    }
  };
  const transport = createRouterTransport(({ service }) => {
    service(AuthService, {
      login: () => ({ user: { displayName: "Ann" }, ...issue() }),
      logout: () => ({}),
      refreshSession: ({ requestId, refreshToken }) => {
        state.refreshes.push({ requestId, refreshToken });
        const failed = state.failures.shift();
        if (failed) {
          throw failed;
        }
        return issue();
      },
    });
    service(LedgerService, {
      getTransaction: (_, context) => {
        require(context);
        return {};
      },
    });
    service(SyncService, {
      async *pull(_, context) {
        require(context);
        yield { cursor: "1" };
      },
    });
  });
  return { state, tallystick: createTallystick({ transport, tokens, tries: 1, services: { ledger } }) };
}

const CREDENTIALS = { email: "ann@example.com", password: "correct horse battery" };

test("whoever signed in is known at every call, until they sign out", async () => {
  const { tallystick } = beginServer();
  assert.equal((await tallystick.signIn(CREDENTIALS)).displayName, "Ann");
  await tallystick.ledger.getTransaction({});
  await tallystick.signOut();
  await assert.rejects(tallystick.ledger.getTransaction({}));
});

test("however many calls are refused at once, the token is exchanged once, and all are made again", async () => {
  const { state, tallystick } = beginServer();
  await tallystick.signIn(CREDENTIALS);
  state.newest = 7;
  await Promise.all(Array.from({ length: 20 }, () => tallystick.ledger.getTransaction({})));
  assert.equal(state.refreshes.length, 1);
  assert.equal(state.refreshes[0]?.refreshToken, "refresh 1");
});

test("a stream whose token is refused is opened again with a new one", async () => {
  const { state, tallystick } = beginServer();
  await tallystick.signIn(CREDENTIALS);
  state.newest = 7;
  const pages = [];
  for await (const page of syncClient(tallystick).pull({})) {
    pages.push(page.cursor);
  }
  assert.deepEqual(pages, ["1"]);
  assert.equal(state.refreshes.length, 1);
});

test("an exchange without an answer is asked for again under the same request id, also after the app was killed", async () => {
  const tokens = memoryTokens();
  const { state, tallystick } = beginServer(tokens);
  await tallystick.signIn(CREDENTIALS);
  state.newest = 7;
  state.failures = [failure(Code.Unavailable, {})];
  await assert.rejects(tallystick.ledger.getTransaction({}), (error) => reasonOf(error) === undefined);
  await tallystick.ledger.getTransaction({});
  const [first, second] = state.refreshes;
  assert.deepEqual(first, second);
  assert.equal(((await tokens.load()) as Tokens).refreshRequestId, undefined);
});

test("a session that has ended leaves no tokens", async () => {
  const tokens = memoryTokens();
  const { state, tallystick } = beginServer(tokens);
  await tallystick.signIn(CREDENTIALS);
  state.newest = 7;
  state.failures = [failure(Code.Unauthenticated, { info: { domain: "tallystick", reason: "REFRESH_TOKEN_REUSED" } })];
  await assert.rejects(tallystick.ledger.getTransaction({}), (error) => reasonOf(error) === "REFRESH_TOKEN_REUSED");
  assert.equal(await tokens.load(), undefined);
});

test("a token that another tab has exchanged is taken over", async () => {
  const tokens = memoryTokens();
  const { state, tallystick } = beginServer(tokens);
  await tallystick.signIn(CREDENTIALS);
  const held = (await tokens.load()) as Tokens;
  state.newest = 2;
  let reads = 0;
  const late: TokenStore = {
    load: () => (reads++ === 0 ? held : { accessToken: "access 2", refreshToken: "refresh 2" }),
    save: () => undefined,
  };
  const { state: other, tallystick: tab } = beginServer(late);
  other.newest = 2;
  await tab.ledger.getTransaction({});
  assert.deepEqual(other.refreshes, []);
});

test("a call is repeated with the same message until it is answered, and no longer than it may take", async () => {
  const seen: unknown[] = [];
  const transport = createRouterTransport(({ service }) => {
    service(LedgerService, {
      createBook: (request) => {
        seen.push(request);
        if (seen.length < 3) {
          throw failure(Code.Unavailable, {});
        }
        return {};
      },
    });
  });
  const patient = createTallystick({ transport, services: { ledger } });
  await patient.ledger.createBook({ requestId: "one", name: "Home" });
  assert.equal(seen.length, 3);
  assert.deepEqual(seen[0], seen[2]);
  seen.length = 0;
  await assert.rejects(createTallystick({ transport, tries: 2, services: { ledger } }).ledger.createBook({}));
  assert.equal(seen.length, 2);
});

test("what will not get better is not repeated", async () => {
  let calls = 0;
  const refuse = (details: Parameters<typeof failure>) => {
    calls = 0;
    const transport = createRouterTransport(({ service }) => {
      service(LedgerService, {
        createBook: () => {
          calls += 1;
          throw failure(...details);
        },
      });
    });
    return createTallystick({ transport, services: { ledger } }).ledger.createBook({});
  };
  await assert.rejects(refuse([Code.InvalidArgument, { info: { domain: "tallystick", reason: "INVALID_FIELD" } }]));
  assert.equal(calls, 1);
  const tomorrow = { retryDelay: { seconds: 3_600n } };
  await assert.rejects(
    refuse([Code.ResourceExhausted, { info: { domain: "tallystick", reason: "QUOTA_EXCEEDED" }, retry: tomorrow }]),
  );
  assert.equal(calls, 1);
});

test("a list is read page after page", async () => {
  const pages: Record<string, { items: number[]; nextPageToken: string }> = {
    "": { items: [1, 2], nextPageToken: "b" },
    b: { items: [], nextPageToken: "c" },
    c: { items: [3], nextPageToken: "" },
  };
  const items = [];
  for await (const item of each(
    async ({ pageToken }) => pages[pageToken] ?? assert.fail(),
    (page) => page.items,
  )) {
    items.push(item);
  }
  assert.deepEqual(items, [1, 2, 3]);
});
