import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { Code, createRouterTransport, type Transport } from "@connectrpc/connect";

import { AuthService } from "../../src/gen/tallystick/v1/auth_service_pb.js";
import { ErrorReason } from "../../src/gen/tallystick/v1/error_reason_pb.js";
import { TransactionSchema } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import { WatchGoodbyeSchema } from "../../src/gen/tallystick/v1/sync_service_pb.js";
import { createTallystick, memoryTokens, type TallystickError } from "../../src/index.js";
import { MemoryStorage, OfflineBook, Watcher, type WatcherState } from "../../src/offline/index.js";
import { failure } from "../server.js";
import { draft, expense, rejected } from "./books.js";
import { Space, until } from "./space.js";

const LIMIT = { timeout: 20_000 };
const NOT_FOUND = failure(Code.NotFound, { info: { domain: "tallystick", reason: "NOT_FOUND" } });
const INVALID_TOKEN = failure(Code.Unauthenticated, { info: { domain: "tallystick", reason: "INVALID_TOKEN" } });

const running: { watcher: Watcher; done: Promise<void> }[] = [];
afterEach(async () => {
  for (const { watcher, done } of running.splice(0)) {
    watcher.stop();
    await done;
  }
});

async function watch(server: { readonly transport: Transport }, space: Space) {
  const storage = new MemoryStorage();
  const book = await OfflineBook.open(storage, space.id);
  const states: WatcherState[] = [];
  const errors: TallystickError[] = [];
  const watcher = new Watcher(server, storage, { onState: (state) => states.push(state), onError: (error) => errors.push(error) });
  watcher.add(book);
  running.push({ watcher, done: watcher.run() });
  const isLive = (times: number) => until(() => states.filter((state) => state === "live").length >= times);
  await isLive(1);
  return { book, states, errors, isLive };
}

/** A server whose access tokens are numbers, of which only the newest works. Its streams end when theirs does. */
async function signIn(space: Space) {
  const state = { newest: 0, refreshes: 0, hasEnded: false };
  const issue = () => ({ tokens: { accessToken: `${(state.newest += 1)}`, refreshToken: "again" } });
  const auth = createRouterTransport(({ service }) => {
    service(AuthService, {
      login: () => ({ user: {}, ...issue() }),
      refreshSession: () => {
        state.refreshes += 1;
        if (state.hasEnded) {
          throw failure(Code.Unauthenticated, { info: { domain: "tallystick", reason: "INVALID_REFRESH_TOKEN" } });
        }
        return issue();
      },
    });
  });
  const require = (header: HeadersInit | undefined) => {
    if (new Headers(header).get("authorization") !== `Bearer ${state.newest}`) {
      throw INVALID_TOKEN;
    }
  };
  const { transport: sync } = space.server;
  const transport: Transport = {
    unary: async (method, signal, timeoutMs, header, ...rest) => {
      if (method.parent.name === AuthService.name) {
        return auth.unary(method, signal, timeoutMs, header, ...rest);
      }
      require(header);
      return sync.unary(method, signal, timeoutMs, header, ...rest);
    },
    stream: async (method, signal, timeoutMs, header, ...rest) => {
      require(header);
      return sync.stream(method, signal, timeoutMs, header, ...rest);
    },
  };
  const expire = () => {
    state.newest += 1;
    space.tell(INVALID_TOKEN);
  };
  const tokens = memoryTokens();
  const tallystick = createTallystick({ transport, tokens });
  await tallystick.signIn({ email: "ann@example.com", password: "correct horse battery" });
  return { state, tallystick, tokens, expire };
}

test("a token that ends while one watches is exchanged, and nothing is missed", LIMIT, async () => {
  const space = new Space();
  const { state, tallystick, expire } = await signIn(space);
  const { book, errors, isLive } = await watch(tallystick, space);
  expire();
  space.do(expense(space, 100n));
  await isLive(2);
  await until(async () => (await book.list(TransactionSchema)).length === 1);
  assert.equal(state.refreshes, 1);
  assert.deepEqual(errors, []);
});

test("a session that ends while one watches ends the watcher, and says so", LIMIT, async () => {
  const space = new Space();
  const { state, tallystick, tokens, expire } = await signIn(space);
  const { states, errors } = await watch(tallystick, space);
  state.hasEnded = true;
  expire();
  await until(() => states.includes("ended"));
  assert.deepEqual(
    errors.map((error) => error.reason),
    ["INVALID_REFRESH_TOKEN"],
  );
  assert.equal(await tokens.load(), undefined);
});

test("a server that is shutting down is come back to when it says", LIMIT, async () => {
  const space = new Space();
  const { states, errors, isLive } = await watch(space.server, space);
  const retry = { retryDelay: { nanos: 1_000_000 } };
  space.failures = [failure(Code.Unavailable, { info: { domain: "tallystick", reason: "SHUTTING_DOWN" }, retry })];
  space.tell({ case: "goodbye", value: create(WatchGoodbyeSchema, { againAfter: { nanos: 1_000_000 } }) });
  await isLive(2);
  assert.ok(!states.includes("away"));
  assert.deepEqual(errors, []);
});

for (const [how, meet] of Object.entries({
  "a pull": (book: OfflineBook, space: Space) => book.pull(space.server),
  "a push": (book: OfflineBook, space: Space) => book.push(space.server),
  "looking whether it is whole": (book: OfflineBook, space: Space) => book.verify(space.server),
})) {
  test(`who has lost a space hears of it by ${how}: others' work is gone, their own is kept`, async () => {
    const space = new Space();
    const book = await OfflineBook.open(new MemoryStorage(), space.id);
    space.do(expense(space, 100n));
    await book.pull(space.server);
    await book.do(CreateTransactionRequestSchema, { ...draft(space, 250n), payee: "Kiosk" });
    const told: string[] = [];
    book.subscribe((what) => told.push(what));
    space.failures = [NOT_FOUND];
    await meet(book, space);
    assert.ok(told.includes("forgotten"));
    assert.deepEqual(await book.list(TransactionSchema), []);
    const [kept] = await book.drafts();
    assert.equal(kept?.mutation.command.case, "createTransaction");
  });
}

test("what a newer server refuses for a reason that is not known is in the tray, with that reason", async () => {
  const space = new Space();
  const book = await OfflineBook.open(new MemoryStorage(), space.id);
  await book.pull(space.server);
  const { requestId } = await book.do(CreateTransactionRequestSchema, draft(space, 250n));
  const unheardOf = 9_999 as ErrorReason;
  space.verdicts.set(requestId, { outcome: 5, rejection: rejected(unheardOf) });
  await book.sync(space.server);
  const [refused] = await book.tray();
  assert.equal(refused?.rejection?.reason, unheardOf);
  assert.equal(ErrorReason[unheardOf], undefined);
});
