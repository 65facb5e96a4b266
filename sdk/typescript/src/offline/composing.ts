/** How does what somebody writes down become the entries of a transaction? As the server composes them. */

import { create } from "@bufbuild/protobuf";

import {
  type Account,
  CategoryKind,
  type Entry,
  EntrySchema,
  type Split,
  type Transaction,
  type TransactionDraft,
  TransactionKind,
  TransactionStatus,
} from "../gen/tallystick/v1/ledger_pb.js";
import type { Money } from "../gen/tallystick/v1/money_pb.js";
import { exponentOf } from "../money.js";
import { Inapplicable, type View } from "./view.js";

/** The request of a single transaction and the draft of a batch have the same fields. */
export type Draft = Omit<TransactionDraft, "$typeName" | "$unknown">;

const RATE_DIGITS = 12;

/** Made by other calls than those that record transactions, with an amount that may be below zero. */
export function isMadeElsewhere(kind: TransactionKind): boolean {
  return kind === TransactionKind.OPENING || kind === TransactionKind.ADJUSTMENT;
}

/** The entries of a draft. Those that go on from `before` keep their lines. */
export function composeEntries(view: View, draft: Draft, before: readonly Entry[] = []): Entry[] {
  const amount = require(draft.amount, "an amount");
  if (amount.minor === 0n || (amount.minor < 0n && !isMadeElsewhere(draft.kind))) {
    throw new Inapplicable("the amount must be above zero");
  }
  if (draft.kind === TransactionKind.TRANSFER) {
    return composeTransfer(view, draft, amount, before);
  }
  if (draft.toAccountId || draft.toAmount || draft.toImportKey) {
    throw new Inapplicable("only transfers go to another account");
  }
  return draft.splits.length > 0 ? composeSplits(view, draft, amount, before) : [composeWhole(view, draft, amount, before)];
}

function composeTransfer(view: View, draft: Draft, amount: Money, before: readonly Entry[]): Entry[] {
  if (!draft.toAccountId || draft.categoryId || draft.splits.length > 0) {
    throw new Inapplicable("a transfer goes to another account, and has no category");
  }
  const source = accountFor(view, draft.accountId, amount);
  const arriving = draft.toAmount ?? amount;
  const target = accountFor(view, draft.toAccountId, arriving);
  if (source.id === target.id || arriving.minor <= 0n) {
    throw new Inapplicable("a transfer moves something to another account");
  }
  if (source.currency === target.currency && arriving.minor !== amount.minor) {
    throw new Inapplicable("in one currency the same amount arrives");
  }
  const [first = 0, second = 1] = before.length > 1 ? before.map((entry) => entry.line) : [];
  return [
    entryOf(source.id, "", { ...amount, minor: -amount.minor }, first, "", draft.importKey),
    entryOf(target.id, "", arriving, second, "", draft.toImportKey),
  ];
}

function composeWhole(view: View, draft: Draft, amount: Money, before: readonly Entry[]): Entry {
  const account = accountFor(view, draft.accountId, amount);
  const category = categoryFor(view, draft.kind, draft.categoryId, before);
  return entryOf(account.id, category, signed(draft.kind, amount), before[0]?.line ?? 0, "", draft.importKey);
}

function composeSplits(view: View, draft: Draft, amount: Money, before: readonly Entry[]): Entry[] {
  const sum = draft.splits.reduce((total, split) => total + (split.amount?.minor ?? 0n), 0n);
  if (draft.categoryId || sum !== amount.minor) {
    throw new Inapplicable("splits add up to the amount, and have categories of their own");
  }
  const lines = linesOf(draft.splits, before);
  return draft.splits.map((split, index) => {
    const part = require(split.amount, "an amount");
    const account = accountFor(view, split.accountId || draft.accountId, part);
    const category = categoryFor(view, draft.kind, split.categoryId, before);
    const key = index === 0 ? draft.importKey : "";
    return entryOf(account.id, category, signed(draft.kind, part), lines[index] ?? 0, split.note, key);
  });
}

/** Lines never change hands: a part that goes on keeps its own, and a new one gets one that was never used. */
function linesOf(splits: readonly Split[], before: readonly Entry[]): number[] {
  const known = before.map((entry) => entry.line);
  const kept = splits.flatMap((split) => (split.line === undefined ? [] : [split.line]));
  if (kept.some((line) => !known.includes(line)) || new Set(kept).size < kept.length) {
    throw new Inapplicable("a split names a line that is not there, or twice");
  }
  let following = Math.max(-1, ...known) + 1;
  return splits.map((split) => split.line ?? following++);
}

