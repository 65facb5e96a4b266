import assert from "node:assert/strict";

import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";

import {
  AddCommentRequestSchema,
  DeleteCommentRequestSchema,
  ExpenseCommentSchema,
} from "../../src/gen/tallystick/v1/group_activity_pb.js";
import {
  BatchCreateExpensesRequestSchema,
  CreateExpenseRequestSchema,
  DeleteExpenseRequestSchema,
  ExpenseKind,
  ExpenseSchema,
  RestoreExpenseRequestSchema,
  RevertExpenseRequestSchema,
  UpdateExpenseRequestSchema,
} from "../../src/gen/tallystick/v1/group_expenses_pb.js";
import { AddGuestRequestSchema, LeaveGroupRequestSchema } from "../../src/gen/tallystick/v1/group_members_pb.js";
import {
  ArchiveGroupRequestSchema,
  GroupSchema,
  LockPeriodRequestSchema,
  ReopenPeriodRequestSchema,
  UnarchiveGroupRequestSchema,
  UpdateGroupRequestSchema,
} from "../../src/gen/tallystick/v1/group_pb.js";
import {
  CancelSettlementPlanRequestSchema,
  CreateSettlementPlanRequestSchema,
  SettlementPlanSchema,
  SettlementPlanState,
} from "../../src/gen/tallystick/v1/group_plans_pb.js";
import {
  CreateRecurringExpenseRequestSchema,
  DeleteRecurringExpenseRequestSchema,
  RecurringExpenseSchema,
  RestoreRecurringExpenseRequestSchema,
  UpdateRecurringExpenseRequestSchema,
} from "../../src/gen/tallystick/v1/group_recurring_pb.js";
import {
  ConfirmSettlementRequestSchema,
  DisputeSettlementRequestSchema,
  RecordSettlementRequestSchema,
  ReverseSettlementRequestSchema,
  SettlementSchema,
  SettlementState,
} from "../../src/gen/tallystick/v1/group_settlements_pb.js";
import {
  GroupLinkSchema,
  LinkGroupToBookRequestSchema,
  UnlinkGroupRequestSchema,
  UpdateGroupLinkRequestSchema,
} from "../../src/gen/tallystick/v1/ledger_links_pb.js";
import { Role } from "../../src/gen/tallystick/v1/role_pb.js";
import { MemberSchema, MemberState } from "../../src/gen/tallystick/v1/space_pb.js";
import { newId } from "../../src/index.js";
import type { OfflineBook } from "../../src/offline/index.js";
import type { Shown } from "../../src/offline/view.js";
import { expense, type Its, on, USER_ID } from "./books.js";

const ANN = newId();
const GUS = newId();
const HAL = newId();
const DAY = "2026-02-03";

function eur(minor: bigint) {
  return { currency: "EUR", minor };
}

/** A group of Ann, whose device it is, and two guests, with a plan that Gus pays Ann and Hal pays Ann. */
async function found({ space, book }: Its): Promise<string> {
  const planId = newId();
  const { ACTIVE, GUEST } = MemberState;
  const members = [
    { id: ANN, userId: USER_ID, state: ACTIVE, role: Role.OWNER, displayName: "Ann" },
    { id: GUS, state: GUEST, displayName: "Gus" },
    { id: HAL, state: GUEST, displayName: "Hal" },
  ].map((each) => create(MemberSchema, { ...each, spaceId: space.id }));
  const payments = [GUS, HAL].map((fromMemberId, line) => ({ line, fromMemberId, toMemberId: ANN, amount: eur(1000n) }));
  const plan = create(SettlementPlanSchema, {
    id: planId,
    groupId: space.id,
    state: SettlementPlanState.OPEN,
    currencies: [{ currency: "EUR", payments }],
  });
  const group = create(GroupSchema, { id: space.id, name: "Trip", defaultCurrency: "EUR", timeZone: "Asia/Tokyo" });
  const shown: [string, Shown["entity"]][] = [
    [`expenseGroup/${space.id}`, group],
    ...members.map((each): [string, Shown["entity"]] => [`member/${each.id}`, each]),
    [`settlementPlan/${planId}`, plan],
  ];
  space.record(new Map(shown.map(([target, entity]) => [target, { entity, deleted: false }])));
  space.userId = USER_ID;
  await book.pull(space.server);
  return planId;
}

async function look(book: OfflineBook): Promise<string> {
  const schemas = [ExpenseSchema, SettlementSchema, SettlementPlanSchema, MemberSchema, GroupSchema];
  const lists = await Promise.all([...schemas, RecurringExpenseSchema, ExpenseCommentSchema].map((each) => book.list(each)));
  const told = [...lists.flat(), ...(await book.groupBalances()).map(({ nets, ...rest }) => ({ ...rest, nets: [...nets] }))];
  const unknown = ["version", "createdAt", "joinedAt"];
  return JSON.stringify(told, (_, value) => {
    if (typeof value === "bigint") {
      return `${value}`;
    }
    const isMessage = typeof value === "object" && value !== null && !Array.isArray(value);
    const fields = isMessage ? Object.entries(value).filter(([name]) => !unknown.includes(name)) : [];
    return isMessage ? Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1))) : value;
  });
}

