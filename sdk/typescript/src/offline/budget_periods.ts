/**
 * Which periods has a budget, and which of them holds a day? As on the server: civil dates in, civil dates out.
 *
 * Every period is computed from the anchor by its number and never from the one before it, so that the 31st is a 31st again after February.
 */

import type { Budget, BudgetPeriods, ListedPeriods } from "../gen/tallystick/v1/budget_pb.js";
import { type Book, Weekday } from "../gen/tallystick/v1/ledger_pb.js";
import { requireDay } from "./roster.js";
import { Inapplicable } from "./view.js";

const LENGTH_MAX = 60;
// How far after the first one money is assigned.
const PERIODS_MAX = 1200;
const WEEK_DAYS = 7;
const YEAR_MONTHS = 12;
const MS_PER_DAY = 86_400_000;
// 1970 began on a Thursday.
const EPOCH_WEEKDAY = 3;

/** The `number` is its place: 0 is the one of the anchor, or the first that is listed. */
export interface Period {
  readonly number: number;
  readonly fromOn: string;
  readonly untilOn: string;
}

/** What a budget leaves to the book is kept in it. What no periods follow from is refused. */
export function fillInPeriods(budget: Budget, book: Book, today: string): void {
  const scheme = budget.periods?.scheme;
  switch (scheme?.case) {
    case "weeks":
      budget.startsOn ||= today;
      scheme.value.anchorOn ||= budget.startsOn;
      scheme.value.firstDay ||= book.firstDayOfWeek || Weekday.MONDAY;
      requireLength(scheme.value.weeks);
      requireDay(scheme.value.anchorOn);
      break;
    case "months": {
      budget.startsOn ||= today;
      const [year] = requireDay(budget.startsOn).split("-");
      scheme.value.anchorOn ||= `${year}-01-${String(book.firstDayOfMonth || 1).padStart(2, "0")}`;
      requireLength(scheme.value.months);
      requireDay(scheme.value.anchorOn);
      break;
    }
    case "listed":
      putInOrder(scheme.value);
      budget.startsOn ||= scheme.value.spans[0]?.fromOn ?? "";
      break;
    default:
      throw new Inapplicable("how its periods follow each other must be stated");
  }
  requireDay(budget.startsOn);
  firstOf(budget);
}

/** The period of a budget that holds a day, if it has one that counts. */
export function periodOf(budget: Budget, day: string): Period {
  const period = findPeriod(schemeOf(budget), requireDay(day));
  const after = period && period.number - firstOf(budget).number;
  if (period === undefined || after === undefined || after < 0 || after >= PERIODS_MAX) {
    throw new Inapplicable(`no period of the budget holds ${day}`);
  }
  return period;
}

type Scheme = Exclude<BudgetPeriods["scheme"], { case: undefined }>;

function schemeOf({ periods }: Budget): Scheme {
  const scheme = periods?.scheme;
  if (scheme?.case === undefined) {
    throw new Inapplicable("it has no periods");
  }
  return scheme;
}

/** The one that holds the day. Undefined: it is in a gap between those that are listed. */
function findPeriod(scheme: Scheme, day: string): Period | undefined {
  switch (scheme.case) {
    case "weeks":
      return periodAt(scheme, Math.floor((ordinalOf(day) - firstWeek(scheme)) / (scheme.value.weeks * WEEK_DAYS)));
    case "months": {
      const number = Math.floor((monthOf(day) - monthOf(scheme.value.anchorOn)) / scheme.value.months);
      // A period begins somewhere in its first month: a day before that is still in the period before.
      return periodAt(scheme, beginsOn(scheme, number) <= day ? number : number - 1);
    }
    default:
      return listed(scheme.value).find(({ fromOn, untilOn }) => fromOn <= day && day <= untilOn);
  }
}

/** The first that ends on the day that the budget starts on, or later. */
function firstOf(budget: Budget): Period {
  const scheme = schemeOf(budget);
  const { startsOn } = budget;
  const first =
    scheme.case === "listed"
      ? listed(scheme.value).find(({ untilOn }) => untilOn >= startsOn)
      : findPeriod(scheme, startsOn);
  if (first === undefined) {
    throw new Inapplicable("it starts after all periods that are listed");
  }
  return first;
}

function requireLength(length: number): void {
  if (length < 1 || length > LENGTH_MAX) {
    throw new Inapplicable(`a period has 1 to ${LENGTH_MAX} weeks or months`);
  }
}

/** No day is in two of them, and none ends before it begins. */
function putInOrder(periods: ListedPeriods): void {
  const { spans } = periods;
  spans.forEach((span) => [span.fromOn, span.untilOn].forEach(requireDay));
  spans.sort((one, other) => (one.fromOn < other.fromOn ? -1 : 1));
  const isInOrder = spans.every(({ fromOn, untilOn }, index) => {
    const before = spans[index - 1];
    return fromOn <= untilOn && (before === undefined || before.untilOn < fromOn);
  });
  if (spans.length === 0 || !isInOrder) {
    throw new Inapplicable("periods do not overlap, and end after they begin");
  }
}

function listed({ spans }: ListedPeriods): Period[] {
  return spans.map(({ fromOn, untilOn }, number) => ({ number, fromOn, untilOn }));
}

// The same function twice, so that between two periods there can be neither a gap nor a day of both.
function periodAt(scheme: Exclude<Scheme, { case: "listed" }>, number: number): Period {
  return { number, fromOn: beginsOn(scheme, number), untilOn: dayOf(ordinalOf(beginsOn(scheme, number + 1)) - 1) };
}

function beginsOn(scheme: Exclude<Scheme, { case: "listed" }>, number: number): string {
  if (scheme.case === "weeks") {
    return dayOf(firstWeek(scheme) + number * scheme.value.weeks * WEEK_DAYS);
  }
  const { anchorOn, months } = scheme.value;
  const month = monthOf(anchorOn) + number * months;
  const year = Math.floor(month / YEAR_MONTHS);
  const first = dayIn(year, month - year * YEAR_MONTHS, 1);
  const last = new Date(dayIn(year, month - year * YEAR_MONTHS + 1, 0) * MS_PER_DAY).getUTCDate();
  return dayOf(first + Math.min(Number(anchorOn.slice(-2)), last) - 1);
}

/** The first day, as a number, of the period with the number 0. */
function firstWeek({ value: { anchorOn, firstDay } }: Scheme & { case: "weeks" }): number {
  const anchor = ordinalOf(anchorOn);
  const weekday = anchor + EPOCH_WEEKDAY - (firstDay - Weekday.MONDAY);
  return anchor - (((weekday % WEEK_DAYS) + WEEK_DAYS) % WEEK_DAYS);
}

function monthOf(day: string): number {
  const [year, month] = day.split("-").map(Number);
  return (year ?? 0) * YEAR_MONTHS + (month ?? 1) - 1;
}

function ordinalOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / MS_PER_DAY;
}

/** `Date.UTC` takes the first hundred years for those of its own century. */
function dayIn(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month, day) / MS_PER_DAY;
}

function dayOf(ordinal: number): string {
  const date = new Date(ordinal * MS_PER_DAY);
  if (!(date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999)) {
    throw new Inapplicable("that is outside of the calendar");
  }
  return date.toISOString().slice(0, 10);
}
