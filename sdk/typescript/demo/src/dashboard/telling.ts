/** How are figures told? Exactly where somebody reads them, and shortly along an axis. */

import { exponentOf, toDecimal } from "@tallystick/client";
import type { Money } from "@tallystick/client/v1/money";
import type { ReportConversion, ReportDays } from "@tallystick/client/v1/report";

import { h } from "../dom.js";
import { showDay, showMoney } from "../scene.js";

const DAY_MS = 86_400_000;

/** Minor units that a message has without their currency. */
export function money(currency: string, minor: bigint): Money {
  return { $typeName: "tallystick.v1.Money", currency, minor };
}

export function absolute({ currency, minor }: Money): Money {
  return money(currency, minor < 0n ? -minor : minor);
}

/** For an axis, where a height in pixels has become an amount. */
export function showShortly(currency: string, height: number): string {
  const format = new Intl.NumberFormat(undefined, {
    style: "currency",
    currency,
    notation: "compact",
    maximumFractionDigits: Math.abs(height) < 1000 * 10 ** exponentOf(currency) ? 0 : 1,
  });
  return format.format(toDecimal({ currency, minor: BigInt(Math.round(height)) }));
}

/** Hundredths of a percent, shown as percent. */
export function showPercent(basisPoints: bigint | undefined): string {
  if (basisPoints === undefined) {
    return "–";
  }
  const digits = (basisPoints < 0n ? -basisPoints : basisPoints).toString().padStart(5, "0");
  const decimal = `${basisPoints < 0n ? "-" : ""}${digits.slice(0, -4)}.${digits.slice(-4)}` as `${number}`;
  return new Intl.NumberFormat(undefined, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(
    decimal,
  );
}

/** A month is called by its first day: with months from the 25th on, the 3rd of May is in April's. */
export function showMonth({ fromOn }: ReportDays): string {
  return calendar({ month: "long", year: "numeric" }).format(dayOf(fromOn));
}

export function showShortMonth({ fromOn }: ReportDays): string {
  return calendar({ month: "short", year: "numeric" }).format(dayOf(fromOn));
}

export function showYear({ fromOn }: ReportDays): string {
  return fromOn.slice(0, 4);
}

export function showMonthOf(on: string): string {
  return calendar({ month: "short" }).format(dayOf(on));
}

export function showDays({ fromOn, untilOn }: { readonly fromOn: string; readonly untilOn: string }): string {
  return calendar({ day: "numeric", month: "short", year: "numeric" }).formatRange(dayOf(fromOn), dayOf(untilOn));
}

export function showMoment(at: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** The day so many days later, as YYYY-MM-DD. */
export function dayAfter(on: string, days = 1): string {
  return new Date(dayOf(on).getTime() + days * DAY_MS).toISOString().slice(0, 10);
}

/** The last day of the month that begins on this day. */
export function endOfMonth(fromOn: string): string {
  const from = dayOf(fromOn);
  const next = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, from.getUTCDate());
  return new Date(next - DAY_MS).toISOString().slice(0, 10);
}

/** What is in no figure, because no rate leads from its currency. Nothing when all is there. */
export function tellMissing(conversion: Pick<ReportConversion, "unconverted"> | undefined): HTMLElement | undefined {
  const amounts = conversion?.unconverted ?? [];
  if (amounts.length === 0) {
    return undefined;
  }
  const items = amounts.map(({ amount, firstOn, lastOn }) => {
    const when = firstOn === lastOn ? `on ${showDay(firstOn)}` : `from ${showDay(firstOn)} to ${showDay(lastOn)}`;
    return h("li", { title: `No rate ${when}` }, showMoney(amount));
  });
  return h("div", { class: "missing" }, h("span", {}, "Not in these figures, for want of a rate:"), h("ul", {}, items));
}

function calendar(format: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, { ...format, timeZone: "UTC" });
}

function dayOf(on: string): Date {
  return new Date(`${on}T00:00:00Z`);
}