/** Does it, and sees that what is shown then is what is shown when it was sent. */
async function doAndSend<D extends DescMessage>({ space, book }: Its, schema: D, init: MessageInitShape<D>): Promise<string> {
  const done = await book.do(schema, init);
  const before = await look(book);
  await book.sync(space.server);
  assert.equal(await look(book), before, schema.typeName);
  return done.ids[0] ?? "";
}

async function netOf(book: OfflineBook, memberId: string): Promise<bigint | undefined> {
  return (await book.groupBalances())[0]?.nets.get(memberId);
}

on("an expense is shared before it is sent, and balances follow", async (its) => {
  const { book } = its;
  await found(its);
  const dinner = { bookedOn: DAY, amount: eur(1000n), description: "Dinner" };
  const id = await doAndSend(its, CreateExpenseRequestSchema, { expense: dinner });
  const made = await book.get(ExpenseSchema, id);
  assert.deepEqual([made?.groupId, made?.shares.length, made?.payers[0]?.memberId], [its.space.id, 3, ANN]);
  const owed = made?.shares.find((each) => each.memberId === ANN)?.owedMinor ?? 0n;
  assert.equal(await netOf(book, ANN), 1000n - owed);

  await doAndSend(its, UpdateExpenseRequestSchema, { expenseId: id.toUpperCase(), change: { amount: eur(3000n) } });
  assert.equal(await netOf(book, ANN), 2000n);
  assert.deepEqual(await book.groupBalances("2026-02-02"), []);
  await doAndSend(its, CreateExpenseRequestSchema, {
    expense: { bookedOn: DAY, amount: eur(300n), kind: ExpenseKind.REFUND, refundOfId: id },
  });
  assert.equal(await netOf(book, ANN), 1800n);
  // What has refunds stays.
  await doAndSend(its, DeleteExpenseRequestSchema, { expenseId: id });
  assert.equal((await book.list(ExpenseSchema)).length, 2);

  await doAndSend(its, BatchCreateExpensesRequestSchema, { expenses: [dinner, { ...dinner, amount: eur(2n) }] });
  const [first = ""] = (await book.list(ExpenseSchema)).filter((each) => each.amount?.minor === 2n).map((each) => each.id);
  await doAndSend(its, DeleteExpenseRequestSchema, { expenseId: first });
  assert.equal(await book.get(ExpenseSchema, first), undefined);
  await doAndSend(its, RestoreExpenseRequestSchema, { expenseId: first });
  assert.ok(await book.get(ExpenseSchema, first));
});

on("settlements, and the plan that they pay", async (its) => {
  const { space, book } = its;
  const planId = await found(its);
  const stateOf = async (id: string) => (await book.get(SettlementSchema, id))?.state;
  const planState = async () => (await book.get(SettlementPlanSchema, planId))?.state;
  const amount = eur(10n);
  const given = await doAndSend(its, RecordSettlementRequestSchema, { toMemberId: GUS, amount, bookedOn: DAY });
  assert.equal(await netOf(book, ANN), 10n);
  await doAndSend(its, ConfirmSettlementRequestSchema, { settlementId: given });
  assert.equal(await stateOf(given), SettlementState.CONFIRMED);
  await doAndSend(its, ReverseSettlementRequestSchema, { settlementId: given });
  await doAndSend(its, ConfirmSettlementRequestSchema, { settlementId: given });
  assert.equal(await stateOf(given), SettlementState.REVERSED);
  assert.deepEqual(await book.groupBalances(), []);

  const paid = await doAndSend(its, RecordSettlementRequestSchema, { fromMemberId: GUS, toMemberId: ANN, planId, planLine: 0 });
  await doAndSend(its, RecordSettlementRequestSchema, { fromMemberId: HAL, toMemberId: ANN, planId, planLine: 1 });
  assert.equal(await planState(), SettlementPlanState.DONE);
  assert.match((await book.get(SettlementSchema, paid))?.bookedOn ?? "", /^\d{4}-\d\d-\d\d$/);
  await book.do(DisputeSettlementRequestSchema, { settlementId: paid, text: " no " });
  await book.do(CancelSettlementPlanRequestSchema, { planId });
  assert.equal(await planState(), SettlementPlanState.CANCELLED);
  await book.sync(space.server);
  const [dispute, cancel] = space.pushed.at(-1) ?? [];
  // Both are about the plan: the one is made on what the other does to it, and on all that was done to it before.
  assert.equal(dispute?.baseVersion, ((await book.get(SettlementPlanSchema, planId))?.version ?? 0n) - 2n);
  assert.deepEqual(cancel?.seenRequestIds, [dispute?.command.value?.requestId]);
});

