/** What does a split on the wire say, in the words of those who divide? The same as on the server. */

import { clone, create } from "@bufbuild/protobuf";

import type { Group } from "../gen/tallystick/v1/group_pb.js";
import { type ExpenseSplit, ExpenseSplitSchema, type Payer } from "../gen/tallystick/v1/group_splits_pb.js";
import type { SplitSpec } from "../splitting.js";
import { Inapplicable } from "./view.js";

interface Named {
  memberId: string;
}

export function specOf({ mode }: ExpenseSplit): SplitSpec {
  switch (mode.case) {
    case "equal":
      return { mode: "equal", memberIds: Object.keys(eachOnce(mode.value.memberIds.map((memberId) => [memberId, 1n]))).sort() };
    case "exact":
      return { mode: "exact", amounts: amountsOf(mode.value.amounts) };
    case "weighted":
      return { mode: "weighted", weights: weightsOf(mode.value.weights) };
    case "percent": {
      const parts = mode.value.percents.map((each): [string, bigint] => [each.memberId, BigInt(each.basisPoints)]);
      return { mode: "percent", basisPoints: eachOnce(parts) };
    }
    case "adjusted":
      return { mode: "adjusted", extras: amountsOf(mode.value.extras) };
    case "itemised": {
      const { lines, taxMinor, tipMinor, discountMinor } = mode.value;
      const told = lines.map(({ minor, weights }) => ({ amountMinor: minor, weights: weightsOf(weights) }));
      return { mode: "itemised", lines: told, taxMinor, tipMinor, discountMinor };
    }
    default:
      throw new Inapplicable("it must say how");
  }
}

export function paidBy(payers: readonly Payer[]): Record<string, bigint> {
  return amountsOf(payers);
}

/** The same, with every id in the one way to write it. */
export function canonicalSplit(split: ExpenseSplit): ExpenseSplit {
  const copy = clone(ExpenseSplitSchema, split);
  if (copy.mode.case === "equal") {
    copy.mode.value.memberIds = copy.mode.value.memberIds.map((id) => id.toLowerCase());
  }
  for (const part of partsOf(copy)) {
    part.memberId = part.memberId.toLowerCase();
  }
  return copy;
}

/** By the group's weights, of those who are in; equally among all of them if it has none that tell. */
export function defaultSplit({ defaultSplit }: Group, present: readonly string[]): ExpenseSplit {
  const told = defaultSplit.filter((each) => present.includes(each.memberId));
  const parts = told.some((each) => each.weight > 0n) ? told : present.map((memberId) => ({ memberId, weight: 1n }));
  const isEqual = parts.every((each) => each.weight === parts[0]?.weight);
  return create(ExpenseSplitSchema, {
    mode: isEqual
      ? { case: "equal", value: { memberIds: parts.map((each) => each.memberId) } }
      : { case: "weighted", value: { weights: parts.map(({ memberId, weight }) => ({ memberId, weight })) } },
  });
}

function partsOf({ mode }: ExpenseSplit): Named[] {
  switch (mode.case) {
    case "exact":
      return mode.value.amounts;
    case "weighted":
      return mode.value.weights;
    case "percent":
      return mode.value.percents;
    case "adjusted":
      return mode.value.extras;
    case "itemised":
      return mode.value.lines.flatMap((line) => line.weights);
    default:
      return [];
  }
}

function amountsOf(amounts: readonly { readonly memberId: string; readonly minor: bigint }[]): Record<string, bigint> {
  return eachOnce(amounts.map(({ memberId, minor }) => [memberId, minor]));
}

function weightsOf(weights: readonly { readonly memberId: string; readonly weight: bigint }[]): Record<string, bigint> {
  return eachOnce(weights.map(({ memberId, weight }) => [memberId, weight]));
}

/** Nobody is named twice in one place: which of the two was meant could not be told. */
function eachOnce(parts: readonly (readonly [string, bigint])[]): Record<string, bigint> {
  const found = Object.fromEntries(parts.map(([memberId, part]) => [memberId.toLowerCase(), part]));
  if (Object.keys(found).length < parts.length) {
    throw new Inapplicable("somebody is named twice");
  }
  return found;
}
