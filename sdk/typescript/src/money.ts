/** How is money read and written without ever being a floating point number? In minor units, as `bigint`. */

/** An exact amount: `minor` counts cents for EUR, yen for JPY, fils (1/1000) for KWD. */
export interface MoneyLike {
  readonly currency: string;
  readonly minor: bigint;
}

const CURRENCY = /^[A-Z]{3}$/;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;
const MINOR_MAX = 2n ** 63n - 1n;
const MINOR_MIN = -(2n ** 63n);

const USUAL_EXPONENT = 2;
const OTHER_EXPONENTS: ReadonlyMap<string, number> = new Map([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0] as const),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3] as const),
  ..."CLF UYW".split(" ").map((code) => [code, 4] as const),
]);

/** How many decimals a currency's smallest unit has, by ISO 4217. */
export function exponentOf(currency: string): number {
  if (!CURRENCY.test(currency)) {
    throw new RangeError(`not an ISO 4217 code: ${currency}`);
  }
  return OTHER_EXPONENTS.get(currency) ?? USUAL_EXPONENT;
}

/**
 * The amount as a decimal number without its currency: `-12.30` for -1230 cents.
 *
 * `Intl.NumberFormat` takes it as it is, and stays exact.
 */
export function toDecimal(money: MoneyLike): `${number}` {
  const exponent = exponentOf(money.currency);
  const sign = money.minor < 0n ? "-" : "";
  const digits = (money.minor < 0n ? -money.minor : money.minor).toString().padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = digits.slice(digits.length - exponent);
  return `${sign}${whole}${fraction && `.${fraction}`}` as `${number}`;
}

/** Reads a decimal number with a point, such as `12.3`. More decimals than the currency has are an error, never rounded. */
export function parseMoney(decimal: string, currency: string): { currency: string; minor: bigint } {
  const exponent = exponentOf(currency);
  const [, sign, whole, fraction = ""] = DECIMAL.exec(decimal) ?? [];
  if (whole === undefined) {
    throw new RangeError(`not a decimal number: ${decimal}`);
  }
  if (fraction.length > exponent) {
    throw new RangeError(`${currency} has ${exponent} decimals: ${decimal}`);
  }
  const size = BigInt(whole + fraction.padEnd(exponent, "0"));
  return { currency, minor: requireFit(sign ? -size : size) };
}

/** The exact sum of amounts in one currency. */
export function addMoney(currency: string, amounts: Iterable<MoneyLike>): { currency: string; minor: bigint } {
  let minor = 0n;
  for (const amount of amounts) {
    if (amount.currency !== currency) {
      throw new RangeError(`${amount.currency} and ${currency} have no sum`);
    }
    minor += amount.minor;
  }
  return { currency, minor: requireFit(minor) };
}

/**
 * Divides an amount in proportion to whole weights, to the last cent: the parts add up to it.
 *
 * Each part is rounded towards zero, and the units that are left go to the parts that lost most by it; of those that lost the same, to
 * the first. A negative amount is divided as the positive one.
 */
export function allocate({ currency, minor }: MoneyLike, weights: readonly number[]): { currency: string; minor: bigint }[] {
  const whole = weights.map(BigInt);
  const total = whole.reduce((sum, weight) => sum + weight, 0n);
  if (total <= 0n || whole.some((weight) => weight < 0n)) {
    throw new RangeError("weights are not below zero, and one is above");
  }
  const size = minor < 0n ? -minor : minor;
  const parts = whole.map((weight) => (size * weight) / total);
  const lost = whole.map((weight) => (size * weight) % total);
  const left = size - parts.reduce((sum, part) => sum + part, 0n);
  const byLoss = [...whole.keys()].sort((one, other) => Number((lost[other] ?? 0n) - (lost[one] ?? 0n)) || one - other);
  for (const index of byLoss.slice(0, Number(left))) {
    parts[index] = (parts[index] ?? 0n) + 1n;
  }
  return parts.map((part) => ({ currency, minor: minor < 0n ? -part : part }));
}

function requireFit(minor: bigint): bigint {
  if (minor > MINOR_MAX || minor < MINOR_MIN) {
    throw new RangeError(`does not fit in 64 bits: ${minor}`);
  }
  return minor;
}
