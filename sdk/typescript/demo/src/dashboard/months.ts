/** Which month is looked at? This one, until somebody steps back. */

import { h } from "../dom.js";
import type { Figures } from "./figures.js";
import { dayAfter, endOfMonth, showMonth } from "./telling.js";

export interface Months {
  readonly element: HTMLElement;
  /** As of which day: the last one of the month; empty for this month, as of today. */
  readonly on: () => string;
  /** Without a network nobody steps anywhere. */
  readonly update: (figures: Figures | undefined, isAway: boolean) => void;
}

export function makeMonths(onStep: () => void): Months {
  let on = "";
  let today = "";
  let shown: Figures | undefined;
  const days = () => shown?.dashboard.book?.month?.days;
  const step = (to: (days: { readonly fromOn: string; readonly untilOn: string }) => string) => () => {
    const from = days();
    if (from) {
      const until = to(from);
      on = until < today ? until : "";
      onStep();
    }
  };
  const button = (name: string, sign: string, click: () => void) =>
    h("button", { type: "button", class: "step", "aria-label": name, click }, sign);
  const earlier = button(
    "Month before",
    "‹",
    step(({ fromOn }) => dayAfter(fromOn, -1)),
  );
  const later = button(
    "Next month",
    "›",
    step(({ untilOn }) => endOfMonth(dayAfter(untilOn))),
  );
  const title = h("h2", { class: "month" });
  return {
    element: h("div", { class: "months" }, earlier, title, later),
    on: () => on,
    update: (figures, isAway) => {
      shown = figures;
      today = figures?.on === "" ? figures.dashboard.on : today;
      const month = days();
      title.textContent = month ? showMonth(month) : "";
      earlier.disabled = isAway || figures === undefined;
      later.disabled = earlier.disabled || figures?.on === "";
    },
  };
}
