/** What does the page show of a book? What accounts hold, what was spent, and what waits for a decision. */

import type { OfflineBook } from "@tallystick/client/offline";
import { type Transaction, TransactionKind } from "@tallystick/client/v1/ledger";
import { type Conflict, ConflictRule, type Entity } from "@tallystick/client/v1/sync";
import { ConflictChoice, ResolveConflictRequestSchema } from "@tallystick/client/v1/sync_conflicts";
import { ErrorReason } from "@tallystick/client/v1/error_reason";

import { h } from "./dom.js";
import { editTransaction } from "./expense.js";
import { amountOf, type Scene, showDay, showMoney } from "./scene.js";

const SHOWN_MAX = 200;

export function renderBalances({ balances }: Scene): HTMLElement {
  const cards = balances.map(({ account, balance }) =>
    h("li", {}, h("span", {}, account.name), h("strong", { "data-account": account.name }, showMoney(balance))),
  );
  return h("ul", { class: "balances", "aria-label": "Balances" }, cards);
}

export function renderTransactions(book: OfflineBook, { transactions, categories, pending }: Scene): HTMLElement {
  if (transactions.length === 0) {
    return h("p", { class: "empty" }, "Nothing yet. What did you spend last?");
  }
  const names = new Map(categories.map((each) => [each.id, each.name]));
  const rows = transactions.slice(0, SHOWN_MAX).map((transaction) => {
    const about = [showDay(transaction.bookedOn), names.get(transaction.entries[0]?.categoryId ?? "")].filter(Boolean).join(" · ");
    const title = transaction.payee || titleOf(transaction);
    const mark = pending.has(transaction.id) ? h("span", { class: "mark", title: "Not sent yet" }, "waiting") : undefined;
    const button = h(
      "button",
      { type: "button", class: "line", "aria-label": `Correct ${title}`, click: () => editTransaction(book, transaction) },
      h("span", { class: "title" }, title, mark),
      h("span", { class: "about" }, about),
      h("strong", {}, showMoney(amountOf(transaction))),
    );
    return h("li", {}, button);
  });
  return h("ul", { class: "transactions", "aria-label": "Transactions" }, rows);
}

/** What two people changed at once, and what the server refused. Nothing when there is neither. */
export function renderInbox(book: OfflineBook, { conflicts, tray }: Scene): HTMLElement[] {
  const decisions = conflicts.map((conflict) => renderConflict(book, conflict));
  const refused = tray
    .filter(({ blockedBy }) => blockedBy === "")
    .map(({ requestId, rejection }) =>
      h(
        "li",
        { class: "card" },
        h("p", {}, rejection?.message || "It was refused."),
        h("p", { class: "about" }, rejection ? (ErrorReason[rejection.reason] ?? "") : ""),
        h(
          "div",
          { class: "buttons" },
          h("button", { type: "button", click: () => book.retry(requestId) }, "Try again"),
          h("button", { type: "button", class: "quiet danger", click: () => book.discard(requestId) }, "Discard"),
        ),
      ),
    );
  return [
    ...(decisions.length > 0
      ? [h("section", {}, h("h2", {}, "To decide"), h("ul", { class: "inbox", "aria-label": "Conflicts" }, decisions))]
      : []),
    ...(refused.length > 0
      ? [h("section", {}, h("h2", {}, "Refused"), h("ul", { class: "inbox", "aria-label": "Refused" }, refused))]
      : []),
  ];
}

function renderConflict(book: OfflineBook, conflict: Conflict): HTMLElement {
  const decide = (choice: ConflictChoice) => () => book.do(ResolveConflictRequestSchema, { conflictId: conflict.id, choice });
  return h(
    "li",
    { class: "card conflict" },
    h("p", {}, whyOf(conflict)),
    h(
      "dl",
      {},
      h("dt", {}, "Before"),
      h("dd", {}, tell(conflict.base)),
      h("dt", {}, "Theirs"),
      h("dd", {}, tell(conflict.theirs)),
      h("dt", {}, "Mine"),
      h("dd", {}, tell(conflict.mine)),
    ),
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "button", click: decide(ConflictChoice.KEEP_THEIRS) }, "Keep theirs"),
      h("button", { type: "button", click: decide(ConflictChoice.TAKE_MINE) }, "Take mine"),
    ),
  );
}

function whyOf({ rule, groups }: Conflict): string {
  switch (rule) {
    case ConflictRule.DELETES_CHANGED:
      return "Deleted here, and changed elsewhere at the same time.";
    case ConflictRule.CHANGES_DELETED:
      return "Changed here, and deleted elsewhere at the same time.";
    default:
      return `Changed in two places at once: ${groups.join(", ")}.`;
  }
}

function tell(entity: Entity | undefined): string {
  const kind = entity?.kind;
  if (kind?.case !== "transaction") {
    return kind?.case === undefined ? "gone" : "name" in kind.value ? kind.value.name : kind.case;
  }
  return [kind.value.payee, showMoney(amountOf(kind.value)), showDay(kind.value.bookedOn)].filter(Boolean).join(" · ");
}

function titleOf({ kind }: Transaction): string {
  return kind === TransactionKind.OPENING ? "Opening balance" : kind === TransactionKind.TRANSFER ? "Transfer" : "Expense";
}
