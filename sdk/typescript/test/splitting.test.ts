import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  allocateShares,
  DoesNotAddUp,
  type Parts,
  refundShares,
  SPLIT_RULE_VERSION,
  splitExpense,
  type SplitSpec,
  weightsOf,
} from "../src/index.js";
import { lot } from "../src/lot.js";
import { TOP } from "./bundle.js";

type Told = Record<string, string>;

interface Outcome {
  name: string;
  amount: string;
  shares?: Told;
  unbalanced?: { expected: string; actual: string; difference: string };
  refused?: true;
}

interface Vectors {
  ruleVersion: number;
  members: Told;
  lots: { expenseId: string; memberId: string; sha256: string }[];
  allocate: (Outcome & { weights: Told; expenseId: string })[];
  split: (Outcome & { spec: ToldSpec; expenseId: string; converted?: Outcome })[];
  refund: (Outcome & { left: Told; refundId: string })[];
}

interface ToldLine {
  amountMinor: string;
  weights: Told;
}

type ToldSpec =
  | { mode: "equal"; memberIds: string[] }
  | { mode: "exact"; amounts: Told }
  | { mode: "weighted"; weights: Told }
  | { mode: "percent"; basisPoints: Told }
  | { mode: "adjusted"; extras: Told }
  | { mode: "itemised"; lines: ToldLine[]; taxMinor?: string; tipMinor?: string; discountMinor?: string };

const VECTORS = JSON.parse(readFileSync(new URL("../vectors/allocations.json", TOP), "utf8")) as Vectors;

function parts(told: Told): Parts {
  return Object.fromEntries(Object.entries(told).map(([name, part]) => [VECTORS.members[name] ?? name, BigInt(part)]));
}

function specOf(told: ToldSpec): SplitSpec {
  switch (told.mode) {
    case "equal":
      return { mode: "equal", memberIds: told.memberIds.map((name) => VECTORS.members[name] ?? name) };
    case "exact":
      return { mode: "exact", amounts: parts(told.amounts) };
    case "weighted":
      return { mode: "weighted", weights: parts(told.weights) };
    case "percent":
      return { mode: "percent", basisPoints: parts(told.basisPoints) };
    case "adjusted":
      return { mode: "adjusted", extras: parts(told.extras) };
    case "itemised":
      return {
        mode: "itemised",
        lines: told.lines.map((line) => ({ amountMinor: BigInt(line.amountMinor), weights: parts(line.weights) })),
        taxMinor: BigInt(told.taxMinor ?? 0),
        tipMinor: BigInt(told.tipMinor ?? 0),
        discountMinor: BigInt(told.discountMinor ?? 0),
      };
  }
}

/** The call gives the shares of the case, in their order, or is refused as the case says. */
function says(outcome: Outcome, name: string, call: () => Record<string, bigint>): void {
  if (outcome.unbalanced) {
    const { expected, actual, difference } = outcome.unbalanced;
    assert.throws(call, (error) => {
      assert.ok(error instanceof DoesNotAddUp, name);
      assert.deepEqual([error.expected, error.actual, error.difference].map(String), [expected, actual, difference], name);
      return true;
    });
  } else if (outcome.refused) {
    assert.throws(call, RangeError, name);
  } else {
    assert.deepEqual(Object.entries(call()), Object.entries(parts(outcome.shares ?? {})), name);
  }
}

test("the lot is the hash of both ids", () => {
  for (const { expenseId, memberId, sha256 } of VECTORS.lots) {
    assert.equal(lot(expenseId, memberId), sha256);
  }
  for (let round = 0; round < 1000; round++) {
    const [expenseId, memberId] = [randomUUID(), randomUUID()];
    const bytes = Buffer.from(`${expenseId}${memberId}`.replaceAll("-", ""), "hex");
    assert.equal(lot(expenseId, memberId), createHash("sha256").update(bytes).digest("hex"));
  }
});

test("amounts are divided as the vectors say", () => {
  assert.equal(SPLIT_RULE_VERSION, VECTORS.ruleVersion);
  for (const each of VECTORS.allocate) {
    says(each, each.name, () => allocateShares(BigInt(each.amount), parts(each.weights), each.expenseId));
  }
});

test("expenses are split as the vectors say, also in the currency of the group", () => {
  for (const each of VECTORS.split) {
    const amount = BigInt(each.amount);
    says(each, each.name, () => splitExpense(amount, specOf(each.spec), each.expenseId));
    if (each.converted) {
      const converted = BigInt(each.converted.amount);
      says(each.converted, each.name, () =>
        allocateShares(converted, weightsOf(amount, specOf(each.spec)), each.expenseId),
      );
    }
  }
});

test("refunds give back what the vectors say", () => {
  for (const each of VECTORS.refund) {
    says(each, each.name, () => refundShares(BigInt(each.amount), parts(each.left), each.refundId));
  }
});
