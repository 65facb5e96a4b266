/** What does a waiting command do to budgets themselves on the screen? */

import { BudgetItemSchema } from "../gen/tallystick/v1/budget_items_pb.js";
import {
  type Budget,
  BudgetMode,
  BudgetSchema,
  type CopyBudgetRequest,
  CopyBudgetRequestSchema,
  CreateBudgetRequestSchema,
  type CreateBudgetRequest,
  type UpdateBudgetRequest,
  UpdateBudgetRequestSchema,
} from "../gen/tallystick/v1/budget_pb.js";
import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { applyToItem, itemsOf, requireSpending } from "./applying_items.js";
import { applyToMoney } from "./applying_moves.js";
import { createNoun, deleteNoun, noun, requireId, requireName, restoreNoun, updateNoun } from "./applying_nouns.js";
import type { Made } from "./applying_transactions.js";
import { requireAmount, requireRollover, requireThresholds } from "./budget_amounts.js";
import { fillInPeriods } from "./budget_periods.js";
import { copyOf } from "./entities.js";
import { idFollowing } from "./naming.js";
import { requireDay, todayIn } from "./roster.js";
import { Inapplicable, type View } from "./view.js";

const BUDGET = noun("budget", "name periods starts_on rollover thresholds_bp template opening");

/** What there is no rule for leaves the view as it is. */
export function applyToBudgets(view: View, command: Mutation["command"], made: Made): void {
  switch (command.case) {
    case "createBudget":
      return createBudget(view, command.value, made);
    case "updateBudget":
      return updateBudget(view, command.value, made);
    case "deleteBudget":
      return deleteNoun(view, "budget", command.value.budgetId);
    case "restoreBudget":
      return restoreNoun(view, "budget", command.value.budgetId);
    case "copyBudget":
      return copyBudget(view, command.value, made);
    default:
      applyToItem(view, command, made);
      return applyToMoney(view, command, made);
  }
}

function createBudget(view: View, request: CreateBudgetRequest, made: Made): void {
  if (view.find("budget", request.budgetId) === undefined) {
    createNoun(view, BUDGET, request.budgetId, CreateBudgetRequestSchema, request, made);
    view.put("budget", tidied(view, view.require("budget", request.budgetId), made));
  }
}

function updateBudget(view: View, request: UpdateBudgetRequest, made: Made): void {
  updateNoun(view, BUDGET, request.budgetId, UpdateBudgetRequestSchema, request);
  view.put("budget", tidied(view, view.require("budget", request.budgetId), made));
}

/** With the items, and with nothing assigned. */
function copyBudget(view: View, request: CopyBudgetRequest, made: Made): void {
  const source = view.require("budget", request.budgetId);
  const items = itemsOf(view, source.id);
  requireSpending(view, items.flatMap((item) => item.categoryIds));
  const budget = copyOf(BudgetSchema, source);
  const { template, startsOn, periods = budget.periods } = copyOf(CopyBudgetRequestSchema, request);
  Object.assign(budget, { id: requireId(request.newBudgetId), template, startsOn, periods, createdAt: made.at });
  budget.name = request.name || source.name;
  delete budget.opening;
  requireName(budget);
  view.add("budget", tidied(view, budget, made));
  for (const each of items) {
    const item = copyOf(BudgetItemSchema, each);
    Object.assign(item, { id: idFollowing(budget.id, each.id), budgetId: budget.id, createdAt: made.at });
    view.add("budgetItem", item);
  }
}

/** What it leaves to the book is filled in: what the book says later does not change it. */
function tidied(view: View, before: Budget, made: Made): Budget {
  const budget = copyOf(BudgetSchema, before);
  const book = view.require("book", made.spaceId);
  budget.currency ||= book.baseCurrency;
  if (!budget.mode) {
    throw new Inapplicable("how its items get what may be spent must be stated");
  }
  if (budget.startsOn) {
    requireDay(budget.startsOn);
  }
  fillInPeriods(budget, book, todayIn(book, made.at));
  requireRollover(budget, budget.rollover);
  requireThresholds(budget.thresholdsBp);
  if (budget.opening !== undefined) {
    requireAmount(budget, budget.opening);
    if (budget.mode !== BudgetMode.ENVELOPE) {
      throw new Inapplicable("only envelopes begin with something");
    }
  }
  return budget;
}
