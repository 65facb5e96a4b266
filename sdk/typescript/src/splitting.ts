/**
 * What does everybody bear of an expense? The server's own answer, computed on the device.
 *
 * An app makes the id of an expense before it shows the shares, because the id decides who bears a cent that cannot be divided.
 */

import { canonicalId, lot } from "./lot.js";

/** Numbers by the id of the member: minor units, or weights. */
export type Parts = Readonly<Record<string, bigint>>;

/** One thing on a receipt, and in which proportion who shares it. */
export interface Line {
  readonly amountMinor: bigint;
  readonly weights: Parts;
}

/** How an expense is shared. */
export type SplitSpec =
  /** Everybody bears the same. */
  | { readonly mode: "equal"; readonly memberIds: readonly string[] }
  /** Everybody bears what is said. */
  | { readonly mode: "exact"; readonly amounts: Parts }
  /** In proportion to whole numbers. */
  | { readonly mode: "weighted"; readonly weights: Parts }
  /** In hundredths of a percent, 10,000 together. */
  | { readonly mode: "percent"; readonly basisPoints: Parts }
  /** Some have extras, or pay less; what remains is borne equally by all who are named, also those with an extra of 0. */
  | { readonly mode: "adjusted"; readonly extras: Parts }
  /** Everybody bears their part of each line, and tax, tip and discount in proportion to the sum of those. */
  | {
      readonly mode: "itemised";
      readonly lines: readonly Line[];
      readonly taxMinor?: bigint;
      readonly tipMinor?: bigint;
      readonly discountMinor?: bigint;
    };

export const SPLIT_RULE_VERSION = 1;

const AMOUNT_MAX = 2n ** 63n - 1n;
const BASIS_POINTS = 10_000n;

/** What was said does not account for all of it. */
export class DoesNotAddUp extends RangeError {
  override readonly name = "DoesNotAddUp";
  readonly difference: bigint;

  constructor(
    readonly expected: bigint,
    readonly actual: bigint,
  ) {
    super(`adds up to ${actual} and not to ${expected}`);
    this.difference = expected - actual;
  }
}

/** Everybody's share of an expense that is not zero, in the order of the members' ids. */
export function splitExpense(amountMinor: bigint, spec: SplitSpec, expenseId: string): Record<string, bigint> {
  return allocateShares(amountMinor, weightsOf(amountMinor, spec), expenseId);
}

/**
 * Divides an amount in proportion to whole weights.
 *
 * For an expense in another currency: its amount in the group's, converted once, by the `weightsOf` the amount that was paid. For what
 * several payers have paid: by what each paid.
 */
export function allocateShares(amountMinor: bigint, weights: Parts, expenseId: string): Record<string, bigint> {
  requireAmount(amountMinor);
  canonicalId(expenseId);
  const total = requireWeights(weights);
  const size = magnitude(amountMinor);
  const members = Object.entries(weights).map(([id, weight]) => ({
    id: canonicalId(id),
    share: (size * weight) / total,
    lost: (size * weight) % total,
  }));
  if (new Set(members.map((member) => member.id)).size < members.length) {
    throw new RangeError("a member is named twice");
  }
  const left = members.reduce((rest, member) => rest - member.share, size);
  if (left > 0n) {
    const lots = new Map(members.map(({ id }) => [id, lot(expenseId, id)]));
    const drawn = (id: string) => lots.get(id) ?? "";
    members.sort((one, other) => compare(other.lost, one.lost) || compare(drawn(one.id), drawn(other.id)));
    for (const member of members.slice(0, Number(left))) {
      member.share += 1n;
    }
  }
  members.sort((one, other) => compare(one.id, other.id));
  return Object.fromEntries(members.map(({ id, share }) => [id, amountMinor < 0n ? -share : share]));
}

/** In which proportion the members bear an amount. Whole numbers, exact however many lines there are. */
export function weightsOf(amountMinor: bigint, spec: SplitSpec): Record<string, bigint> {
  if (amountMinor === 0n) {
    throw new RangeError("an expense is not zero");
  }
  const weights = unchecked(amountMinor, spec);
  requireWeights(weights);
  return weights;
}

