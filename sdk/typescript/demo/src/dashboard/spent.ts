/** Which transactions made up a category's spending? They are read from this browser, also those that wait. */

import type { OfflineBook } from "@tallystick/client/offline";
import { type Transaction, TransactionKind, TransactionSchema } from "@tallystick/client/v1/ledger";
import type { ReportDays } from "@tallystick/client/v1/report";
import type { CategoryNode } from "@tallystick/client/v1/report_spending";

import { h } from "../dom.js";
import { showDay, showMoney } from "../scene.js";
import { money } from "./telling.js";

const SHOWN_MAX = 20;
const COUNTED: ReadonlySet<TransactionKind> = new Set([TransactionKind.EXPENSE, TransactionKind.REFUND]);

export async function renderSpent(
  book: OfflineBook,
  days: ReportDays | undefined,
  node: CategoryNode | undefined,
): Promise<HTMLElement[]> {
  if (days === undefined || node === undefined) {
    return [];
  }
  const ids = new Set(idsBelow(node));
  const all = await book.list(TransactionSchema);
  const spent = all
    .filter(({ bookedOn, kind }) => COUNTED.has(kind) && days.fromOn <= bookedOn && bookedOn <= days.untilOn)
    .filter(({ entries }) => entries.some(({ categoryId }) => ids.has(categoryId)))
    .sort((one, other) => (one.bookedOn < other.bookedOn ? 1 : -1));
  const rows = spent
    .slice(0, SHOWN_MAX)
    .map((transaction) =>
      h(
        "li",
        {},
        h("span", { class: "name" }, transaction.payee || "Expense"),
        h("span", { class: "about" }, showDay(transaction.bookedOn)),
        h("strong", {}, spentOn(transaction, ids)),
      ),
    );
  const rest = spent.length - rows.length;
  const more = rest > 0 ? [h("p", { class: "about" }, `and ${rest} more`)] : [];
  return [h("ul", { class: "spent", "aria-label": "Transactions of the category" }, rows), ...more];
}

function idsBelow({ categoryId, children }: CategoryNode): string[] {
  return [categoryId, ...children.flatMap(idsBelow)];
}

/** What of it was spent on these, in each currency: entries of spending are below zero. */
function spentOn({ entries }: Transaction, ids: ReadonlySet<string>): string {
  const sums = new Map<string, bigint>();
  for (const { amount, categoryId } of entries) {
    if (amount && ids.has(categoryId)) {
      sums.set(amount.currency, (sums.get(amount.currency) ?? 0n) - amount.minor);
    }
  }
  return [...sums].map(([currency, minor]) => showMoney(money(currency, minor))).join(" + ");
}
