// What the server refuses waits in the tray; what met another change waits for a decision; whoever is removed keeps their own work.

import { c, newId, Person } from "./device.mjs";

const ann = await new Person().signUp();
const bookId = await ann.openBook();
const [one, two] = [await ann.device(bookId), await ann.device(bookId)];
const accountId = newId();
const transactionId = newId();
const expense = (minor) => ({
  kind: c.TransactionKind.EXPENSE,
  accountId,
  amount: { currency: "EUR", minor },
  bookedOn: "2026-02-03",
});
await one.do(c.CreateAccountRequestSchema, { accountId, name: "Cash", type: c.AccountType.CASH, currency: "EUR" });
await one.do(c.CreateTransactionRequestSchema, { ...expense(100n), transactionId });
await one.sync(ann.tallystick);
await two.sync(ann.tallystick);
const found = {};

await two.do(c.CloseAccountRequestSchema, { accountId, closedOn: "2026-02-10" });
await two.sync(ann.tallystick);
const late = { ...expense(7n), transactionId: newId(), bookedOn: "2026-02-11" };
await one.do(c.CreateTransactionRequestSchema, late);
await one.do(c.UpdateTransactionRequestSchema, { transactionId: late.transactionId, change: { note: "late" } });
await one.sync(ann.tallystick);
found.refused = (await one.tray()).map(({ rejection, blockedBy }) => [
  rejection?.metadata.account_id === accountId,
  blockedBy !== "",
]);
await two.do(c.ReopenAccountRequestSchema, { accountId });
await two.sync(ann.tallystick);
await one.retry((await one.tray())[0].requestId);
await one.sync(ann.tallystick);
found.afterRetry = [(await one.get(c.TransactionSchema, late.transactionId))?.note, (await one.tray()).length];

await one.do(c.DeleteTransactionRequestSchema, { transactionId });
await two.pull(ann.tallystick);
await two.do(c.UpdateTransactionRequestSchema, { transactionId, change: { note: "keep it" } });
await two.sync(ann.tallystick);
await one.sync(ann.tallystick);
const [conflict] = await one.conflicts();
found.conflict = [c.ConflictRule[conflict.rule], (await one.get(c.TransactionSchema, transactionId))?.note];
await one.do(c.ResolveConflictRequestSchema, { conflictId: conflict.id, choice: c.ConflictChoice.TAKE_MINE });
found.shownAtOnce = [(await one.conflicts()).length, (await one.get(c.TransactionSchema, transactionId)) === undefined];
await one.sync(ann.tallystick);
await two.sync(ann.tallystick);
found.afterDecision = [(await two.conflicts()).length, (await two.get(c.TransactionSchema, transactionId)) === undefined];
found.verdicts = [await one.verify(ann.tallystick), await two.verify(ann.tallystick)];

const bob = await new Person().signUp();
const { invitation } = await ann.tallystick.spaces.invite({ requestId: newId(), spaceId: bookId, role: c.Role.EDITOR, usesMax: 1 });
await bob.tallystick.spaces.joinByCode({ requestId: newId(), code: invitation.code });
const theirs = await bob.device(bookId);
found.member = [(await theirs.list(c.AccountSchema)).length, await theirs.verify(bob.tallystick)];
await theirs.do(c.CreateTransactionRequestSchema, expense(3n));
const { members } = await ann.tallystick.spaces.listMembers({ spaceId: bookId });
const memberId = members.find((member) => member.userId === bob.user.id).id;
await ann.tallystick.spaces.removeMember({ requestId: newId(), spaceId: bookId, memberId });
await theirs.sync(bob.tallystick);
found.removed = [(await theirs.list(c.AccountSchema)).length, (await theirs.drafts()).length];
console.log(JSON.stringify(found));
