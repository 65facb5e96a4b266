import assert from "node:assert/strict";

import { Code } from "@connectrpc/connect";

import { TransactionSchema } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import {
  DeleteTransactionRequestSchema,
  UpdateTransactionRequestSchema,
} from "../../src/gen/tallystick/v1/ledger_transactions_pb.js";
import { newId } from "../../src/index.js";
import { composeCommand } from "../../src/offline/commands.js";
import { putChanges, readSpace } from "../../src/offline/rows.js";
import { failure } from "../server.js";
import { draft, expense, held, on } from "./books.js";
import type { Space } from "./space.js";

on("a first sync shows nothing until it is whole, and then everything", async ({ space, book }) => {
  for (let count = 0; count < 5; count += 1) {
    space.do(expense(space, 100n));
  }
  space.pageSize = 2;
  const lengths: number[] = [];
  book.subscribe(async () => lengths.push((await book.list(TransactionSchema)).length));
  await book.pull(space.server);
  assert.equal((await book.list(TransactionSchema)).length, 5);
  assert.deepEqual(new Set(lengths), new Set([5]));
  assert.equal(await book.cursor(), space.cursor);
});

on("a first sync that is cut goes on where it was, also after the app was killed", async ({ space, book, open }) => {
  for (let count = 0; count < 5; count += 1) {
    space.do(expense(space, 100n));
  }
  space.pageSize = 2;
  space.failures = ["cut"];
  await assert.rejects(book.pull({ transport: cutOff(space) }));
  const again = (await open()).book;
  assert.deepEqual(await again.list(TransactionSchema), []);
  await again.pull(space.server);
  assert.equal((await again.list(TransactionSchema)).length, 5);
  assert.equal(await held(again), -500n);
});

on("what was done is kept and shown before the server knows, also after the app was killed", async ({ space, book, open }) => {
  await book.pull(space.server);
  const { ids } = await book.do(CreateTransactionRequestSchema, draft(space, 1230n));
  const again = (await open()).book;
  const shown = await again.get(TransactionSchema, ids[0] ?? "");
  assert.equal(shown?.entries[0]?.amount?.minor, -1230n);
  assert.equal(shown.version, 0n);
  assert.equal(await held(again), -1230n);
  assert.deepEqual([...(await again.pending())], ids);
  await again.sync(space.server);
  assert.deepEqual([...(await again.pending())], []);
  assert.equal((await again.get(TransactionSchema, ids[0] ?? ""))?.version, space.head);
  assert.equal(await held(again), -1230n);
});

on("what was sent is shown until the copy holds it, and never twice", async ({ space, book }) => {
  await book.pull(space.server);
  await book.do(CreateTransactionRequestSchema, draft(space, 100n));
  await book.push(space.server);
  assert.equal((await book.pending()).size, 1);
  assert.equal(await held(book), -100n);
  await book.pull(space.server);
  assert.equal((await book.pending()).size, 0);
  assert.equal(await held(book), -100n);
});

on("an answer that was lost is asked for again with the same bytes", async ({ space, book }) => {
  await book.pull(space.server);
  await book.do(CreateTransactionRequestSchema, draft(space, 100n));
  space.failures = ["cut"];
  await book.push(space.server);
  assert.equal(space.pushed.length, 2);
  assert.deepEqual(space.pushed[0], space.pushed[1]);
  await book.pull(space.server);
  assert.equal((await book.list(TransactionSchema)).length, 1);
});

on("a device never conflicts with itself: later edits name the earlier ones", async ({ space, book }) => {
  const version = space.do(expense(space, 100n, "00000000-0000-7000-8000-000000000001"));
  await book.pull(space.server);
  const transactionId = "00000000-0000-7000-8000-000000000001";
  const first = await book.do(UpdateTransactionRequestSchema, { transactionId, change: { note: "one" } });
  const second = await book.do(UpdateTransactionRequestSchema, { transactionId, change: { note: "two" } });
  await book.do(CreateTransactionRequestSchema, draft(space, 5n));
  await book.push(space.server);
  const [one, two, three] = space.pushed[0] ?? [];
  assert.equal(one?.baseVersion, version);
  assert.deepEqual(one?.seenRequestIds, []);
  assert.equal(two?.baseVersion, version);
  assert.deepEqual(two?.seenRequestIds, [first.requestId]);
  assert.equal(two?.command.value?.requestId, second.requestId);
  assert.equal(three?.baseVersion, undefined);
  assert.deepEqual(three?.seenRequestIds, []);
});

