/** How is an expense written down, and corrected? Both work without a network. */

import { parseMoney, toDecimal } from "@tallystick/client";
import type { OfflineBook } from "@tallystick/client/offline";
import { CategoryKind, type Transaction, TransactionKind } from "@tallystick/client/v1/ledger";
import { CreateTransactionRequestSchema } from "@tallystick/client/v1/ledger_service";
import { DeleteTransactionRequestSchema, UpdateTransactionRequestSchema } from "@tallystick/client/v1/ledger_transactions";

import { field, h, onSubmit } from "./dom.js";
import { amountOf, type Scene } from "./scene.js";

/** A form that stays while what can be chosen in it changes. */
export interface ExpenseForm {
  readonly element: HTMLFormElement;
  readonly update: (scene: Scene) => void;
}

export function makeExpenseForm(book: OfflineBook): ExpenseForm {
  const { amount, payee, bookedOn, problem } = inputs();
  const account = h("select", { name: "account", required: true });
  const category = h("select", { name: "category" });
  const currencies = new Map<string, string>();
  const element = h(
    "form",
    { class: "card", "aria-label": "New expense" },
    h("h2", {}, "New expense"),
    h("div", { class: "row" }, field("Amount", amount), field("Paid to", payee)),
    h("div", { class: "row" }, field("From", account), field("For", category), field("On", bookedOn)),
    problem,
    h("button", { type: "submit" }, "Add"),
  );
  onSubmit(
    element,
    (text) => problem.replaceChildren(text),
    async () => {
      await book.do(CreateTransactionRequestSchema, {
        kind: TransactionKind.EXPENSE,
        accountId: account.value,
        categoryId: category.value,
        amount: parseMoney(amount.value.replace(",", "."), currencies.get(account.value) ?? ""),
        bookedOn: bookedOn.value,
        payee: payee.value,
      });
      amount.value = payee.value = "";
      amount.focus();
    },
  );
  const update = ({ balances, categories }: Scene) => {
    currencies.clear();
    for (const { account: each } of balances) {
      currencies.set(each.id, each.currency);
    }
    const spending = categories.filter((each) => each.kind === CategoryKind.EXPENSE && !each.archived);
    refill(
      account,
      balances.map(({ account: each }) => [each.id, each.name]),
    );
    refill(category, [["", "nothing in particular"], ...spending.map((each) => [each.id, each.name] as const)]);
  };
  return { element, update };
}

/** Opens beside the list, and closes when the change is kept. */
export function editTransaction(book: OfflineBook, transaction: Transaction): void {
  const money = amountOf(transaction);
  const currency = money?.currency ?? "";
  const { amount, payee, bookedOn, problem } = inputs();
  amount.value = money ? toDecimal({ currency, minor: money.minor < 0n ? -money.minor : money.minor }) : "";
  payee.value = transaction.payee;
  bookedOn.value = transaction.bookedOn;
  const transactionId = transaction.id;
  const remove = async () => {
    await book.do(DeleteTransactionRequestSchema, { transactionId });
    dialog.close();
  };
  const form = h(
    "form",
    {},
    h("h2", {}, "Correct it"),
    h("div", { class: "row" }, field("Amount", amount), field("Paid to", payee), field("On", bookedOn)),
    problem,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "submit" }, "Save"),
      h("button", { type: "button", class: "quiet", click: () => dialog.close() }, "Cancel"),
      h("button", { type: "button", class: "quiet danger", click: remove }, "Delete"),
    ),
  );
  const dialog: HTMLDialogElement = h("dialog", { "aria-label": "Correct it", close: () => dialog.remove() }, form);
  onSubmit(
    form,
    (text) => problem.replaceChildren(text),
    async () => {
      const change = { amount: parseMoney(amount.value.replace(",", "."), currency), payee: payee.value, bookedOn: bookedOn.value };
      const paths = [
        ...(change.amount.minor === (money && (money.minor < 0n ? -money.minor : money.minor)) ? [] : ["amount"]),
        ...(change.payee === transaction.payee ? [] : ["payee"]),
        ...(change.bookedOn === transaction.bookedOn ? [] : ["booked_on"]),
      ];
      if (paths.length > 0) {
        await book.do(UpdateTransactionRequestSchema, { transactionId, change, updateMask: { paths } });
      }
      dialog.close();
    },
  );
  document.body.append(dialog);
  dialog.showModal();
}

function inputs() {
  return {
    amount: h("input", { name: "amount", inputmode: "decimal", required: true, placeholder: "12.30", autocomplete: "off" }),
    payee: h("input", { name: "payee", maxlength: "200", autocomplete: "off" }),
    bookedOn: Object.assign(h("input", { type: "date", name: "date", required: true }), { value: today() }),
    problem: h("p", { class: "problem", role: "alert" }),
  };
}

function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

/** Only when something differs: a list that is open stays open. */
function refill(select: HTMLSelectElement, options: readonly (readonly [string, string])[]): void {
  const wanted = JSON.stringify(options);
  if (select.dataset["options"] !== wanted) {
    const { value } = select;
    select.dataset["options"] = wanted;
    select.replaceChildren(...options.map(([id, name]) => h("option", { value: id }, name)));
    select.value = options.some(([id]) => id === value) ? value : (options[0]?.[0] ?? "");
  }
}
