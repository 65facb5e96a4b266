/** What does everybody bear of an expense, and what have they paid, in the currency it was paid in and in the one it counts as? */

import { create } from "@bufbuild/protobuf";

import { type Share, ShareSchema } from "../gen/tallystick/v1/group_splits_pb.js";
import { allocateShares, type Parts, type SplitSpec, weightsOf } from "../splitting.js";
import { Inapplicable } from "./view.js";

/** By member, each side adding up to the same amount. */
export interface Sides {
  readonly owed: Parts;
  readonly paid: Parts;
}

/** What an expense comes to. */
export interface Outcome {
  readonly plain: Sides;
  readonly converted: Sides | undefined;
  /** Those whom a unit went to that nothing could divide. */
  readonly roundedUp: ReadonlySet<string>;
}

export function divide(expenseId: string, amountMinor: bigint, paid: Parts, spec: SplitSpec, converted?: bigint): Outcome {
  requirePaid(amountMinor, paid);
  const bears = weightsOf(amountMinor, spec);
  const sides = (minor: bigint): Sides => ({
    owed: allocateShares(minor, bears, expenseId),
    paid: allocateShares(minor, paid, expenseId),
  });
  const plain = sides(amountMinor);
  return {
    plain,
    // By the same weights and not by the shares: those are rounded, and another currency may have finer units.
    converted: converted === undefined ? undefined : sides(converted),
    roundedUp: roundedUp(amountMinor, bears, plain.owed),
  };
}

export function requirePaid(amountMinor: bigint, paid: Parts): void {
  if (sumOf(paid) !== amountMinor) {
    throw new Inapplicable("the payers paid something else");
  }
}

/** Who bears more than their exact share: those to whom the units went that were left. */
export function roundedUp(amountMinor: bigint, weights: Parts, shares: Parts): ReadonlySet<string> {
  const total = sumOf(weights);
  const members = Object.entries(shares).filter(([id, share]) => share * total > amountMinor * (weights[id] ?? 0n));
  return new Set(members.map(([id]) => id));
}

/** In the order of ids. */
export function sharesOf({ plain, converted, roundedUp }: Outcome): Share[] {
  return [...new Set([...Object.keys(plain.owed), ...Object.keys(plain.paid)])].sort().map((memberId) =>
    create(ShareSchema, {
      memberId,
      owedMinor: plain.owed[memberId] ?? 0n,
      paidMinor: plain.paid[memberId] ?? 0n,
      convertedOwedMinor: converted?.owed[memberId] ?? 0n,
      convertedPaidMinor: converted?.paid[memberId] ?? 0n,
      roundedUp: roundedUp.has(memberId),
    }),
  );
}

export function sumOf(parts: Parts): bigint {
  return Object.values(parts).reduce((known, part) => known + part, 0n);
}
