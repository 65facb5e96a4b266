/** What was the money of the month spent on? Whoever presses a category sees what is below it, and then each transaction. */

import type { OfflineBook } from "@tallystick/client/offline";
import type { Money } from "@tallystick/client/v1/money";
import type { CategoryBreakdown, CategoryNode } from "@tallystick/client/v1/report_spending";
import type { ChartConfiguration } from "chart.js";

import { h } from "../dom.js";
import { showMoney } from "../scene.js";
import type { Card } from "./cards.js";
import { makePlot, tipLook } from "./charts.js";
import { renderSpent } from "./spent.js";
import { money, showMonth, showPercent, tellMissing } from "./telling.js";

const COLORS = 8;

/** One slice: a category, or what a category has beside those below it. */
interface Slice {
  readonly name: string;
  readonly amount: Money;
  readonly color: string;
  /** What is seen when it is pressed. */
  readonly node?: CategoryNode;
}

export function makeCategoriesCard(book: OfflineBook): Card {
  const plot = makePlot("categories");
  const middle = h("p", { class: "middle" });
  const [crumbs, list, missing, spent] = [
    h("nav", { class: "crumbs", "aria-label": "Categories above" }),
    h("div"),
    h("div"),
    h("div"),
  ];
  const title = h("h2");
  const ring = h("div", { class: "ring" }, plot.element, middle);
  const parts = h("div", { class: "parts" }, ring, list);
  const element = h("section", { class: "card", "aria-label": "Spending by category" }, title, crumbs, parts, spent, missing);
  let breakdown: CategoryBreakdown | undefined;
  let path: readonly string[] = [];
  const go = (to: readonly string[]) => {
    path = to;
    show();
  };
  const showSpent = async (node: CategoryNode | undefined) => {
    const shown = await renderSpent(book, breakdown?.days, node);
    // Somebody may have gone elsewhere meanwhile.
    if (node === follow(breakdown, path).at(-1)) {
      spent.replaceChildren(...shown);
    }
  };
  const show = () => {
    const nodes = follow(breakdown, path);
    path = nodes.map(keyOf);
    const node = nodes.at(-1);
    const slices = slicesOf(breakdown, node);
    const total = node?.total ?? breakdown?.total;
    const open = (slice: Slice | undefined) => slice?.node && go([...path, keyOf(slice.node)]);
    title.textContent = breakdown?.days ? `Spending in ${showMonth(breakdown.days)}` : "Spending";
    crumbs.replaceChildren(...renderCrumbs(nodes, go));
    middle.replaceChildren(h("strong", {}, showMoney(total)), h("span", {}, node?.name || (node ? "No category" : "Total")));
    list.replaceChildren(renderList(slices, total, open));
    missing.replaceChildren(tellMissing(breakdown?.conversion) ?? "");
    parts.hidden = slices.length === 0;
    void showSpent(node);
    plot.draw("Spending by category. The same numbers are in the list beside it.", (color) =>
      composeChart(slices, color, open),
    );
  };
  const update: Card["update"] = (figures) => {
    breakdown = figures.breakdown;
    show();
  };
  return { element, update, close: plot.close };
}

/** The nodes on the way down, as far as they are still there. */
function follow(breakdown: CategoryBreakdown | undefined, path: readonly string[]): CategoryNode[] {
  const found: CategoryNode[] = [];
  for (const key of path) {
    const node = (found.at(-1)?.children ?? breakdown?.nodes)?.find((each) => keyOf(each) === key);
    if (node === undefined) {
      break;
    }
    found.push(node);
  }
  return found;
}

function slicesOf(breakdown: CategoryBreakdown | undefined, node: CategoryNode | undefined): Slice[] {
  const below = node?.children ?? breakdown?.nodes ?? [];
  const slices = below.map((each, index) => ({
    name: each.uncategorized ? "No category" : each.name,
    amount: each.total ?? money("EUR", 0n),
    color: index < COLORS && !each.uncategorized ? `share-${index + 1}` : "share-rest",
    node: each,
  }));
  const own = node?.own && node.own.minor !== 0n ? node.own : undefined;
  return own && node
    ? [...slices, { name: below.length > 0 ? `${node.name} itself` : node.name, amount: own, color: "share-rest" }]
    : slices;
}

function renderCrumbs(nodes: readonly CategoryNode[], go: (path: readonly string[]) => void): HTMLElement[] {
  if (nodes.length === 0) {
    return [];
  }
  const names = ["All", ...nodes.map(({ name, uncategorized }) => (uncategorized ? "No category" : name))];
  return names.map((name, depth) =>
    depth < nodes.length
      ? h("button", { type: "button", class: "quiet", click: () => go(nodes.slice(0, depth).map(keyOf)) }, name)
      : h("span", { "aria-current": "location" }, name),
  );
}

function renderList(slices: readonly Slice[], total: Money | undefined, open: (slice: Slice) => void): HTMLElement {
  const items = slices.map((slice) => {
    const swatch = h("span", { class: "swatch" });
    swatch.style.background = `var(--${slice.color})`;
    const cells = [
      swatch,
      h("span", { class: "name" }, slice.name),
      shareOf(slice.amount, total),
      h("strong", {}, showMoney(slice.amount)),
    ];
    const line = slice.node
      ? h("button", { type: "button", class: "slice", click: () => open(slice) }, cells)
      : h("span", { class: "slice" }, cells);
    return h("li", {}, line);
  });
  return h("ul", { class: "slices", "aria-label": "Categories" }, items);
}

/** Of what is seen: below a category, of what that has. */
function shareOf(amount: Money, total: Money | undefined): HTMLElement {
  const isPart = total !== undefined && total.minor > 0n && total.currency === amount.currency;
  return h("span", { class: "share" }, isPart ? showPercent((amount.minor * 20_000n + total.minor) / (total.minor * 2n)) : "");
}

function keyOf({ categoryId }: CategoryNode): string {
  return categoryId;
}

function composeChart(
  slices: readonly Slice[],
  color: (name: string) => string,
  open: (slice: Slice | undefined) => void,
): ChartConfiguration<"doughnut"> {
  // More came back than was spent: there is no such angle, but the list says so.
  const drawn = slices.filter(({ amount }) => amount.minor > 0n);
  return {
    type: "doughnut",
    data: {
      labels: drawn.map(({ name }) => name),
      datasets: [
        {
          data: drawn.map(({ amount }) => Number(amount.minor)),
          backgroundColor: drawn.map((slice) => color(slice.color)),
          borderColor: color("card"),
          borderWidth: 2,
          hoverOffset: 4,
        },
      ],
    },
    options: {
      cutout: "68%",
      layout: { padding: 4 },
      onClick: (_event, [hit]) => open(drawn[hit?.index ?? -1]),
      onHover: ({ native }, hits) => {
        (native?.target as HTMLElement).style.cursor = drawn[hits[0]?.index ?? -1]?.node ? "pointer" : "";
      },
      plugins: {
        tooltip: { ...tipLook(color), callbacks: { label: ({ dataIndex }) => ` ${showMoney(drawn[dataIndex]?.amount)}` } },
      },
    },
  };
}
