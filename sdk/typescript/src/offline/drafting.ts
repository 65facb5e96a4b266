/** What becomes of a transaction when somebody changes a part of it? It is taken back to a draft, and changed. */

import { create, equals } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";

import {
  type Entry,
  type Split,
  SplitSchema,
  type Transaction,
  type TransactionDraft,
  TransactionDraftSchema,
  TransactionKind,
  TransactionStatus,
} from "../gen/tallystick/v1/ledger_pb.js";
import type { SplitChange } from "../gen/tallystick/v1/ledger_transactions_pb.js";
import { type Money, MoneySchema } from "../gen/tallystick/v1/money_pb.js";
import { isMadeElsewhere, require } from "./composing.js";
import { overlay, touched } from "./masks.js";
import { Inapplicable } from "./view.js";

/** What a single update and one of a batch have in common. */
export interface Change {
  readonly updateMask?: FieldMask | undefined;
  readonly change?: TransactionDraft | undefined;
  readonly splitChanges: readonly SplitChange[];
}

/** A transaction as somebody would write it down. The status is left open: entries keep theirs. */
export function draftOf(transaction: Transaction): TransactionDraft {
  const { entries, kind, bookedOn, payee, note, payeeId, paymentMethodId, refundOfId } = transaction;
  const first = require(entries[0], "an entry");
  const draft = create(TransactionDraftSchema, { kind, bookedOn, payee, note, payeeId, paymentMethodId, refundOfId });
  draft.accountId = first.accountId;
  draft.importKey = first.importKey;
  draft.amount = magnitudeOf(transaction, first);
  draft.tagIds = [...transaction.tagIds];
  draft.attachmentIds = [...transaction.attachmentIds];
  const second = entries[1];
  if (kind === TransactionKind.TRANSFER && second !== undefined) {
    draft.toAccountId = second.accountId;
    draft.toImportKey = second.importKey;
    if (second.amount && second.amount.currency !== first.amount?.currency) {
      draft.toAmount = moneyOf(second.amount.currency, second.amount.minor);
    }
  } else if (isMadeElsewhere(kind) || (entries.length === 1 && !first.note)) {
    draft.categoryId = first.categoryId;
  } else {
    draft.splits = entries.map((entry) => splitOf(entry, first.accountId));
  }
  return draft;
}

/** The draft of a transaction with a change laid over it. */
export function changeDraft(before: Transaction, update: Change): TransactionDraft {
  const changeable = TransactionDraftSchema.fields.map((field) => field.name).filter((name) => name !== "transaction_id");
  const values = update.change ?? create(TransactionDraftSchema);
  const names = touched(update.updateMask?.paths ?? [], TransactionDraftSchema, values, changeable);
  const draft = overlay(TransactionDraftSchema, draftOf(before), TransactionDraftSchema, values, names);
  requireKind(before, draft);
  if (draft.kind === TransactionKind.TRANSFER) {
    draft.categoryId = names.includes("category_id") ? draft.categoryId : "";
    draft.splits = names.includes("splits") ? draft.splits : [];
  } else {
    clearTransfer(draft, names);
  }
  if (names.includes("splits") && draft.splits.length > 0 && !names.includes("category_id")) {
    draft.categoryId = "";
  }
  if (update.splitChanges.length > 0) {
    changeSplits(draft, before, update.splitChanges);
  }
  return draft;
}

function requireKind(before: Transaction, draft: TransactionDraft): void {
  const isElsewhere = isMadeElsewhere(before.kind);
  if (draft.kind !== before.kind && (isElsewhere || isMadeElsewhere(draft.kind))) {
    throw new Inapplicable("opening balances and adjustments stay what they are");
  }
  if (isElsewhere && (draft.accountId.toLowerCase() !== before.entries[0]?.accountId || draft.splits.length > 0)) {
    throw new Inapplicable("it belongs to its account");
  }
  if (!draft.kind || !draft.accountId || !draft.bookedOn || !draft.amount) {
    throw new Inapplicable("kind, account, date and amount cannot be empty");
  }
}

