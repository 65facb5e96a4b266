/** How is a simple budget made? A name, a month to begin with, and limits for some categories. It works without a network, too. */

import { newId, parseMoney } from "@tallystick/client";
import type { OfflineBook } from "@tallystick/client/offline";
import { BudgetMode, CreateBudgetRequestSchema } from "@tallystick/client/v1/budget";
import { CreateBudgetItemRequestSchema } from "@tallystick/client/v1/budget_items";
import { BookSchema, type Category, CategoryKind, CategorySchema } from "@tallystick/client/v1/ledger";
import type { Money } from "@tallystick/client/v1/money";
import type { CategoryBreakdown } from "@tallystick/client/v1/report_spending";

import { field, h, onSubmit } from "../dom.js";
import { showMoney } from "../scene.js";

/** What one row of the form asks for. */
interface Limit {
  readonly category: Category;
  readonly input: HTMLInputElement;
}

export async function openNewBudget(book: OfflineBook, breakdown: CategoryBreakdown | undefined): Promise<void> {
  const [[home], categories] = await Promise.all([book.list(BookSchema), book.list(CategorySchema)]);
  const currency = home?.baseCurrency ?? "EUR";
  const limits = categories
    .filter(({ kind, parentId, archived }) => kind === CategoryKind.EXPENSE && parentId === "" && !archived)
    .sort((one, other) => one.position - other.position)
    .map((category) => ({ category, input: amountInput() }));
  const spent = new Map(breakdown?.nodes.map(({ categoryId, total }) => [categoryId, total]));
  const name = Object.assign(h("input", { name: "name", required: true, maxlength: "200" }), { value: "Every month" });
  const month = Object.assign(h("input", { name: "month", type: "month", required: true, pattern: "[0-9]{4}-[0-9]{2}" }), {
    value: (breakdown?.days?.fromOn ?? new Date().toISOString()).slice(0, 7),
  });
  const problem = h("p", { class: "problem", role: "alert" });
  const form = h(
    "form",
    {},
    h("h2", {}, "New budget"),
    h("div", { class: "row" }, field("Name", name), field("From the month", month)),
    h("p", { class: "about" }, `What each category may cost in a month, in ${currency}. Leave out what you like.`),
    h(
      "ul",
      { class: "limits", "aria-label": "Limits" },
      limits.map((limit) => renderLimit(limit, spent.get(limit.category.id))),
    ),
    problem,
    h(
      "div",
      { class: "buttons" },
      h("button", { type: "submit" }, "Make it"),
      h("button", { type: "button", class: "quiet", click: () => dialog.close() }, "Cancel"),
    ),
  );
  const dialog: HTMLDialogElement = h("dialog", { "aria-label": "New budget", close: () => dialog.remove() }, form);
  onSubmit(
    form,
    (text) => problem.replaceChildren(text),
    async () => {
      const chosen = limits.flatMap(({ category, input }) =>
        input.value.trim() === "" ? [] : [{ category, amount: parseMoney(input.value.trim().replace(",", "."), currency) }],
      );
      if (chosen.length === 0) {
        throw new Error("A limit for one category is needed at least.");
      }
      const startsOn = `${month.value}-${String(home?.firstDayOfMonth || 1).padStart(2, "0")}`;
      await keep(book, { name: name.value, currency, startsOn }, chosen);
      dialog.close();
    },
  );
  document.body.append(dialog);
  dialog.showModal();
}

/** Everything goes into the outbox, where each is done once, and after what it needs. */
async function keep(
  book: OfflineBook,
  budget: { readonly name: string; readonly currency: string; readonly startsOn: string },
  limits: readonly { readonly category: Category; readonly amount: Pick<Money, "currency" | "minor"> }[],
): Promise<void> {
  const budgetId = newId();
  const periods = { scheme: { case: "months", value: { months: 1 } } } as const;
  await book.do(CreateBudgetRequestSchema, { ...budget, budgetId, mode: BudgetMode.LIMIT, periods });
  for (const [position, { category, amount }] of limits.entries()) {
    const { id, name } = category;
    await book.do(CreateBudgetItemRequestSchema, { budgetId, name, position, categoryIds: [id], limits: [{ amount }] });
  }
}

function amountInput(): HTMLInputElement {
  return h("input", { inputmode: "decimal", autocomplete: "off", placeholder: "–", pattern: "[0-9]+([.,][0-9]+)?" });
}

function renderLimit({ category, input }: Limit, spent: Money | undefined): HTMLElement {
  const about = spent ? h("span", { class: "about" }, `${showMoney(spent)} spent`) : undefined;
  return h("li", {}, h("label", {}, h("span", {}, category.name), about, input));
}