function entryOf(
  accountId: string,
  categoryId: string,
  { currency, minor }: Money,
  line: number,
  note: string,
  importKey: string,
): Entry {
  return create(EntrySchema, { accountId, categoryId, amount: { currency, minor }, line, note, importKey });
}

function signed(kind: TransactionKind, amount: Money): Money {
  return kind === TransactionKind.EXPENSE ? { ...amount, minor: -amount.minor } : amount;
}

function accountFor(view: View, accountId: string, amount: Money): Account {
  const account = view.require("account", accountId);
  if (account.currency !== amount.currency) {
    throw new Inapplicable("the amount is not in the account's currency");
  }
  return account;
}

function categoryFor(view: View, kind: TransactionKind, categoryId: string, before: readonly Entry[]): string {
  if (!categoryId) {
    return "";
  }
  const category = view.require("category", categoryId);
  const wanted = kind === TransactionKind.INCOME ? CategoryKind.INCOME : CategoryKind.EXPENSE;
  // What is on it already may stay, also if nothing new could have it.
  const isKept = before.some((entry) => entry.categoryId === category.id);
  if (isMadeElsewhere(kind) || category.kind !== wanted || (category.archived && !isKept)) {
    throw new Inapplicable("the category is not for this");
  }
  return category.id;
}

/** Nothing is booked on an account after the day it was closed. What is on it already may be corrected where it is. */
export function requireOpen(view: View, after: Transaction, before?: Transaction): void {
  const here = before?.bookedOn === after.bookedOn ? before.entries.map((entry) => entry.accountId) : [];
  for (const { accountId } of after.entries) {
    const { closedOn } = view.require("account", accountId);
    if (closedOn && after.bookedOn > closedOn && !here.includes(accountId)) {
      throw new Inapplicable("the account was closed before that day");
    }
  }
}

/** Fills in what follows from the entries. */
export function finish(view: View, transaction: Transaction): Transaction {
  transaction.status = Math.min(...transaction.entries.map((entry) => entry.status)) as TransactionStatus;
  const [leaving, arriving] = transaction.entries.map((entry) => entry.amount);
  const isExchange = transaction.kind === TransactionKind.TRANSFER && leaving?.currency !== arriving?.currency;
  transaction.impliedRate = isExchange && leaving && arriving ? impliedRate(leaving, arriving) : "";
  const owners = new Set(transaction.entries.map((entry) => view.require("account", entry.accountId).privateTo));
  transaction.privateTo = owners.size === 1 ? ([...owners][0] ?? "") : "";
  return transaction;
}

/** What one unit of the first was worth, to 12 significant digits, rounded half to even. */
export function impliedRate(leaving: Money, arriving: Money): string {
  const paid = arriving.minor * 10n ** BigInt(exponentOf(leaving.currency));
  const cost = -leaving.minor * 10n ** BigInt(exponentOf(arriving.currency));
  const whole = (paid / cost).toString();
  let decimals = RATE_DIGITS - (whole === "0" ? 0 : whole.length);
  while (whole === "0" && paid * 10n ** BigInt(decimals) < cost * 10n ** BigInt(RATE_DIGITS - 1)) {
    decimals += 1;
  }
  const [up, down] = decimals < 0 ? [paid, cost * 10n ** BigInt(-decimals)] : [paid * 10n ** BigInt(decimals), cost];
  const twice = (up % down) * 2n;
  const quotient = up / down;
  const rounded = twice > down || (twice === down && quotient % 2n === 1n) ? quotient + 1n : quotient;
  const digits = decimals < 0 ? `${rounded}${"0".repeat(-decimals)}` : rounded.toString().padStart(decimals + 1, "0");
  const point = digits.length - Math.max(0, decimals);
  const fraction = digits.slice(point).replace(/0+$/, "");
  return fraction ? `${digits.slice(0, point)}.${fraction}` : digits.slice(0, point);
}

/** Entries that go on keep their status, unless one is given. New ones are pending beside pending ones, and cleared otherwise. */
export function carryStatuses(entries: readonly Entry[], before: readonly Entry[], status: TransactionStatus): void {
  const isPending = before.length > 0 && before.every((entry) => entry.status === TransactionStatus.PENDING);
  const usual = isPending ? TransactionStatus.PENDING : TransactionStatus.CLEARED;
  for (const entry of entries) {
    entry.status = status || before.find((each) => each.line === entry.line)?.status || usual;
  }
}

export function require<T>(value: T | undefined, what: string): T {
  if (value === undefined) {
    throw new Inapplicable(`it needs ${what}`);
  }
  return value;
}
