/**
 * What does an expense come to, as somebody wrote it down or changed it? The same as on the server: from its draft and what the view has,
 * the expense with its shares.
 *
 * Where nothing changes that the shares follow from, they are not even looked at.
 */

import { clone, create, equals } from "@bufbuild/protobuf";

import {
  type Expense,
  type ExpenseDraft,
  ExpenseDraftSchema,
  ExpenseKind,
  ExpenseSchema,
  type UpdateExpenseRequest,
} from "../gen/tallystick/v1/group_expenses_pb.js";
import { type Payer, PayerSchema } from "../gen/tallystick/v1/group_splits_pb.js";
import { SPLIT_RULE_VERSION } from "../splitting.js";
import type { Made } from "./applying_transactions.js";
import { require } from "./composing.js";
import { conversionOf, convertedAgain } from "./converting.js";
import { overlay, touched } from "./masks.js";
import { type Refundable, requireRefundable } from "./refunding.js";
import { groupIn, ownMember, presentIds, requireDay, requireIn, requireInUse } from "./roster.js";
import { divide, type Outcome, sharesOf } from "./shares.js";
import { canonicalSplit, defaultSplit, paidBy, specOf } from "./splits.js";
import { Inapplicable, type View } from "./view.js";

const PLAIN = ["booked_on", "description", "category", "note", "receipt_ids"];
const DECIDING = ["kind", "amount", "payers", "split", "conversion", "refund_of_id"];
const CONVERSION = ["conversion", "convert_with", "convert_source"];

/** `before`, which has its ids, with all that the draft says and what follows from it. */
export function composeExpense(view: View, draft: ExpenseDraft, before: Expense, made: Made): Expense {
  const onto = composePlain(draft, before);
  const group = groupIn(view, made);
  const amount = require(draft.amount, "an amount");
  if (amount.minor <= 0n) {
    throw new Inapplicable("the amount must be above zero");
  }
  onto.kind = draft.kind || ExpenseKind.EXPENSE;
  onto.amount = amount;
  onto.refundOfId = draft.refundOfId.toLowerCase();
  const source = refundable(view, onto);
  onto.payers = payersOf(view, draft, amount.minor, made);
  try {
    const conversion = conversionOf(draft, group.defaultCurrency, before.conversion) ?? source?.convert(amount.minor);
    assign(onto, "conversion", conversion);
    const isDefault = draft.split === undefined && source === undefined;
    assign(onto, "split", isDefault ? defaultSplit(group, presentIds(view)) : draft.split && canonicalSplit(draft.split));
    onto.shares = sharesOf(outcomeOf(onto, amount.minor, source));
  } catch (refused) {
    throw refused instanceof RangeError ? new Inapplicable(refused.message) : refused;
  }
  onto.ruleVersion = SPLIT_RULE_VERSION;
  requireIn(view, membersOf(onto), membersOf(before));
  return onto;
}

/** An expense with a change laid over it. */
export function changeExpense(view: View, before: Expense, request: UpdateExpenseRequest, made: Made): Expense {
  const old = draftOf(before);
  const draft = changeDraft(before, old, request);
  if (draft.convertWith === "" && equals(ExpenseDraftSchema, decidingPart(draft), decidingPart(old))) {
    return composePlain(draft, before);
  }
  requireInUse(groupIn(view, made));
  return composeExpense(view, draft, before, made);
}

/** Whether anything about money differs. */
export function isMoving(before: Expense, after: Expense): boolean {
  const money = [...DECIDING, "shares", "rule_version"];
  const part = (expense: Expense) => overlay(ExpenseSchema, create(ExpenseSchema), ExpenseSchema, expense, money);
  return !equals(ExpenseSchema, part(before), part(after));
}

export function refundsOf(view: View, expenseId: string): Expense[] {
  return [...view.all("expense").values()].filter((each) => each.refundOfId === expenseId);
}

/** If it is a refund of an expense: of that there is as much left. */
export function requireLeft(view: View, expense: Expense): void {
  refundable(view, expense)?.requireLeft(Object.fromEntries(expense.shares.map((each) => [each.memberId, each.owedMinor])));
}

export function membersOf(expense: Expense): string[] {
  return expense.shares.map((share) => share.memberId);
}