on("others' changes come in under what waits", async ({ space, book }) => {
  const transactionId = newId();
  space.do(expense(space, 100n, transactionId));
  await book.pull(space.server);
  await book.do(UpdateTransactionRequestSchema, { transactionId, change: { note: "mine" } });
  space.do(composeCommand(UpdateTransactionRequestSchema, { transactionId, change: { payee: "theirs" } }, space.id));
  await book.pull(space.server);
  const shown = await book.get(TransactionSchema, transactionId);
  assert.deepEqual([shown?.note, shown?.payee, shown?.version], ["mine", "theirs", space.head]);
});

on("a copy that differs from the space is found out and made anew", async ({ space, book, storage }) => {
  space.do(expense(space, 100n));
  await book.pull(space.server);
  const { digestOf } = await import("../../src/offline/digest.js");
  const rows = await storage.read((tx) => tx.all("entities", [space.id]));
  const digest = await digestOf(rows);
  space.status = { liveCount: BigInt(digest?.liveCount ?? 0), digest: digest?.sum ?? 0n };
  assert.equal(await book.verify(space.server), "same");
  const [lost] = rows.filter((row) => row.kind === "transaction");
  await storage.write(async (tx) => tx.delete("entities", [space.id, lost?.copy ?? 0, "transaction", lost?.id ?? ""]));
  assert.equal(await book.verify(space.server), "mismatch");
  assert.equal(await book.verify(space.server), "same");
  space.do(expense(space, 1n));
  assert.equal(await book.verify(space.server), "elsewhere");
});

on("what does not follow on the copy, or is older than what it has, changes nothing", async ({ space, book, storage }) => {
  const transactionId = newId();
  space.do(expense(space, 100n, transactionId));
  const older = space.journal.slice(-1);
  space.do(composeCommand(UpdateTransactionRequestSchema, { transactionId, change: { note: "newer" } }, space.id));
  await book.pull(space.server);
  const cursor = await book.cursor();
  assert.equal(await book.follow("elsewhere", "further", older), false);
  assert.equal(await book.cursor(), cursor);
  await storage.write(async (tx) => putChanges(tx, space.id, (await readSpace(tx, space.id)).copy, older));
  assert.equal((await book.get(TransactionSchema, transactionId))?.note, "newer");
  assert.equal(await held(book), -100n);
});

on("two tabs see what either does, and send it once", async ({ space, book, open }) => {
  const other = (await open()).book;
  await book.pull(space.server);
  const heard = new Promise<void>((resolve) => other.subscribe(() => resolve()));
  await book.do(CreateTransactionRequestSchema, draft(space, 100n));
  await heard;
  assert.equal(await held(other), -100n);
  await Promise.all([book.sync(space.server), other.sync(space.server)]);
  assert.equal(space.pushed.length, 1);
  assert.equal(await held(book), -100n);
});

on("what is deleted and brought back counts again", async ({ space, book }) => {
  const transactionId = newId();
  space.do(expense(space, 100n, transactionId));
  await book.pull(space.server);
  await book.do(DeleteTransactionRequestSchema, { transactionId });
  assert.equal(await held(book), 0n);
  await book.sync(space.server);
  assert.equal(await held(book), 0n);
  assert.equal(await book.get(TransactionSchema, transactionId), undefined);
});

/** A server that goes away for good after the first failure. */
function cutOff(space: Space) {
  const { transport } = space.server;
  let calls = 0;
  return {
    ...transport,
    stream: (...call: Parameters<typeof transport.stream>) => {
      calls += 1;
      if (calls > 1) {
        throw failure(Code.PermissionDenied, { info: { domain: "tallystick", reason: "ROLE_TOO_LOW" } });
      }
      return transport.stream(...call);
    },
  } as typeof transport;
}
