/** What does an expense count as that was paid in another currency? The same as on the server. */

import { clone, create } from "@bufbuild/protobuf";

import type { ExpenseDraft } from "../gen/tallystick/v1/group_expenses_pb.js";
import { type Conversion, ConversionSchema } from "../gen/tallystick/v1/group_splits_pb.js";
import type { Money } from "../gen/tallystick/v1/money_pb.js";
import { exponentOf } from "../money.js";
import { require } from "./composing.js";
import { Inapplicable } from "./view.js";

const RATE = /^([0-9]{1,12})(?:\.([0-9]{1,12}))?$/;
const MINOR_MAX = 2n ** 63n - 1n;

/** Into the group's currency, or not at all. What was converted when the group had another one may stay in that. */
export function conversionOf(draft: ExpenseDraft, groupCurrency: string, kept?: Conversion): Conversion | undefined {
  const amount = require(draft.amount, "an amount");
  if (draft.conversion) {
    return requireAgreed(draft, draft.conversion, amount, [groupCurrency, kept?.amount?.currency]);
  }
  if (draft.convertWith === "") {
    if (draft.convertSource !== "") {
      throw new Inapplicable("a source is of a rate");
    }
    return undefined;
  }
  const minor = convert(amount, groupCurrency, draft.convertWith);
  const rate = canonicalRate(draft.convertWith);
  return create(ConversionSchema, {
    amount: { currency: groupCurrency, minor },
    rate,
    source: draft.convertSource,
    rateOn: draft.bookedOn,
  });
}

/** The conversion of another amount by the rate that is kept. */
export function convertedAgain(kept: Conversion, amount: Money): Conversion {
  const again = clone(ConversionSchema, kept);
  const counted = require(again.amount, "an amount");
  counted.minor = convert(amount, counted.currency, kept.rate);
  return again;
}

/** Rounded half to even. */
export function roundedQuotient(dividend: bigint, divisor: bigint): bigint {
  const [whole, rest] = [dividend / divisor, 2n * (dividend % divisor)];
  return rest > divisor || (rest === divisor && whole % 2n === 1n) ? whole + 1n : whole;
}

/** Both amounts were given. A rate beside them has to lead from the one to the other. */
function requireAgreed(draft: ExpenseDraft, said: Conversion, amount: Money, into: readonly (string | undefined)[]): Conversion {
  const { currency, minor } = require(said.amount, "an amount");
  if (draft.convertWith !== "" || !into.includes(currency) || minor <= 0n || amount.currency === currency) {
    throw new Inapplicable("a conversion is into the group's currency");
  }
  if (said.rate !== "" && convert(amount, currency, said.rate) !== minor) {
    throw new Inapplicable("the rate leads elsewhere");
  }
  return clone(ConversionSchema, said);
}

/** Exact, and rounded once, at the end. Something is left of it. */
function convert({ currency, minor }: Money, into: string, rate: string): bigint {
  const [, whole = "", part = ""] = RATE.exec(rate) ?? [];
  if (whole === "" || currency === into) {
    throw new Inapplicable("it is no rate into another currency");
  }
  const scale = (digits: number) => 10n ** BigInt(digits);
  const dividend = minor * BigInt(whole + part) * scale(exponentOf(into));
  const converted = roundedQuotient(dividend, scale(part.length + exponentOf(currency)));
  if (converted <= 0n || converted > MINOR_MAX) {
    throw new Inapplicable("too much, or nothing, is left of the amount");
  }
  return converted;
}

/** The one way to write a rate: no zeros at either end that say nothing. */
function canonicalRate(rate: string): string {
  const [whole = "", part = ""] = rate.split(".");
  const digits = part.replace(/0+$/, "");
  return digits ? `${BigInt(whole)}.${digits}` : `${BigInt(whole)}`;
}
