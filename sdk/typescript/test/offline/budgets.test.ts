import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create, type DescMessage, fromJson, type MessageInitShape } from "@bufbuild/protobuf";

import {
  BudgetItemSchema,
  CreateBudgetItemRequestSchema,
  DeleteBudgetItemRequestSchema,
  RestoreBudgetItemRequestSchema,
  UpdateBudgetItemRequestSchema,
} from "../../src/gen/tallystick/v1/budget_items_pb.js";
import {
  AssignMoneyRequestSchema,
  BudgetMoveSchema,
  CopyForwardRequestSchema,
  MoveMoneyRequestSchema,
} from "../../src/gen/tallystick/v1/budget_moves_pb.js";
import {
  BudgetMode,
  BudgetSchema,
  CopyBudgetRequestSchema,
  CreateBudgetRequestSchema,
  UpdateBudgetRequestSchema,
} from "../../src/gen/tallystick/v1/budget_pb.js";
import { DeleteCategoryRequestSchema, MergeCategoriesRequestSchema } from "../../src/gen/tallystick/v1/ledger_categories_pb.js";
import { BookSchema, CategoryKind, CategorySchema, TransactionSchema, Weekday } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateCategoryRequestSchema, CreateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import { newId } from "../../src/index.js";
import { periodOf } from "../../src/offline/budget_periods.js";
import { idFollowing } from "../../src/offline/naming.js";
import { TOP } from "../bundle.js";
import { draft, type Its, on } from "./books.js";

const VECTORS = JSON.parse(readFileSync(new URL("../vectors/budgets.json", TOP), "utf8"));
const { LIMIT, ENVELOPE } = BudgetMode;
const MONTHLY = { scheme: { case: "months" as const, value: { months: 1 } } };
const [food, snacks, pay, months, jars, one, two] = [newId(), newId(), newId(), newId(), newId(), newId(), newId()];
const eur = (minor: bigint) => ({ currency: "EUR", minor });

type Do = <D extends DescMessage>(schema: D, init: MessageInitShape<D>) => Promise<unknown>;

/** A book with categories, a budget with limits, and one with two envelopes. */
async function settle({ space, book }: Its): Promise<Do> {
  const entity = create(BookSchema, { id: space.id, baseCurrency: "EUR", firstDayOfWeek: Weekday.SUNDAY, firstDayOfMonth: 15 });
  space.record(new Map([[`book/${space.id}`, { entity, deleted: false }]]));
  await book.pull(space.server);
  const act: Do = (schema, init) => book.do(schema, init);
  await act(CreateCategoryRequestSchema, { categoryId: food, name: "Food", kind: CategoryKind.EXPENSE });
  await act(CreateCategoryRequestSchema, { categoryId: snacks, name: "Snacks", kind: CategoryKind.EXPENSE });
  await act(CreateCategoryRequestSchema, { categoryId: pay, name: "Pay", kind: CategoryKind.INCOME });
  await act(CreateBudgetRequestSchema, { budgetId: months, name: "Plan", mode: LIMIT, periods: MONTHLY, startsOn: "2026-01-31" });
  await act(CreateBudgetRequestSchema, { budgetId: jars, name: "Jars", mode: ENVELOPE, periods: MONTHLY, startsOn: "2026-01-31" });
  for (const itemId of [one, two]) {
    await act(CreateBudgetItemRequestSchema, { budgetId: jars, itemId, name: "Jar", categoryIds: [food] });
  }
  return act;
}

async function look({ book }: Its): Promise<string> {
  const lists = await Promise.all(
    [BudgetSchema, BudgetItemSchema, BudgetMoveSchema, CategorySchema, TransactionSchema].map((each) => book.list(each)),
  );
  return JSON.stringify(lists, (_, value) => (typeof value === "bigint" ? String(value) : value));
}

