/** What does a waiting command do to transactions on the screen? */

import { create } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";

import { type Transaction, TransactionKind, TransactionSchema, TransactionStatus } from "../gen/tallystick/v1/ledger_pb.js";
import { carryStatuses, composeEntries, type Draft, finish, isMadeElsewhere, requireOpen } from "./composing.js";
import { type Change, changeDraft, isSameMoney, requireUnlocked } from "./drafting.js";
import { copyOf } from "./entities.js";
import { Inapplicable, type View } from "./view.js";

/** Where, by whom and when a command was made. */
export interface Made {
  readonly spaceId: string;
  /** Empty: the app has not said. */
  readonly userId: string;
  readonly at: Timestamp | undefined;
}

export function createTransaction(view: View, draft: Draft, made: Made): void {
  if (!draft.transactionId || !draft.kind || !draft.accountId || !draft.bookedOn || isMadeElsewhere(draft.kind)) {
    throw new Inapplicable("it is not whole");
  }
  const transaction = create(TransactionSchema, {
    id: draft.transactionId.toLowerCase(),
    bookId: made.spaceId,
    ...(made.at && { createdAt: made.at }),
  });
  const entries = composeEntries(view, draft);
  carryStatuses(entries, [], draft.status);
  const after = fill(view, transaction, draft, entries);
  requireOpen(view, after);
  view.add("transaction", after);
}

export function updateTransaction(view: View, transactionId: string, update: Change, unlock: boolean): void {
  const before = view.require("transaction", transactionId);
  const draft = changeDraft(before, update);
  const after = copyOf(TransactionSchema, before);
  const entries = isSameMoney(draft, before) ? after.entries : composeEntries(view, draft, before.entries);
  carryStatuses(entries, before.entries, draft.status);
  fill(view, after, draft, entries);
  requireUnlocked(before, after, unlock);
  after.status = statusOf(after);
  requireOpen(view, after, before);
  view.put("transaction", after);
}

export function deleteTransaction(view: View, transactionId: string, unlock: boolean): void {
  const before = view.require("transaction", transactionId);
  requireUnlocked(before, undefined, unlock);
  view.put("transaction", before, true);
}

/** What comes back does not bring back categories that are gone, nor statements. */
export function restoreTransaction(view: View, transactionId: string): void {
  const found = view.find("transaction", transactionId);
  if (!found?.deleted) {
    return;
  }
  const after = copyOf(TransactionSchema, found.entity);
  for (const entry of after.entries) {
    entry.categoryId = view.has("category", entry.categoryId) ? entry.categoryId : "";
    entry.status = entry.status === TransactionStatus.RECONCILED ? TransactionStatus.CLEARED : entry.status;
  }
  requireOpen(view, after);
  view.put("transaction", finish(view, after));
}

function fill(view: View, onto: Transaction, draft: Draft, entries: Transaction["entries"]): Transaction {
  requireLabels(view, onto, draft);
  onto.kind = draft.kind;
  onto.bookedOn = draft.bookedOn;
  onto.payee = draft.payee;
  onto.note = draft.note;
  onto.payeeId = draft.payeeId.toLowerCase();
  onto.paymentMethodId = draft.paymentMethodId.toLowerCase();
  onto.refundOfId = draft.refundOfId.toLowerCase();
  onto.tagIds = draft.tagIds.map((id) => id.toLowerCase());
  onto.attachmentIds = draft.attachmentIds.map((id) => id.toLowerCase());
  onto.entries = entries;
  if (onto.refundOfId && (onto.kind !== TransactionKind.REFUND || !view.has("transaction", onto.refundOfId))) {
    throw new Inapplicable("only a refund gives back an expense");
  }
  return finish(view, onto);
}

/** What is on it already may stay, also if it was deleted since. */
function requireLabels(view: View, onto: Transaction, draft: Draft): void {
  if (draft.payeeId && draft.payeeId !== onto.payeeId) {
    view.require("payee", draft.payeeId);
  }
  if (draft.paymentMethodId && draft.paymentMethodId !== onto.paymentMethodId) {
    view.require("paymentMethod", draft.paymentMethodId);
  }
  for (const tagId of draft.tagIds.filter((id) => !onto.tagIds.includes(id))) {
    view.require("tag", tagId);
  }
}

function statusOf(transaction: Transaction): TransactionStatus {
  return Math.min(...transaction.entries.map((entry) => entry.status)) as TransactionStatus;
}
