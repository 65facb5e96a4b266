/** How do the budgets do? Of each item: what was spent of its plan, and whether that is faster than the days go by. */

import type { OfflineBook } from "@tallystick/client/offline";
import type { BudgetFigures, ItemAnalysis, PeriodAnalysis } from "@tallystick/client/v1/budget_analysis";

import { h } from "../dom.js";
import { showMoney } from "../scene.js";
import type { Card } from "./cards.js";
import type { Figures, Progress } from "./figures.js";
import { openNewBudget } from "./new_budget.js";
import { absolute, money, showDays, tellMissing } from "./telling.js";

export function makeBudgetsCard(book: OfflineBook): Card {
  const list = h("div", { class: "budgets" });
  let figures: Figures | undefined;
  const make = h(
    "button",
    { type: "button", class: "small", click: () => openNewBudget(book, figures?.breakdown) },
    "New budget",
  );
  const element = h(
    "section",
    { class: "card", "aria-label": "Budgets" },
    h("div", { class: "titled" }, h("h2", {}, "Budgets"), make),
    list,
  );
  const update = (now: Figures) => {
    figures = now;
    const nothing = h("p", { class: "empty" }, "None for these days. Say what you mean to spend, and see how it goes.");
    list.replaceChildren(...(now.budgets.length > 0 ? now.budgets.map(renderBudget) : [nothing]));
  };
  return { element, update };
}

function renderBudget(progress: Progress): HTMLElement {
  const { budget, analysis } = progress;
  const period = analysis.periods.at(-1);
  if (period?.whole === undefined) {
    return h("div");
  }
  const show = (minor: bigint) => showMoney(money(analysis.currency, minor));
  const envelopes =
    period.envelopes && h("p", { class: "about" }, `${show(period.envelopes.toBeAssignedMinor)} to be assigned`);
  const name = h("h3", {}, budget.name);
  const head = h("div", { class: "titled" }, name, h("span", { class: "about" }, showDays(period)));
  const whole = period.items.length > 1 ? renderProgress("All together", period.whole, progress, period) : undefined;
  const items = period.items.map((item) => renderItem(item, progress, period));
  const list = h("ul", { "aria-label": `Budget ${budget.name}` }, items, whole && h("li", { class: "whole" }, whole));
  return h("div", { class: "budget" }, head, envelopes, list, tellMissing(analysis));
}

function renderItem(item: ItemAnalysis, progress: Progress, period: PeriodAnalysis): HTMLElement {
  const name = progress.names.get(item.itemId) ?? "";
  return h("li", {}, item.figures && renderProgress(name, item.figures, progress, period));
}

function renderProgress(name: string, figures: BudgetFigures, { analysis }: Progress, period: PeriodAnalysis): HTMLElement {
  const show = (minor: bigint) => showMoney(absolute(money(analysis.currency, minor)));
  const { actualMinor, plannedMinor, leftMinor, aheadMinor } = figures;
  const isOver = leftMinor < 0n;
  const isNow = period.fromOn <= analysis.todayOn && analysis.todayOn <= period.untilOn;
  const pace = aheadMinor > 0n ? `${show(aheadMinor)} ahead of pace` : `${show(aheadMinor)} below pace`;
  const planned = showMoney(money(analysis.currency, plannedMinor));
  const spent = showMoney(money(analysis.currency, actualMinor));
  const left = isOver ? `${show(leftMinor)} over` : `${show(leftMinor)} left`;
  return h(
    "div",
    { class: "item" },
    h("span", { class: "name" }, name),
    h("span", { class: "sums" }, h("strong", {}, spent), h("span", { class: "about" }, ` of ${planned}`)),
    renderBar(name, figures, `${spent} of ${planned}`, isNow),
    h("span", { class: isOver ? "left over" : "left" }, left),
    h("span", { class: aheadMinor > 0n ? "pace ahead" : "pace" }, isNow ? (aheadMinor === 0n ? "on pace" : pace) : ""),
  );
}

/** As wide as the plan; or when more was spent, as that, and what is over stands out. */
function renderBar(name: string, figures: BudgetFigures, text: string, isNow: boolean): HTMLElement {
  const { actualMinor, plannedMinor, paceMinor } = figures;
  const wide = [actualMinor, plannedMinor, 1n].reduce((most, minor) => (minor > most ? minor : most));
  const width = (minor: bigint) => `${Number((clamp(minor, wide) * 10_000n) / wide) / 100}%`;
  const within = actualMinor < plannedMinor ? actualMinor : plannedMinor;
  const [spent, over, pace] = [
    h("span", { class: "spent-part" }),
    h("span", { class: "over-part" }),
    h("span", { class: "pace-mark" }),
  ];
  spent.style.width = width(within);
  over.style.left = width(within);
  over.style.width = width(actualMinor - clamp(within, wide));
  pace.style.left = width(paceMinor);
  const percent = plannedMinor > 0n ? (clamp(actualMinor, wide) * 100n) / plannedMinor : actualMinor > 0n ? 100n : 0n;
  const now = (percent > 100n ? 100n : percent).toString();
  const about = {
    "aria-label": name,
    "aria-valuemin": "0",
    "aria-valuemax": "100",
    "aria-valuenow": now,
    "aria-valuetext": text,
  };
  return h("div", { class: "bar", role: "meter", ...about }, spent, over, isNow ? pace : undefined);
}

function clamp(minor: bigint, most: bigint): bigint {
  return minor < 0n ? 0n : minor > most ? most : minor;
}
