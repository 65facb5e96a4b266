import assert from "node:assert/strict";

import { Code } from "@connectrpc/connect";

import { ErrorReason } from "../../src/gen/tallystick/v1/error_reason_pb.js";
import { AccountSchema, TransactionSchema } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import { UpdateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_transactions_pb.js";
import { Outcome } from "../../src/gen/tallystick/v1/sync_pb.js";
import { newId } from "../../src/index.js";
import { failure } from "../server.js";
import { draft, expense, held, on, rejected } from "./books.js";

on(
  "what is refused goes to the tray with its reason, with what it blocks, and is not sent again by itself",
  async ({ space, book }) => {
    await book.pull(space.server);
    const transactionId = newId();
    const made = await book.do(CreateTransactionRequestSchema, { ...draft(space, 100n), transactionId });
    const edited = await book.do(UpdateTransactionRequestSchema, { transactionId, change: { note: "more" } });
    const other = await book.do(CreateTransactionRequestSchema, draft(space, 7n));
    space.verdicts.set(made.requestId, { outcome: Outcome.REJECTED, rejection: rejected(ErrorReason.ACCOUNT_CLOSED) });
    space.verdicts.set(edited.requestId, { outcome: Outcome.BLOCKED_BY, blockedBy: made.requestId });
    await book.sync(space.server);
    const tray = await book.tray();
    assert.deepEqual(
      tray.map((each) => [each.requestId, each.blockedBy, each.rejection?.reason]),
      [
        [made.requestId, "", ErrorReason.ACCOUNT_CLOSED],
        [edited.requestId, made.requestId, undefined],
      ],
    );
    assert.deepEqual(
      (await book.list(TransactionSchema)).map((each) => each.id),
      other.ids,
    );
    await book.sync(space.server);
    assert.equal(space.pushed.length, 1);
    await book.retry(made.requestId);
    assert.deepEqual(await book.tray(), []);
    assert.equal((await book.get(TransactionSchema, transactionId))?.note, "more");
    await book.sync(space.server);
    const ids = space.pushed[1]?.map((each) => each.command.value?.requestId) ?? [];
    assert.equal(ids.length, 2);
    assert.ok(!ids.includes(made.requestId) && !ids.includes(edited.requestId));
    assert.equal((await book.get(TransactionSchema, transactionId))?.note, "more");
  },
);

on("what is refused can be forgotten, with what it blocks", async ({ space, book }) => {
  const { requestId } = await book.do(CreateTransactionRequestSchema, draft(space, 100n));
  space.verdicts.set(requestId, { outcome: Outcome.REJECTED, rejection: rejected(ErrorReason.ROLE_TOO_LOW) });
  await book.sync(space.server);
  await book.discard(requestId);
  assert.deepEqual(await book.tray(), []);
});

on("a space that is lost leaves what no copy held, under its request ids", async ({ space, book }) => {
  const sent = await book.do(CreateTransactionRequestSchema, draft(space, 1n));
  await book.push(space.server);
  const waiting = await book.do(CreateTransactionRequestSchema, draft(space, 2n));
  await book.forget();
  assert.deepEqual([...(await book.pending())], []);
  const drafts = await book.drafts();
  assert.deepEqual(
    drafts.map(({ mutation }) => mutation.command.value?.requestId),
    [sent.requestId, waiting.requestId],
  );
  // Back in the space: it may have been put back to before the first was done.
  for (const { position } of drafts) {
    await book.putBack(position);
  }
  await book.push(space.server);
  const ids = space.pushed.at(-1)?.map((each) => each.command.value?.requestId);
  assert.deepEqual(ids, [sent.requestId, waiting.requestId]);
  assert.deepEqual(await book.drafts(), []);
});

on("a conflict leaves the outbox, and what was replaced is offered", async ({ space, book }) => {
  await book.pull(space.server);
  const [met, merged] = [
    await book.do(CreateTransactionRequestSchema, draft(space, 1n)),
    await book.do(CreateTransactionRequestSchema, draft(space, 2n)),
  ];
  const heard: string[] = [];
  book.subscribe((what) => heard.push(what));
  space.verdicts.set(met.requestId, { outcome: Outcome.CONFLICT });
  space.verdicts.set(merged.requestId, {
    outcome: Outcome.MERGED,
    replaced: [{ $typeName: "tallystick.v1.Replaced", groups: ["note"] }],
  });
  await book.push(space.server);
  assert.deepEqual([...(await book.pending())], []);
  const [replaced] = await book.replaced();
  assert.deepEqual([replaced?.requestId, replaced?.replaced.groups], [merged.requestId, ["note"]]);
  assert.deepEqual(new Set(heard), new Set(["changed", "conflict", "replaced"]));
  await book.forgetReplaced(replaced?.position ?? 0);
  assert.deepEqual(await book.replaced(), []);
});

on("a request id that a cloned device has used is replaced, and what follows on it too", async ({ space, book }) => {
  await book.pull(space.server);
  const transactionId = newId();
  const made = await book.do(CreateTransactionRequestSchema, { ...draft(space, 100n), transactionId });
  const edited = await book.do(UpdateTransactionRequestSchema, { transactionId, change: { note: "mine" } });
  space.verdicts.set(made.requestId, { outcome: Outcome.REJECTED, rejection: rejected(ErrorReason.REQUEST_ID_REUSED) });
  space.verdicts.set(edited.requestId, { outcome: Outcome.BLOCKED_BY, blockedBy: made.requestId });
  await book.sync(space.server);
  assert.deepEqual(await book.tray(), []);
  const [one, two] = space.pushed[1] ?? [];
  assert.notEqual(one?.command.value?.requestId, made.requestId);
  assert.deepEqual(two?.seenRequestIds, [one?.command.value?.requestId]);
  assert.equal((await book.get(TransactionSchema, transactionId))?.note, "mine");
});

on("a create whose entity the clone has made already is done", async ({ space, book }) => {
  const transactionId = newId();
  const made = await book.do(CreateTransactionRequestSchema, { ...draft(space, 100n), transactionId });
  space.do(expense(space, 100n, transactionId));
  await book.pull(space.server);
  space.verdicts.set(made.requestId, { outcome: Outcome.REJECTED, rejection: rejected(ErrorReason.REQUEST_ID_REUSED) });
  const verdicts = space.verdicts;
  space.verdicts = {
    get: (id: string) => verdicts.get(id) ?? { outcome: Outcome.REJECTED, rejection: rejected(ErrorReason.ID_TAKEN) },
  } as never;
  await book.sync(space.server);
  assert.deepEqual([await book.tray(), [...(await book.pending())]], [[], []]);
  assert.equal(await held(book), -100n);
});

on("a reset makes the copy anew and leaves the outbox alone", async ({ space, book }) => {
  space.do(expense(space, 100n));
  await book.pull(space.server);
  await book.do(CreateTransactionRequestSchema, draft(space, 1n));
  space.goBack();
  await book.pull(space.server);
  assert.equal((await book.list(AccountSchema)).length, 1);
  assert.equal(await held(book), -1n);
  await book.sync(space.server);
  assert.equal(await held(book), -1n);
});

on("what was done and is in no copy yet is sent again to a space that went back", async ({ space, book }) => {
  space.do(expense(space, 100n));
  await book.pull(space.server);
  await book.do(CreateTransactionRequestSchema, draft(space, 1n));
  await book.push(space.server);
  space.goBack();
  // Cut in the middle, too: what the device knows of the old versions must not hold up the rest of the new copy.
  space.pageSize = 1;
  space.do(expense(space, 5n));
  space.failures = ["cut"];
  await book.sync(space.server);
  assert.equal(await held(book), -6n);
  assert.deepEqual([...(await book.pending())], []);
  assert.equal(space.journal.length, 3);
});

on("a space that the user lost leaves nothing of others, and their own unsent work as drafts", async ({ space, book }) => {
  space.do(expense(space, 100n));
  await book.pull(space.server);
  await book.do(CreateTransactionRequestSchema, draft(space, 1n));
  const lost = failure(Code.NotFound, { info: { domain: "tallystick", reason: "NOT_FOUND" } });
  space.failures = [lost];
  await book.pull(space.server);
  assert.deepEqual([await book.list(TransactionSchema), await book.list(AccountSchema), await book.cursor()], [[], [], ""]);
  const [kept] = await book.drafts();
  assert.equal(kept?.mutation.command.case, "createTransaction");
  await book.sync(space.server);
  await book.putBack(kept?.position ?? 0);
  await book.sync(space.server);
  assert.equal(await held(book), -101n);
  assert.deepEqual(await book.drafts(), []);
});