function clearTransfer(draft: TransactionDraft, names: readonly string[]): void {
  draft.toAccountId = names.includes("to_account_id") ? draft.toAccountId : "";
  draft.toImportKey = names.includes("to_import_key") ? draft.toImportKey : "";
  if (!names.includes("to_amount")) {
    delete draft.toAmount;
  }
}

/** Changes single splits in place. An expense with one part is a split of one. */
function changeSplits(draft: TransactionDraft, before: Transaction, changes: readonly SplitChange[]): void {
  if (draft.splits.length === 0 && draft.kind !== TransactionKind.TRANSFER && !isMadeElsewhere(draft.kind)) {
    draft.splits = before.entries.map((entry) => splitOf(entry, draft.accountId));
    draft.categoryId = "";
  }
  for (const change of changes) {
    const split = require(draft.splits.find((each) => each.line === change.line), "a split with that line");
    split.categoryId = change.categoryId ?? split.categoryId;
    split.accountId = change.accountId ?? split.accountId;
    split.note = change.note ?? split.note;
    if (change.amount) {
      split.amount = moneyOf(change.amount.currency, change.amount.minor);
    }
  }
}

/** Whether the draft says of accounts, categories and amounts what the transaction has. */
export function isSameMoney(draft: TransactionDraft, transaction: Transaction): boolean {
  return equals(TransactionDraftSchema, moneyPart(draft), moneyPart(draftOf(transaction)));
}

function moneyPart({
  kind,
  accountId,
  categoryId,
  amount,
  splits,
  importKey,
  toAccountId,
  toAmount,
  toImportKey,
}: TransactionDraft): TransactionDraft {
  const named = { kind, accountId, categoryId, splits, importKey, toAccountId, toImportKey };
  return create(TransactionDraftSchema, { ...named, ...(amount && { amount }), ...(toAmount && { toAmount }) });
}

/** A reconciled entry keeps its account, amount, date and status, and stays. With `unlock` it may change, and is cleared then. */
export function requireUnlocked(before: Transaction, after: Transaction | undefined, unlock: boolean): void {
  for (const entry of before.entries.filter((each) => each.status === TransactionStatus.RECONCILED)) {
    const now = after?.bookedOn === before.bookedOn ? after.entries.find((each) => each.line === entry.line) : undefined;
    const isSame =
      now !== undefined &&
      now.accountId === entry.accountId &&
      now.amount?.minor === entry.amount?.minor &&
      now.amount?.currency === entry.amount?.currency;
    if (isSame && now.status === TransactionStatus.RECONCILED) {
      continue;
    }
    if (!unlock) {
      throw new Inapplicable("a statement covers it");
    }
    const moved = after?.entries.find((each) => each.line === entry.line);
    if (moved?.status === TransactionStatus.RECONCILED) {
      moved.status = TransactionStatus.CLEARED;
    }
  }
}

function splitOf(entry: Entry, usualAccountId: string): Split {
  const { currency, minor } = require(entry.amount, "an amount");
  return create(SplitSchema, {
    categoryId: entry.categoryId,
    amount: { currency, minor: minor < 0n ? -minor : minor },
    accountId: entry.accountId === usualAccountId ? "" : entry.accountId,
    note: entry.note,
    line: entry.line,
  });
}

/** How much it is about, above zero, unless it is of a kind that may be below. */
function magnitudeOf({ kind, entries }: Transaction, first: Entry): Money {
  const { currency, minor } = require(first.amount, "an amount");
  if (isMadeElsewhere(kind)) {
    return moneyOf(currency, minor);
  }
  if (kind === TransactionKind.TRANSFER) {
    return moneyOf(currency, -minor);
  }
  const sum = entries.reduce((total, entry) => total + (entry.amount?.minor ?? 0n), 0n);
  return moneyOf(currency, sum < 0n ? -sum : sum);
}

function moneyOf(currency: string, minor: bigint): Money {
  return create(MoneySchema, { currency, minor });
}
