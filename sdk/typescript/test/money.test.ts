import assert from "node:assert/strict";
import { test } from "node:test";

import { parseMoney, toDecimal } from "../src/index.js";

const MAX = 9223372036854775807n;
const MIN = -9223372036854775808n;

const PAIRS = [
  ["EUR", 0n, "0.00"],
  ["EUR", 5n, "0.05"],
  ["EUR", -5n, "-0.05"],
  ["EUR", -1230n, "-12.30"],
  ["EUR", MAX, "92233720368547758.07"],
  ["EUR", MIN, "-92233720368547758.08"],
  ["JPY", 1234n, "1234"],
  ["JPY", -1n, "-1"],
  ["KWD", 1n, "0.001"],
  ["KWD", MAX, "9223372036854775.807"],
  ["CLF", 123456n, "12.3456"],
] as const;

test("money is written with the decimals of its currency", () => {
  for (const [currency, minor, decimal] of PAIRS) {
    assert.equal(toDecimal({ currency, minor }), decimal);
  }
});

test("what was written is read back exactly", () => {
  for (const [currency, minor, decimal] of PAIRS) {
    assert.deepEqual(parseMoney(decimal, currency), { currency, minor });
  }
});

test("fewer decimals than the currency has are enough", () => {
  assert.equal(parseMoney("12", "EUR").minor, 1200n);
  assert.equal(parseMoney("12.3", "EUR").minor, 1230n);
  assert.equal(parseMoney("007.5", "KWD").minor, 7500n);
});

test("minus zero is zero", () => {
  assert.equal(parseMoney("-0.00", "EUR").minor, 0n);
});

test("what is no exact amount of the currency is refused", () => {
  for (const [decimal, currency] of [
    ["12.345", "EUR"],
    ["12.300", "EUR"],
    ["1.5", "JPY"],
    ["1e3", "EUR"],
    ["1,000.00", "EUR"],
    ["12,30", "EUR"],
    [".5", "EUR"],
    ["5.", "EUR"],
    ["+5", "EUR"],
    [" 5", "EUR"],
    ["5\n", "EUR"],
    ["", "EUR"],
    ["NaN", "EUR"],
    ["٥", "EUR"],
    ["92233720368547758.08", "EUR"],
    ["-92233720368547758.09", "EUR"],
    ["5", "eur"],
    ["5", "EURO"],
    ["5", ""],
  ] as const) {
    assert.throws(() => parseMoney(decimal, currency), RangeError, `${decimal} ${currency}`);
  }
});

test("Intl shows an amount exactly that no floating point number can hold", () => {
  const shown = new Intl.NumberFormat("en", { style: "currency", currency: "EUR" });
  assert.equal(shown.format(toDecimal({ currency: "EUR", minor: MAX })), "€92,233,720,368,547,758.07");
});