on("a budget keeps what it leaves to the book", async (its) => {
  await settle(its);
  const [plan] = (await its.book.list(BudgetSchema)).filter(({ id }) => id === months);
  assert.deepEqual([plan?.currency, plan?.periods?.scheme.value], ["EUR", { ...plan?.periods?.scheme.value, anchorOn: "2026-01-15" }]);
  const weekly = newId();
  const periods = { scheme: { case: "weeks" as const, value: { weeks: 2 } } };
  await its.book.do(CreateBudgetRequestSchema, { budgetId: weekly, name: "Weekly", mode: LIMIT, periods });
  const { startsOn, periods: kept } = (await its.book.get(BudgetSchema, weekly)) ?? {};
  assert.match(startsOn ?? "", /^\d{4}-\d\d-\d\d$/);
  assert.deepEqual(kept?.scheme.value, { ...kept?.scheme.value, anchorOn: startsOn, firstDay: Weekday.SUNDAY });
});

on("a copy has the items, and nothing assigned", async (its) => {
  const act = await settle(its);
  const again = newId();
  await act(UpdateBudgetRequestSchema, { budgetId: jars, opening: eur(5n) });
  await act(CopyBudgetRequestSchema, { budgetId: jars, newBudgetId: again, name: " Again ", startsOn: "2026-03-01" });
  const copy = await its.book.get(BudgetSchema, again);
  assert.deepEqual([copy?.name, copy?.opening, copy?.startsOn, copy?.mode], ["Again", undefined, "2026-03-01", ENVELOPE]);
  const items = (await its.book.list(BudgetItemSchema)).filter(({ budgetId }) => budgetId === again);
  assert.deepEqual(new Set(items.map(({ id }) => id)), new Set([one, two].map((id) => idFollowing(again, id))));
  assert.ok((await its.book.pending()).has(again));
});

on("money is assigned, moved, and copied forward once", async (its) => {
  const act = await settle(its);
  const moved = async () =>
    (await its.book.list(BudgetMoveSchema))
      .map((each) => [each.periodFromOn, each.fromItemId, each.toItemId, each.amount?.minor])
      .sort();
  await act(AssignMoneyRequestSchema, { budgetId: jars, itemId: one, amount: eur(10n), on: "2026-01-20" });
  await act(AssignMoneyRequestSchema, { budgetId: jars, itemId: two, amount: eur(-3n), on: "2026-02-14" });
  await act(MoveMoneyRequestSchema, { budgetId: jars, fromItemId: one, toItemId: two, amount: eur(4n), on: "2026-01-20" });
  const first = [
    ["2026-01-15", "", one, 10n],
    ["2026-01-15", two, "", 3n],
    ["2026-01-15", one, two, 4n],
  ];
  assert.deepEqual(await moved(), first.sort());
  for (const toOn of ["2026-02-15", "2026-03-14"]) {
    await act(CopyForwardRequestSchema, { budgetId: jars, fromOn: "2026-01-15", toOn });
  }
  const copied = [
    ["2026-02-15", "", one, 6n],
    ["2026-02-15", "", two, 1n],
  ];
  assert.deepEqual(await moved(), [...first, ...copied].sort());
});

on("an item has one form, and comes back without the categories that are gone", async (its) => {
  const act = await settle(its);
  const itemId = newId();
  const about = { budgetId: months, itemId };
  const limits = [{ fromOn: "2026-03-01", amount: eur(30n) }, { amount: eur(0n) }];
  const categoryIds = [snacks, food, snacks.toUpperCase()];
  await act(CreateBudgetItemRequestSchema, { ...about, name: " Food ", categoryIds, limits, thresholdsBp: [2, 1] });
  const item = await its.book.get(BudgetItemSchema, itemId);
  assert.deepEqual([item?.name, item?.categoryIds], ["Food", [food, snacks].sort()]);
  assert.deepEqual([item?.limits.map(({ fromOn }) => fromOn), item?.thresholdsBp], [["", "2026-03-01"], [1, 2]]);
  await act(DeleteBudgetItemRequestSchema, about);
  await act(DeleteCategoryRequestSchema, { categoryId: snacks });
  await act(RestoreBudgetItemRequestSchema, about);
  assert.deepEqual((await its.book.get(BudgetItemSchema, itemId))?.categoryIds, [food]);
});

