/**
 * What does a refund give back of the expense that it names? The same as on the server.
 *
 * Of everybody's share there remains what no refund gave back. A refund that says nothing else, or the same as its expense, gives back of
 * it in proportion.
 */

import { create } from "@bufbuild/protobuf";

import { type Expense, ExpenseKind } from "../gen/tallystick/v1/group_expenses_pb.js";
import { type Conversion, ConversionSchema, type Share } from "../gen/tallystick/v1/group_splits_pb.js";
import { allocateShares, type Parts, refundShares } from "../splitting.js";
import { require } from "./composing.js";
import { roundedQuotient } from "./converting.js";
import { type Outcome, requirePaid, roundedUp, sumOf } from "./shares.js";
import { Inapplicable } from "./view.js";

export class Refundable {
  private readonly owed: Parts;
  private readonly converted: Parts;

  /** An expense, and all its refunds but the one in hand. */
  constructor(
    readonly original: Expense,
    others: readonly Expense[],
  ) {
    this.owed = left(original, others, (share) => share.owedMinor);
    const counted = others.filter((each) => currencyOf(each) === currencyOf(original));
    this.converted = left(original, counted, (share) => share.convertedOwedMinor);
  }

  /** As the expense was converted: of what is left of it in the one currency as much as of what is left in the other. */
  convert(amountMinor: bigint): Conversion | undefined {
    const currency = currencyOf(this.original);
    if (currency === undefined) {
      return undefined;
    }
    const whole = sumOf(this.owed);
    const minor = roundedQuotient(amountMinor * sumOf(this.converted), whole > amountMinor ? whole : amountMinor);
    return create(ConversionSchema, { amount: { currency, minor: minor > 1n ? minor : 1n } });
  }

  /** The shares of a refund that is shared as its expense was. */
  mirror(refund: Expense, paid: Parts): Outcome {
    const amountMinor = require(refund.amount, "an amount").minor;
    requirePaid(amountMinor, paid);
    const shares = Object.entries(refundShares(amountMinor, this.owed, refund.id));
    const owed = Object.fromEntries(shares.map(([id, share]) => [id, -share]));
    const total = refund.conversion?.amount?.minor;
    const plain = { owed, paid };
    if (total === undefined) {
      return { plain, converted: undefined, roundedUp: roundedUp(amountMinor, this.owed, owed) };
    }
    const isLeft = currencyOf(refund) === currencyOf(this.original) && total <= sumOf(this.converted);
    // What was agreed on for this refund may be more than was counted then, or in another currency.
    const weights = isLeft && Object.values(this.converted).every((share) => share >= 0n) ? this.converted : owed;
    const converted = { owed: allocateShares(total, weights, refund.id), paid: allocateShares(total, paid, refund.id) };
    return { plain, converted, roundedUp: roundedUp(amountMinor, this.owed, owed) };
  }

  /** Shares that somebody said give nobody back more than they bore. */
  requireLeft(owed: Parts): void {
    const isMore = Object.entries(owed).some(([id, share]) => share > (this.owed[id] ?? 0n));
    if (isMore || sumOf(owed) > sumOf(this.owed)) {
      throw new Inapplicable("the refunds would be more than the expense");
    }
  }
}

/** Expenses are given back, in the currency in which they were paid. */
export function requireRefundable(refund: Expense, original: Expense, others: readonly Expense[]): Refundable {
  const isOfKinds = refund.kind === ExpenseKind.REFUND && original.kind === ExpenseKind.EXPENSE;
  if (!isOfKinds || original.id === refund.id || original.amount?.currency !== refund.amount?.currency) {
    throw new Inapplicable("it cannot be given back so");
  }
  return new Refundable(
    original,
    others.filter((each) => each.id !== refund.id),
  );
}

function currencyOf({ conversion }: Expense): string | undefined {
  return conversion?.amount?.currency;
}

function left(original: Expense, others: readonly Expense[], minorOf: (share: Share) => bigint): Record<string, bigint> {
  const rest = Object.fromEntries(original.shares.map((share) => [share.memberId, minorOf(share)]));
  for (const share of others.flatMap((each) => each.shares)) {
    rest[share.memberId] = (rest[share.memberId] ?? 0n) - minorOf(share);
  }
  return rest;
}
