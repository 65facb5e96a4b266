/** What does a waiting command do to the money in envelopes on the screen? How much there is to assign is for the server to say. */

import { create } from "@bufbuild/protobuf";

import {
  type AssignMoneyRequest,
  BudgetMoveSchema,
  type CopyForwardRequest,
  type MoveMoneyRequest,
} from "../gen/tallystick/v1/budget_moves_pb.js";
import { type Budget, BudgetMode } from "../gen/tallystick/v1/budget_pb.js";
import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { itemsOf } from "./applying_items.js";
import { requireId } from "./applying_nouns.js";
import type { Made } from "./applying_transactions.js";
import { requireAmount, requireInRange } from "./budget_amounts.js";
import { type Period, periodOf } from "./budget_periods.js";
import { idFollowing } from "./naming.js";
import { todayIn } from "./roster.js";
import { Inapplicable, type View } from "./view.js";

// What is in no item is to be assigned.
const TO_BE_ASSIGNED = "";

interface Way {
  readonly fromItemId: string;
  readonly toItemId: string;
  readonly minor: bigint;
}

/** What there is no rule for leaves the view as it is. */
export function applyToMoney(view: View, command: Mutation["command"], made: Made): void {
  switch (command.case) {
    case "assignMoney":
      return assignMoney(view, command.value, made);
    case "moveMoney":
      return moveMoney(view, command.value, made);
    case "copyForward":
      return copyForward(view, command.value, made);
    default:
  }
}

/** Below zero it is taken back. */
function assignMoney(view: View, request: AssignMoneyRequest, made: Made): void {
  const budget = envelopesIn(view, request.budgetId);
  const itemId = itemIn(view, budget, request.itemId);
  const minor = requireAmount(budget, request.amount);
  if (minor === 0n) {
    throw new Inapplicable("nothing is assigned");
  }
  addMove(view, budget, periodFor(view, budget, request.on, made), requireId(request.moveId), wayTo(itemId, minor), made);
}

function moveMoney(view: View, request: MoveMoneyRequest, made: Made): void {
  const budget = envelopesIn(view, request.budgetId);
  const fromItemId = itemIn(view, budget, request.fromItemId);
  const toItemId = itemIn(view, budget, request.toItemId);
  const minor = requireAmount(budget, request.amount);
  if (fromItemId === toItemId || minor <= 0n) {
    throw new Inapplicable("something is moved to another item");
  }
  const period = periodFor(view, budget, request.on, made);
  addMove(view, budget, period, requireId(request.moveId), { fromItemId, toItemId, minor }, made);
}

/** Takes the difference, so that doing it again does nothing. */
function copyForward(view: View, request: CopyForwardRequest, made: Made): void {
  const budget = envelopesIn(view, request.budgetId);
  const source = periodOf(budget, request.fromOn);
  const target = periodOf(budget, request.toOn);
  if (source.number === target.number) {
    throw new Inapplicable("both days are in the same period");
  }
  const [was, has] = [givenIn(view, budget, source), givenIn(view, budget, target)];
  for (const { id } of itemsOf(view, budget.id)) {
    const missing = requireInRange((was.get(id) ?? 0n) - (has.get(id) ?? 0n));
    if (missing !== 0n) {
      addMove(view, budget, target, idFollowing(request.requestId, id), wayTo(id, missing), made);
    }
  }
}

function envelopesIn(view: View, budgetId: string): Budget {
  const budget = view.require("budget", budgetId);
  if (budget.template || budget.mode !== BudgetMode.ENVELOPE) {
    throw new Inapplicable("the budget has no envelopes, or is a template");
  }
  return budget;
}

function itemIn(view: View, budget: Budget, itemId: string): string {
  const { id, budgetId } = view.require("budgetItem", itemId);
  if (budgetId !== budget.id) {
    throw new Inapplicable("the item is of another budget");
  }
  return id;
}

function periodFor(view: View, budget: Budget, day: string, made: Made): Period {
  return periodOf(budget, day || todayIn(view.require("book", made.spaceId), made.at));
}

/** What each item was given in a period, all taken together. */
function givenIn(view: View, budget: Budget, { fromOn, untilOn }: Period): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>();
  const add = (itemId: string, minor: bigint) => sums.set(itemId, (sums.get(itemId) ?? 0n) + minor);
  for (const { budgetId, periodFromOn, fromItemId, toItemId, amount } of view.all("budgetMove").values()) {
    if (budgetId === budget.id && fromOn <= periodFromOn && periodFromOn <= untilOn) {
      add(fromItemId, -(amount?.minor ?? 0n));
      add(toItemId, amount?.minor ?? 0n);
    }
  }
  return sums;
}

function wayTo(itemId: string, minor: bigint): Way {
  return minor > 0n
    ? { fromItemId: TO_BE_ASSIGNED, toItemId: itemId, minor }
    : { fromItemId: itemId, toItemId: TO_BE_ASSIGNED, minor: -minor };
}

function addMove(view: View, budget: Budget, { fromOn }: Period, id: string, way: Way, made: Made): void {
  const { fromItemId, toItemId, minor } = way;
  const amount = { currency: budget.currency, minor };
  const where = { id, bookId: made.spaceId, budgetId: budget.id, periodFromOn: fromOn };
  const createdAt = made.at && { createdAt: made.at };
  view.add("budgetMove", create(BudgetMoveSchema, { ...where, fromItemId, toItemId, amount, ...createdAt }));
}
