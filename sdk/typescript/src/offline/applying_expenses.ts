/** What does a waiting command do to shared expenses on the screen? */

import { create } from "@bufbuild/protobuf";

import {
  type DeleteExpenseRequest,
  type Expense,
  type ExpenseDraft,
  ExpenseSchema,
  type RestoreExpenseRequest,
  type UpdateExpenseRequest,
} from "../gen/tallystick/v1/group_expenses_pb.js";
import type { Made } from "./applying_transactions.js";
import { require } from "./composing.js";
import { groupIn, requireIn, requireInUse, requireUnlocked } from "./roster.js";
import { changeExpense, composeExpense, isMoving, membersOf, refundsOf, requireLeft } from "./sharing.js";
import { Inapplicable, type View } from "./view.js";

export function createExpense(view: View, given: ExpenseDraft | undefined, made: Made): void {
  const draft = require(given, "an expense");
  if (view.find("expense", draft.expenseId) !== undefined) {
    // It was made by this very command: its effect has arrived before the news of it.
    return;
  }
  const group = groupIn(view, made);
  requireInUse(group);
  requireNewImport(view, draft.importKey);
  const expense = create(ExpenseSchema, {
    id: draft.expenseId.toLowerCase(),
    groupId: made.spaceId,
    ...(made.at && { createdAt: made.at }),
  });
  const after = composeExpense(view, draft, expense, made);
  requireUnlocked(group, after.bookedOn);
  view.add("expense", after);
}

export function updateExpense(view: View, request: UpdateExpenseRequest, made: Made): void {
  const before = view.require("expense", request.expenseId);
  const after = changeExpense(view, before, request, made);
  requireMovable(view, made, before, after);
  view.put("expense", after);
}

export function deleteExpense(view: View, { expenseId }: DeleteExpenseRequest, made: Made): void {
  const before = view.require("expense", expenseId);
  requireMovable(view, made, before);
  view.put("expense", before, true);
}

/** With the shares that it had, if all who have one are in the group. */
export function restoreExpense(view: View, { expenseId }: RestoreExpenseRequest, made: Made): void {
  const found = view.find("expense", expenseId);
  if (found?.deleted) {
    requireNewImport(view, found.entity.importKey);
    requireLeft(view, found.entity);
    requireIn(view, membersOf(found.entity));
    requireUnlocked(groupIn(view, made), found.entity.bookedOn);
    view.put("expense", found.entity);
  }
}

/** What another program calls an expense is in the group once. */
function requireNewImport(view: View, importKey: string): void {
  if (importKey !== "" && [...view.all("expense").values()].some((each) => each.importKey === importKey)) {
    throw new Inapplicable("it was imported before");
  }
}

/** What is booked in a locked period stays, and what was given back, too. */
function requireMovable(view: View, made: Made, before: Expense, after?: Expense): void {
  const moves = after === undefined || isMoving(before, after);
  if (moves || after.bookedOn !== before.bookedOn) {
    requireUnlocked(groupIn(view, made), before.bookedOn, (after ?? before).bookedOn);
  }
  if (moves && refundsOf(view, before.id).length > 0) {
    throw new Inapplicable("it has refunds");
  }
}
