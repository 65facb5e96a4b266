/** What came in, went out and was saved in the month and in the year, beside the one before? */

import type { Summary } from "@tallystick/client/v1/report_summaries";

import { h } from "../dom.js";
import { amountCell, type Card, row, table } from "./cards.js";
import type { Figures } from "./figures.js";
import { showMonth, showPercent, showYear, tellMissing } from "./telling.js";

export function makeSummaryCard(name: "Month" | "Year"): Card {
  const element = h("section", { class: "card summary", "aria-label": name });
  const update = ({ dashboard, previous }: Figures) => {
    const of = name === "Month" ? "month" : "year";
    element.replaceChildren(...renderSummary(name, dashboard.book?.[of], previous?.book?.[of]));
  };
  return { element, update };
}

function renderSummary(name: "Month" | "Year", now: Summary | undefined, before: Summary | undefined): HTMLElement[] {
  const tellDays = name === "Month" ? (summary: Summary | undefined) => showMonth(summary?.days, "short") : (summary: Summary | undefined) => showYear(summary?.days);
  const columns = [now, before].map(tellDays);
  const percent = (summary: Summary | undefined) => h("td", { class: "amount" }, showPercent(summary?.savingRateBasisPoints));
  const rows = [
    row("Earned", amountCell(now?.income), amountCell(before?.income)),
    row("Spent", amountCell(now?.spending), amountCell(before?.spending)),
    row("Saved", amountCell(now?.saved), amountCell(before?.saved)),
    row("Saving rate", percent(now), percent(before)),
  ];
  rows[2]?.classList.add("sum");
  const missing = tellMissing(now?.conversion);
  return [h("h2", {}, name), table(name, ["", ...columns], rows), ...(missing ? [missing] : [])];
}
