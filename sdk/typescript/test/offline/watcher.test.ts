import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { create } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";

import { TransactionKind, TransactionSchema } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import {
  WatchAddedSchema,
  WatchBehindSchema,
  WatchForgetSchema,
  WatchGoodbyeSchema,
} from "../../src/gen/tallystick/v1/sync_service_pb.js";
import { composeCommand } from "../../src/offline/commands.js";
import {
  MemoryDisk,
  MemoryStorage,
  OfflineBook,
  Watcher,
  type WatcherOptions,
  type WatcherState,
} from "../../src/offline/index.js";
import { failure } from "../server.js";
import { Space, until } from "./space.js";

const running: { watcher: Watcher; done: Promise<void> }[] = [];
afterEach(async () => {
  for (const { watcher, done } of running.splice(0)) {
    watcher.stop();
    await done;
  }
});

async function begin(options: WatcherOptions = {}) {
  const space = new Space();
  const storage = new MemoryStorage(new MemoryDisk());
  const book = await OfflineBook.open(storage, space.id);
  const states: WatcherState[] = [];
  const start = () => {
    const watcher = new Watcher(space.server, storage, { ...options, onState: (state) => states.push(state) });
    watcher.add(book);
    running.push({ watcher, done: watcher.run() });
    return watcher;
  };
  return { space, storage, book, states, start, watcher: start() };
}

const LIMIT = { timeout: 20_000 };

function expense(space: Space, minor = 100n) {
  const draft = {
    kind: TransactionKind.EXPENSE,
    accountId: space.accountId,
    amount: { currency: "EUR", minor },
    bookedOn: "2026-02-03",
  };
  return composeCommand(CreateTransactionRequestSchema, draft, space.id);
}

const count = async (book: OfflineBook) => (await book.list(TransactionSchema)).length;

test("what happens elsewhere is here without a pull", LIMIT, async () => {
  const { space, book, states } = await begin();
  await until(() => states.includes("live"));
  const pulls = space.pulls;
  space.do(expense(space));
  await until(async () => (await count(book)) === 1);
  space.do(expense(space));
  await until(async () => (await count(book)) === 2);
  assert.equal(space.pulls, pulls);
});

test("what is done here is sent at once, and comes back by the stream", LIMIT, async () => {
  const { space, book, states } = await begin();
  await until(() => states.includes("live"));
  const { case: command, value } = expense(space);
  assert.equal(command, "createTransaction");
  await book.do(CreateTransactionRequestSchema, value as never);
  await until(async () => space.pushed.length === 1 && (await book.pending()).size === 0);
  assert.equal(await count(book), 1);
});

test("what is done while a push runs goes with the next", LIMIT, async () => {
  const { space, book, states } = await begin();
  await until(() => states.includes("live"));
  for (let index = 0; index < 20; index += 1) {
    await book.do(CreateTransactionRequestSchema, expense(space).value as never);
  }
  await until(async () => (await book.pending()).size === 0);
  assert.equal(space.pushed.flat().length, 20);
});

test("a copy that is behind is pulled, and watched from there", LIMIT, async () => {
  const { space, book, states } = await begin();
  await until(() => states.includes("live"));
  const tell = space.tell;
  space.tell = () => undefined;
  const head = space.do(expense(space));
  space.tell = tell;
  space.tell({ case: "behind", value: create(WatchBehindSchema, { spaceId: space.id, head }) });
  await until(async () => (await count(book)) === 1);
  space.do(expense(space));
  await until(async () => (await count(book)) === 2);
});

test("changes that do not follow on the copy are not believed: it pulls", LIMIT, async () => {
  const { space, book, states } = await begin();
  await until(() => states.includes("live"));
  const tell = space.tell;
  space.tell = () => undefined;
  space.do(expense(space));
  await book.pull(space.server);
  space.do(expense(space));
  space.tell = tell;
  space.do(expense(space));
  await until(async () => (await count(book)) === 3);
});

test("a server that was away is watched again when it is back", LIMIT, async () => {
  const { space, book, states } = await begin();
  await until(() => states.includes("live"));
  space.failures = [failure(Code.Unavailable, {}), failure(Code.Unavailable, {})];
  space.tell({ case: "goodbye", value: create(WatchGoodbyeSchema) });
  await until(() => states.filter((state) => state === "live").length === 2);
  space.do(expense(space));
  await until(async () => (await count(book)) === 1);
});

test("a stream without a sign of life is taken for dead", LIMIT, async () => {
  const { space, states } = await begin({ silenceMs: 20 });
  await until(() => states.filter((state) => state === "live").length >= 3);
  assert.ok(space.watched <= 1);
});

test("one tab works, and the next takes over when it stops", LIMIT, async () => {
  const { space, states, start, watcher } = await begin();
  await until(() => states.includes("live"));
  start();
  await until(() => states.filter((state) => state === "following").length === 2);
  assert.equal(space.watched, 1);
  watcher.stop();
  await until(() => states.filter((state) => state === "live").length === 2);
});

test("a space that is new is told of, and one that is lost is forgotten", LIMIT, async () => {
  const added: string[] = [];
  const { space, book, states } = await begin({ onAdded: (spaceId) => added.push(spaceId) });
  await until(() => states.includes("live"));
  space.do(expense(space));
  await until(async () => (await count(book)) === 1);
  space.tell({ case: "added", value: create(WatchAddedSchema, { spaceId: "other" }) });
  space.tell({ case: "forget", value: create(WatchForgetSchema, { spaceId: space.id }) });
  await until(async () => (await count(book)) === 0);
  assert.deepEqual(added, ["other"]);
});

test("whoever is signed out is told so, and nothing is tried again", LIMIT, async () => {
  const errors: (string | undefined)[] = [];
  const { space, states } = await begin({ onError: (error) => errors.push(error.reason) });
  await until(() => states.includes("live"));
  space.failures = [failure(Code.Unauthenticated, { info: { domain: "tallystick", reason: "REFRESH_TOKEN_REUSED" } })];
  space.tell({ case: "goodbye", value: create(WatchGoodbyeSchema) });
  await until(() => states.includes("ended"));
  assert.deepEqual(errors, ["REFRESH_TOKEN_REUSED"]);
});