/** What describes it. No cent moves. */
function composePlain(draft: ExpenseDraft, before: Expense): Expense {
  const onto = clone(ExpenseSchema, before);
  const { bookedOn, description, category, note, importKey } = draft;
  const receiptIds = draft.receiptIds.map((id) => id.toLowerCase());
  return Object.assign(onto, { bookedOn: requireDay(bookedOn), description, category, note, importKey, receiptIds });
}

function assign<K extends "split" | "conversion">(onto: Expense, name: K, value: Expense[K] | undefined): void {
  delete onto[name];
  if (value !== undefined) {
    onto[name] = value;
  }
}

function payersOf(view: View, { payers }: ExpenseDraft, minor: bigint, made: Made): Payer[] {
  const told = payers.length > 0 ? payers : [{ memberId: ownMember(view, made).id, minor }];
  return told.map((each) => create(PayerSchema, { memberId: each.memberId.toLowerCase(), minor: each.minor }));
}

/** What the refund gives back of. Undefined: it names no expense. */
function refundable(view: View, refund: Expense): Refundable | undefined {
  const { refundOfId } = refund;
  return refundOfId ? requireRefundable(refund, view.require("expense", refundOfId), refundsOf(view, refundOfId)) : undefined;
}

function outcomeOf(expense: Expense, amountMinor: bigint, source: Refundable | undefined): Outcome {
  const paid = paidBy(expense.payers);
  if (source !== undefined && isSharedAs(expense, source.original)) {
    return source.mirror(expense, paid);
  }
  const spec = specOf(require(expense.split, "a split"));
  const outcome = divide(expense.id, amountMinor, paid, spec, expense.conversion?.amount?.minor);
  source?.requireLeft(outcome.plain.owed);
  return outcome;
}

/** However the parts are ordered. */
function isSharedAs({ split }: Expense, original: Expense): boolean {
  const told = (value: unknown): unknown => {
    if (typeof value === "bigint") {
      return `${value}`;
    }
    const isParts = typeof value === "object" && value !== null && !Array.isArray(value);
    return isParts ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))) : value;
  };
  const text = (each: Expense["split"]) => each && JSON.stringify(specOf(each), (_, value) => told(value));
  return split === undefined || text(split) === text(original.split);
}

/** An expense as somebody would write it down. */
function draftOf(expense: Expense): ExpenseDraft {
  const names = [...PLAIN, ...DECIDING, "import_key"];
  return overlay(ExpenseDraftSchema, create(ExpenseDraftSchema), ExpenseSchema, expense, names);
}

function decidingPart(draft: ExpenseDraft): ExpenseDraft {
  return overlay(ExpenseDraftSchema, create(ExpenseDraftSchema), ExpenseDraftSchema, draft, DECIDING);
}

/** The draft of an expense with a change laid over it, and what follows from an amount. */
function changeDraft(before: Expense, old: ExpenseDraft, { change, updateMask }: UpdateExpenseRequest): ExpenseDraft {
  const values = change ?? create(ExpenseDraftSchema);
  const paths = updateMask?.paths ?? [];
  const names = touched(paths, ExpenseDraftSchema, values, [...PLAIN, ...DECIDING]);
  if (names.includes("conversion") || (paths.length === 0 && values.convertWith !== "")) {
    names.push(...CONVERSION);
  }
  const draft = overlay(ExpenseDraftSchema, old, ExpenseDraftSchema, values, names);
  const amount = require(draft.amount, "an amount");
  if (amount.minor === old.amount?.minor && amount.currency === old.amount.currency) {
    return draft;
  }
  const [payer, ...others] = draft.payers;
  if (!names.includes("payers") && payer !== undefined && others.length === 0) {
    payer.minor = amount.minor;
  }
  if (!names.includes("conversion")) {
    convertAgain(before, draft);
  }
  return draft;
}

/**
 * An amount that changed counts by the rate that is kept. Where both amounts were given, or another currency, somebody must say anew; but
 * what is in the currency that it counts as needs no conversion, and a refund is converted as its expense is.
 */
function convertAgain({ conversion: kept, amount: before }: Expense, draft: ExpenseDraft): void {
  if (kept === undefined || draft.amount === undefined) {
    return;
  }
  if (draft.amount.currency === kept.amount?.currency || (!kept.rate && draft.refundOfId)) {
    delete draft.conversion;
  } else if (kept.rate && draft.amount.currency === before?.currency) {
    draft.conversion = convertedAgain(kept, draft.amount);
  } else {
    throw new Inapplicable("the conversion must be said anew");
  }
}
