/** What is everything worth, less what is owed, and how did that come about? */

import type { Money } from "@tallystick/client/v1/money";
import type { NetWorthPoint } from "@tallystick/client/v1/report_net_worth";
import type { ChartConfiguration } from "chart.js";

import { h } from "../dom.js";
import { showDay, showMoney } from "../scene.js";
import { amountCell, type Card, row, table } from "./cards.js";
import { makePlot, tipLook } from "./charts.js";
import type { Figures } from "./figures.js";
import { absolute, money, showMonthOf, showShortly, tellMissing } from "./telling.js";

export function makeWorthCard(): Card {
  const plot = makePlot("worth");
  const [head, missing, rows] = [h("div", { class: "head" }), h("div"), h("div", { class: "scroll" })];
  const details = h("details", {}, h("summary", {}, "Month by month"), rows);
  const element = h("section", { class: "card wide", "aria-label": "Net worth" }, head, plot.element, missing, details);
  const update = (figures: Figures) => {
    const points = figures.worth?.points ?? [];
    head.replaceChildren(...renderHead(figures));
    missing.replaceChildren(tellMissing(figures.worth?.conversion) ?? "");
    rows.replaceChildren(renderTable(points));
    plot.draw("Net worth over time. The same numbers are under “Month by month”.", (color) => composeChart(points, color));
  };
  return { element, update, close: plot.close };
}

function renderHead({ dashboard, previous }: Figures): HTMLElement[] {
  const { assets, liabilities, net } = dashboard.book?.netWorth ?? {};
  const part = (kind: string, name: string, amount: Money | undefined) =>
    h("li", { class: kind }, h("span", {}, name), h("strong", {}, showMoney(amount)));
  return [
    h("h2", {}, "Net worth"),
    h("p", { class: "big" }, showMoney(net)),
    h("p", { class: "about" }, tellChange(net, previous?.book?.netWorth)),
    h(
      "ul",
      { class: "legend" },
      part("assets", "Assets", assets),
      part("liabilities", "Liabilities", liabilities),
      part("net", "Net", net),
    ),
  ];
}

function tellChange(net: Money | undefined, before: NetWorthPoint | undefined): string {
  if (net === undefined || before?.net === undefined || net.currency !== before.net.currency) {
    return "";
  }
  const change = money(net.currency, net.minor - before.net.minor);
  const how = change.minor < 0n ? "less than" : "more than";
  const day = showDay(before.on);
  return change.minor === 0n ? `As much as on ${day}` : `${showMoney(absolute(change))} ${how} on ${day}`;
}

function renderTable(points: readonly NetWorthPoint[]): HTMLTableElement {
  const rows = points.toReversed().map(({ on, assets, liabilities, net, incomplete }) => {
    const line = row(showDay(on), amountCell(assets), amountCell(liabilities), amountCell(net));
    line.cells[0]?.append(
      incomplete ? h("span", { class: "mark", title: "Something is missing, for want of a rate" }, "part") : "",
    );
    return line;
  });
  return table("Net worth over time", ["Until", "Assets", "Liabilities", "Net"], rows);
}

function composeChart(points: readonly NetWorthPoint[], color: (name: string) => string): ChartConfiguration {
  const currency = points[0]?.net?.currency ?? "EUR";
  const heights = (amountOf: (point: NetWorthPoint) => Money | undefined) =>
    points.map((point) => Number(amountOf(point)?.minor ?? 0n));
  const bar = { stack: "all", borderRadius: 3, maxBarThickness: 28, categoryPercentage: 0.8, order: 1 };
  const amounts = [
    (point: NetWorthPoint) => point.net,
    (point: NetWorthPoint) => point.assets,
    (point: NetWorthPoint) => point.liabilities,
  ];
  return {
    type: "bar",
    data: {
      labels: points.map(({ on }, index) => tellMonth(on, index === 0)),
      datasets: [
        {
          type: "line",
          label: "Net",
          data: heights(({ net }) => net),
          borderColor: color("net"),
          backgroundColor: color("net"),
          borderWidth: 2.5,
          pointRadius: 3,
          pointHoverRadius: 5,
          order: 0,
        },
        { label: "Assets", data: heights(({ assets }) => assets), backgroundColor: color("assets"), ...bar },
        {
          label: "Liabilities",
          data: heights(({ liabilities }) => liabilities).map((height) => -height),
          backgroundColor: color("liabilities"),
          ...bar,
        },
      ],
    },
    options: {
      interaction: { mode: "index", intersect: false },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          border: { display: false },
          ticks: { maxRotation: 0, autoSkipPadding: 6 },
        },
        y: {
          border: { display: false },
          grid: { color: ({ tick }) => color(tick.value === 0 ? "soft" : "line") },
          ticks: { maxTicksLimit: 6, callback: (height) => showShortly(currency, Number(height)) },
        },
      },
      plugins: {
        tooltip: {
          ...tipLook(color),
          callbacks: {
            title: ([item]) => showDay(points[item?.dataIndex ?? 0]?.on ?? ""),
            // The amount itself, not the height that was made of it.
            label: ({ dataset, dataIndex, datasetIndex }) => {
              const point = points[dataIndex];
              return ` ${dataset.label}: ${showMoney(point && amounts[datasetIndex]?.(point))}`;
            },
          },
        },
      },
    },
  };
}

/** The year stands under the first month and under each January. */
function tellMonth(on: string, isFirst: boolean): string[] {
  return [showMonthOf(on), isFirst || on.slice(5, 7) === "01" ? on.slice(0, 4) : ""];
}
