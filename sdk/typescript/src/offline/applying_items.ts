/** What does a waiting command do to the items of budgets on the screen? */

import { create } from "@bufbuild/protobuf";

import {
  type BudgetItem,
  BudgetItemSchema,
  type CreateBudgetItemRequest,
  CreateBudgetItemRequestSchema,
  type RestoreBudgetItemRequest,
  type UpdateBudgetItemRequest,
  UpdateBudgetItemRequestSchema,
} from "../gen/tallystick/v1/budget_items_pb.js";
import type { Budget } from "../gen/tallystick/v1/budget_pb.js";
import { CategoryKind } from "../gen/tallystick/v1/ledger_pb.js";
import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { requireId, requireName } from "./applying_nouns.js";
import type { Made } from "./applying_transactions.js";
import { requireAmount, requireRollover, requireThresholds } from "./budget_amounts.js";
import { copyOf } from "./entities.js";
import { overlay, touched } from "./masks.js";
import { requireDay } from "./roster.js";
import { Inapplicable, type View } from "./view.js";

const NAMING = ["categoryIds", "payeeIds", "tagIds", "accountIds"] as const;
const CHANGEABLE = (
  "name position category_ids without_children payee_ids tag_ids account_ids limits rollover thresholds_bp"
).split(" ");
const ITEMS_MAX = 200;

/** What the budget is made of. */
export function itemsOf(view: View, budgetId: string): BudgetItem[] {
  return [...view.all("budgetItem").values()].filter((item) => item.budgetId === budgetId);
}

/** They are for spending, and in use. */
export function requireSpending(view: View, categoryIds: readonly string[]): void {
  for (const categoryId of categoryIds) {
    const { kind, archived } = view.require("category", categoryId);
    if (kind !== CategoryKind.EXPENSE || archived) {
      throw new Inapplicable("the category is not for spending, or out of use");
    }
  }
}

/** What there is no rule for leaves the view as it is. */
export function applyToItem(view: View, command: Mutation["command"], made: Made): void {
  switch (command.case) {
    case "createBudgetItem":
      return createItem(view, command.value, made);
    case "updateBudgetItem":
      return updateItem(view, command.value);
    case "deleteBudgetItem": {
      const budget = view.require("budget", command.value.budgetId);
      return view.put("budgetItem", requireOf(budget, view.require("budgetItem", command.value.itemId)), true);
    }
    case "restoreBudgetItem":
      return restoreItem(view, command.value);
    default:
  }
}

function createItem(view: View, request: CreateBudgetItemRequest, made: Made): void {
  const budget = view.require("budget", request.budgetId);
  if (view.find("budgetItem", request.itemId) !== undefined) {
    return;
  }
  requireRoom(view, budget);
  const named = { id: requireId(request.itemId), bookId: made.spaceId, budgetId: budget.id };
  const fresh = create(BudgetItemSchema, { ...named, ...(made.at && { createdAt: made.at }) });
  const item = overlay(BudgetItemSchema, fresh, CreateBudgetItemRequestSchema, request, CHANGEABLE);
  tidy(item, budget);
  requireNamed(view, item);
  view.add("budgetItem", item);
}

function updateItem(view: View, request: UpdateBudgetItemRequest): void {
  const budget = view.require("budget", request.budgetId);
  const before = requireOf(budget, view.require("budgetItem", request.itemId));
  const names = touched(request.updateMask?.paths ?? [], UpdateBudgetItemRequestSchema, request, CHANGEABLE);
  const after = overlay(BudgetItemSchema, before, UpdateBudgetItemRequestSchema, request, names);
  tidy(after, budget);
  requireNamed(view, after, before);
  view.put("budgetItem", after);
}

/** Without the categories that are gone. One that named nothing else would count everything then. */
function restoreItem(view: View, request: RestoreBudgetItemRequest): void {
  const budget = view.require("budget", request.budgetId);
  const found = view.find("budgetItem", request.itemId);
  if (!found?.deleted) {
    return;
  }
  const after = copyOf(BudgetItemSchema, requireOf(budget, found.entity));
  requireRoom(view, budget);
  after.categoryIds = after.categoryIds.filter((id) => view.has("category", id));
  if (found.entity.categoryIds.length > 0 && after.categoryIds.length === 0) {
    throw new Inapplicable("the categories of the item are gone");
  }
  view.put("budgetItem", after);
}

/** Ids and orders that do not depend on who wrote them. */
function tidy(item: BudgetItem, budget: Budget): void {
  requireName(item);
  for (const name of NAMING) {
    item[name] = [...new Set(item[name].map((id) => id.toLowerCase()))].sort();
  }
  if (NAMING.every((name) => item[name].length === 0)) {
    throw new Inapplicable("it names nothing");
  }
  for (const { fromOn, amount } of item.limits) {
    if (fromOn) {
      requireDay(fromOn);
    }
    if (requireAmount(budget, amount) < 0n) {
      throw new Inapplicable("a limit is not below zero");
    }
  }
  if (new Set(item.limits.map(({ fromOn }) => fromOn)).size < item.limits.length) {
    throw new Inapplicable("two limits are from the same day on");
  }
  item.limits.sort((one, other) => (one.fromOn < other.fromOn ? -1 : 1));
  requireRollover(budget, item.rollover);
  requireThresholds(item.thresholdsBp);
}

/** Only what was not named before is held against how things are now. */
function requireNamed(view: View, item: BudgetItem, before?: BudgetItem): void {
  const fresh = (name: (typeof NAMING)[number]): string[] => item[name].filter((id) => !before?.[name].includes(id));
  requireSpending(view, fresh("categoryIds"));
  fresh("payeeIds").forEach((id) => view.require("payee", id));
  fresh("tagIds").forEach((id) => view.require("tag", id));
  if (fresh("accountIds").some((id) => view.require("account", id).privateTo)) {
    // Every member sees the item, and would learn of the account.
    throw new Inapplicable("the account is private");
  }
}

/** An item of another budget is not there. */
function requireOf(budget: Budget, item: BudgetItem): BudgetItem {
  if (item.budgetId !== budget.id) {
    throw new Inapplicable("the item is of another budget");
  }
  return item;
}

function requireRoom(view: View, budget: Budget): void {
  if (itemsOf(view, budget.id).length >= ITEMS_MAX) {
    throw new Inapplicable("the budget is full");
  }
}