on("a group, its guests, what is said in it, and what recurs", async (its) => {
  const { space, book } = its;
  await found(its);
  const group = async () => (await book.list(GroupSchema))[0];
  await doAndSend(its, UpdateGroupRequestSchema, { name: " Hike ", description: " up " });
  const ivy = await doAndSend(its, AddGuestRequestSchema, { displayName: " Ivy " });
  await doAndSend(its, UpdateGroupRequestSchema, { defaultSplit: [{ memberId: ivy, weight: 2n }, { memberId: ANN, weight: 1n }] });
  assert.deepEqual([(await group())?.name, (await group())?.description], ["Hike", "up"]);
  const expenseId = await doAndSend(its, CreateExpenseRequestSchema, { expense: { bookedOn: DAY, amount: eur(9n) } });
  assert.equal((await book.get(ExpenseSchema, expenseId))?.split?.mode.case, "weighted");

  const commentId = await doAndSend(its, AddCommentRequestSchema, { expenseId, text: " Salty " });
  assert.deepEqual((await book.list(ExpenseCommentSchema)).map((each) => [each.text, each.memberId]), [["Salty", ANN]]);
  await doAndSend(its, DeleteCommentRequestSchema, { commentId });
  assert.equal((await book.list(ExpenseCommentSchema)).length, 0);

  const draft = { amount: eur(5n), payers: [{ memberId: ANN, minor: 5n }] };
  const schedule = { startsOn: "2030-01-01", rule: "FREQ=MONTHLY" };
  const recurringId = await doAndSend(its, CreateRecurringExpenseRequestSchema, { draft, schedule });
  await doAndSend(its, UpdateRecurringExpenseRequestSchema, { recurringId, paused: true });
  await doAndSend(its, DeleteRecurringExpenseRequestSchema, { recurringId });
  await doAndSend(its, RestoreRecurringExpenseRequestSchema, { recurringId });
  assert.equal((await book.get(RecurringExpenseSchema, recurringId))?.paused, true);

  await doAndSend(its, LockPeriodRequestSchema, { lockedUntil: DAY });
  await doAndSend(its, UpdateExpenseRequestSchema, { expenseId, change: { amount: eur(8n) } });
  await doAndSend(its, UpdateExpenseRequestSchema, { expenseId, change: { note: "described" } });
  const kept = await book.get(ExpenseSchema, expenseId);
  assert.deepEqual([kept?.amount?.minor, kept?.note], [9n, "described"]);
  await doAndSend(its, ReopenPeriodRequestSchema, {});
  await doAndSend(its, ArchiveGroupRequestSchema, {});
  await doAndSend(its, CreateExpenseRequestSchema, { expense: { bookedOn: DAY, amount: eur(1n) } });
  await doAndSend(its, AddGuestRequestSchema, { displayName: "Kim" });
  assert.equal((await book.list(ExpenseSchema)).length, 1);
  await doAndSend(its, UnarchiveGroupRequestSchema, {});
  assert.equal((await group())?.archived, false);

  // What only the server knows is pending until it says.
  await book.do(RevertExpenseRequestSchema, { expenseId, toVersion: 1n });
  const { ids } = await book.do(CreateSettlementPlanRequestSchema, {});
  assert.deepEqual(await book.pending(), new Set([expenseId, ...ids]));
  assert.deepEqual((await book.do(LeaveGroupRequestSchema, {})).ids, []);
  assert.equal(space.pushed.flat().every(({ command }) => (command.value as { groupId?: string }).groupId === space.id), true);
});

on("a book follows a group", async ({ space, book }) => {
  const groupId = newId();
  const link = create(GroupLinkSchema, { id: newId(), bookId: space.id, groupId });
  space.record(new Map([[`groupLink/${link.id}`, { entity: link, deleted: false }]]));
  space.do(expense(space, 1n));
  await book.pull(space.server);
  assert.deepEqual((await book.do(LinkGroupToBookRequestSchema, { groupId })).ids, []);
  await book.do(UpdateGroupLinkRequestSchema, { linkId: link.id, paidFromAccountId: space.accountId.toUpperCase() });
  assert.equal((await book.get(GroupLinkSchema, link.id))?.paidFromAccountId, space.accountId);
  await book.do(UnlinkGroupRequestSchema, { linkId: link.id });
  await book.push(space.server);
  const [made, updated, ended] = space.pushed[0] ?? [];
  assert.equal(made?.command.case === "linkGroupToBook" && made.command.value.bookId, space.id);
  assert.equal(made?.command.case === "linkGroupToBook" && made.command.value.groupId, groupId);
  assert.deepEqual([made?.baseVersion, updated?.baseVersion, ended?.baseVersion], [undefined, 2n, 3n]);
});
