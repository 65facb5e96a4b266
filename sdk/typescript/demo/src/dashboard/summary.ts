/** What came in, went out and was saved in the month and in the year, beside the one before? */

import type { ReportDays } from "@tallystick/client/v1/report";
import type { Summary } from "@tallystick/client/v1/report_summaries";

import { h } from "../dom.js";
import { amountCell, type Card, row, table } from "./cards.js";
import { showPercent, showShortMonth, showYear, tellMissing } from "./telling.js";

export function makeMonthCard(): Card {
  return makeSummaryCard("Month", "month", showShortMonth);
}

export function makeYearCard(): Card {
  return makeSummaryCard("Year", "year", showYear);
}

function makeSummaryCard(name: string, of: "month" | "year", showDays: (days: ReportDays) => string): Card {
  const element = h("section", { class: "card summary", "aria-label": name });
  const update: Card["update"] = ({ dashboard, previous }) => {
    const [now, before] = [dashboard.book?.[of], previous?.book?.[of]];
    const columns = [now, before].map((summary) => (summary?.days ? showDays(summary.days) : ""));
    element.replaceChildren(
      h("h2", {}, name),
      table(name, ["", ...columns], renderRows(now, before)),
      tellMissing(now?.conversion) ?? "",
    );
  };
  return { element, update };
}

function renderRows(now: Summary | undefined, before: Summary | undefined): HTMLTableRowElement[] {
  const percent = (summary: Summary | undefined) => h("td", { class: "amount" }, showPercent(summary?.savingRateBasisPoints));
  return [
    row("Earned", amountCell(now?.income), amountCell(before?.income)),
    row("Spent", amountCell(now?.spending), amountCell(before?.spending)),
    row("Saved", amountCell(now?.saved), amountCell(before?.saved)),
    row("Saving rate", percent(now), percent(before)),
  ];
}
