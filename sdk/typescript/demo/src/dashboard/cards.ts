/** What do all cards of the overview have in common? */

import type { Money } from "@tallystick/client/v1/money";

import { h } from "../dom.js";
import { showMoney } from "../scene.js";
import type { Figures } from "./figures.js";

/** A part of the overview that stays while its figures change. */
export interface Card {
  readonly element: HTMLElement;
  readonly update: (figures: Figures) => void;
  readonly close?: () => void;
}

/** A cell with an amount: right-aligned, and red below zero. */
export function amountCell(amount: Money | undefined): HTMLTableCellElement {
  return h("td", { class: amount && amount.minor < 0n ? "amount negative" : "amount" }, showMoney(amount) || "–");
}

/** The first row names the columns. */
export function table(name: string, columns: readonly string[], rows: readonly HTMLTableRowElement[]): HTMLTableElement {
  const heads = columns.map((column) => h("th", { scope: "col" }, column));
  return h("table", { "aria-label": name }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
}

export function row(name: string, ...cells: HTMLTableCellElement[]): HTMLTableRowElement {
  return h("tr", {}, h("th", { scope: "row" }, name), cells);
}