on("whatever has a category that is merged gets the other", async (its) => {
  const act = await settle(its);
  const [both, below, spent] = [newId(), newId(), newId()];
  await act(CreateCategoryRequestSchema, { categoryId: below, name: "Below", kind: CategoryKind.EXPENSE, parentId: snacks });
  await act(CreateBudgetItemRequestSchema, { budgetId: months, itemId: both, name: "Both", categoryIds: [snacks, food] });
  await act(CreateTransactionRequestSchema, { ...draft(its.space, 5n), transactionId: spent, categoryId: snacks });
  await act(MergeCategoriesRequestSchema, { categoryId: snacks, intoCategoryId: food });
  assert.deepEqual((await its.book.get(BudgetItemSchema, both))?.categoryIds, [food]);
  assert.equal((await its.book.get(CategorySchema, below))?.parentId, food);
  assert.equal((await its.book.get(TransactionSchema, spent))?.entries[0]?.categoryId, food);
  assert.equal(await its.book.get(CategorySchema, snacks), undefined);
});

on("what the server would refuse is not shown", async (its) => {
  const act = await settle(its);
  const before = await look(its);
  const plan = { name: "x", mode: LIMIT, periods: MONTHLY, startsOn: "2026-01-01" };
  for (const wrong of [
    { startsOn: "2026-02-30" },
    { name: " " },
    { opening: eur(1n) },
    { mode: ENVELOPE, opening: { currency: "CHF", minor: 1n } },
    { rollover: { surplusMax: eur(1n) } },
    { thresholdsBp: [1, 1] },
    { startsOn: "9999-12-31" },
    { mode: BudgetMode.UNSPECIFIED },
    { periods: {} },
    { periods: { scheme: { case: "months" as const, value: { months: 61 } } } },
    { periods: { scheme: { case: "listed" as const, value: { spans: [{ fromOn: "2026-01-02", untilOn: "2026-01-01" }] } } } },
    { periods: { scheme: { case: "listed" as const, value: { spans: [{ fromOn: "2025-01-02", untilOn: "2025-01-03" }] } } } },
  ]) {
    await act(CreateBudgetRequestSchema, { ...plan, ...wrong });
    assert.equal(await look(its), before, JSON.stringify(wrong, (_, value) => String(value)));
  }
  await act(UpdateBudgetRequestSchema, { budgetId: months, updateMask: { paths: ["mode"] } });
  await act(CopyBudgetRequestSchema, { budgetId: months, startsOn: "2026-13-01" });
  await act(CreateBudgetItemRequestSchema, { budgetId: months, name: "nothing" });
  await act(CreateBudgetItemRequestSchema, { budgetId: months, name: "x", categoryIds: [pay] });
  await act(CreateBudgetItemRequestSchema, { budgetId: months, name: "x", categoryIds: [food], limits: [{ amount: eur(-1n) }] });
  await act(UpdateBudgetItemRequestSchema, { budgetId: months, itemId: one, name: "of another budget" });
  const given = { budgetId: jars, itemId: one, amount: eur(1n), on: "2026-01-20" };
  for (const wrong of [{ amount: eur(0n) }, { budgetId: months }, { on: "2026-01-14" }, { on: "2126-02-01" }, { itemId: food }]) {
    await act(AssignMoneyRequestSchema, { ...given, ...wrong });
  }
  await act(MoveMoneyRequestSchema, { ...given, fromItemId: one, toItemId: one });
  await act(CopyForwardRequestSchema, { budgetId: jars, fromOn: "2026-01-20", toOn: "2026-01-21" });
  await act(CopyForwardRequestSchema, { requestId: "no id", budgetId: jars, fromOn: "2026-01-20", toOn: "2026-02-21" });
  await act(MergeCategoriesRequestSchema, { categoryId: food, intoCategoryId: pay });
  await act(MergeCategoriesRequestSchema, { categoryId: food, intoCategoryId: food });
  assert.equal(await look(its), before);
});

for (const { name, periods, startsOn, days } of VECTORS.periods) {
  test(`periods: ${name}`, () => {
    const budget = fromJson(BudgetSchema, { periods, startsOn });
    for (const [day, span] of Object.entries(days as Record<string, string[] | null>)) {
      if (span === null) {
        assert.throws(() => periodOf(budget, day), day);
      } else {
        const { fromOn, untilOn } = periodOf(budget, day);
        assert.deepEqual([fromOn, untilOn], span, day);
      }
    }
  });
}