/**
 * The shares of a refund of that much. `left`: what its expense's shares are after earlier refunds, whose shares are added to them. The
 * amount has the sign of the expense, the shares the other.
 */
export function refundShares(amountMinor: bigint, left: Parts, refundId: string): Record<string, bigint> {
  const whole = sum(left);
  if (amountMinor === 0n || amountMinor * whole < 0n) {
    throw new RangeError("a refund is not zero, and has the sign of the expense");
  }
  if (magnitude(amountMinor) > magnitude(whole)) {
    throw new DoesNotAddUp(whole, amountMinor);
  }
  return mapped(allocateShares(amountMinor, mapped(left, magnitude), refundId), (share) => -share);
}

function unchecked(amountMinor: bigint, spec: SplitSpec): Record<string, bigint> {
  switch (spec.mode) {
    case "equal":
      return Object.fromEntries(spec.memberIds.map((id) => [id, 1n]));
    case "exact":
      requireSum(amountMinor, sum(spec.amounts));
      return oneWay(amountMinor, spec.amounts);
    case "weighted":
      return { ...spec.weights };
    case "percent":
      requireSum(BASIS_POINTS, sum(spec.basisPoints));
      return { ...spec.basisPoints };
    case "adjusted": {
      const rest = amountMinor - sum(spec.extras);
      if (rest * amountMinor < 0n) {
        throw new DoesNotAddUp(amountMinor, sum(spec.extras));
      }
      const count = BigInt(Object.keys(spec.extras).length);
      return oneWay(amountMinor, mapped(spec.extras, (extra) => rest + count * extra));
    }
    case "itemised":
      return itemised(amountMinor, spec);
  }
}

function itemised(amountMinor: bigint, spec: SplitSpec & { mode: "itemised" }): Record<string, bigint> {
  const onLines = spec.lines.reduce((known, line) => known + line.amountMinor, 0n);
  requireSum(amountMinor, onLines + (spec.taxMinor ?? 0n) + (spec.tipMinor ?? 0n) - (spec.discountMinor ?? 0n));
  const denominator = spec.lines.reduce((known, line) => commonMultiple(known, requireWeights(line.weights)), 1n);
  const subtotals: Record<string, bigint> = {};
  for (const line of spec.lines) {
    requireAmount(line.amountMinor);
    const factor = line.amountMinor * (denominator / sum(line.weights));
    for (const [id, weight] of Object.entries(line.weights)) {
      subtotals[id] = (subtotals[id] ?? 0n) + factor * weight;
    }
  }
  return oneWay(amountMinor, subtotals);
}

function oneWay(amountMinor: bigint, parts: Parts): Record<string, bigint> {
  if (Object.values(parts).some((part) => part * amountMinor < 0n)) {
    throw new RangeError("a part has the other sign than the amount");
  }
  return mapped(parts, magnitude);
}

function requireAmount(amountMinor: bigint): void {
  if (magnitude(amountMinor) > AMOUNT_MAX) {
    throw new RangeError(`does not fit in 64 bits: ${amountMinor}`);
  }
}

function requireWeights(weights: Parts): bigint {
  const total = sum(weights);
  if (total <= 0n || Object.values(weights).some((weight) => weight < 0n)) {
    throw new RangeError("weights are not below zero, and one is above");
  }
  return total;
}

function requireSum(expected: bigint, actual: bigint): void {
  if (expected !== actual) {
    throw new DoesNotAddUp(expected, actual);
  }
}

function sum(parts: Parts): bigint {
  return Object.values(parts).reduce((known, part) => known + part, 0n);
}

function mapped(parts: Parts, change: (part: bigint) => bigint): Record<string, bigint> {
  return Object.fromEntries(Object.entries(parts).map(([id, part]) => [id, change(part)]));
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

function commonMultiple(one: bigint, other: bigint): bigint {
  let [divisor, rest] = [one, other];
  while (rest) {
    [divisor, rest] = [rest, divisor % rest];
  }
  return (one / divisor) * other;
}

function compare<T extends bigint | string>(one: T, other: T): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
