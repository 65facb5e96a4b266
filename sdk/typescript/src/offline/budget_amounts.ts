/** Which amounts, and which parts of them, may a budget and its items name? As the server has it. */

import type { Rollover } from "../gen/tallystick/v1/budget_items_pb.js";
import type { Budget } from "../gen/tallystick/v1/budget_pb.js";
import type { Money } from "../gen/tallystick/v1/money_pb.js";
import { require } from "./composing.js";
import { Inapplicable } from "./view.js";

const AMOUNT_MAX = 2n ** 63n - 1n;
const THRESHOLD_BP_MAX = 100_000;

/** An amount of the budget, above zero or below, that 64 bits can turn around. Returns how much it is. */
export function requireAmount(budget: Budget, amount: Money | undefined): bigint {
  const { currency, minor } = require(amount, "an amount");
  if (currency !== budget.currency) {
    throw new Inapplicable("the amount is not in the budget's currency");
  }
  return requireInRange(minor);
}

export function requireInRange(minor: bigint): bigint {
  if (minor > AMOUNT_MAX || minor < -AMOUNT_MAX) {
    throw new Inapplicable("the amount is out of range");
  }
  return minor;
}

export function requireRollover(budget: Budget, rollover: Rollover | undefined): void {
  if (rollover?.surplusMax !== undefined && (requireAmount(budget, rollover.surplusMax) <= 0n || !rollover.surplus)) {
    throw new Inapplicable("it limits what is not carried on");
  }
}

/** In their order. */
export function requireThresholds(thresholdsBp: number[]): void {
  thresholdsBp.sort((one, other) => one - other);
  const isInRange = thresholdsBp.every((each) => each >= 1 && each <= THRESHOLD_BP_MAX);
  if (!isInRange || new Set(thresholdsBp).size < thresholdsBp.length) {
    throw new Inapplicable(`each threshold is 1 to ${THRESHOLD_BP_MAX}, once`);
  }
}
