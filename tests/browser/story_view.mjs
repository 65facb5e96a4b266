// A device does one of everything without a network. What it shows then must be what the server makes of it.

import { c, differing, newId, Person, picture } from "./device.mjs";

const ann = await new Person().signUp();
const bookId = await ann.openBook();
const book = await ann.device(bookId);
const other = await ann.device(bookId);
const eur = (minor) => ({ currency: "EUR", minor });
const id = {};
const accounts = ["cash", "bank", "dollars", "mine", "gone"];
const labels = ["food", "snacks", "pay", "bakery", "card", "tag", "rule", "rule2", "rent"];
const budgets = ["months", "trips", "jars", "again", "eating", "fun", "jar", "jar2", "given"];
const transactions = ["first", "split", "wage", "transfer", "refund", "later", "second"];
for (const name of [...accounts, ...labels, ...budgets, ...transactions]) {
  id[name] = newId();
}
const { EXPENSE, INCOME, TRANSFER, REFUND } = c.TransactionKind;
const expense = { kind: EXPENSE, accountId: id.cash, amount: eur(1000n), bookedOn: "2026-02-03" };
const jars = { budgetId: id.jars };
const ofBudgets = [
  [
    c.CreateBudgetRequestSchema,
    {
      budgetId: id.months,
      name: " By the month ",
      mode: c.BudgetMode.LIMIT,
      periods: { scheme: { case: "months", value: { months: 1 } } },
      startsOn: "2026-01-31",
      thresholdsBp: [10_000, 8000],
      rollover: { surplus: true, surplusMax: eur(5000n) },
    },
  ],
  [
    c.CreateBudgetRequestSchema,
    {
      budgetId: id.trips,
      name: "Trips",
      mode: c.BudgetMode.LIMIT,
      periods: listed("2026-07-01", "2026-07-14", "2026-02-01", "2026-02-08"),
      template: true,
    },
  ],
  [
    c.CreateBudgetRequestSchema,
    {
      ...jars,
      name: "Jars",
      mode: c.BudgetMode.ENVELOPE,
      periods: { scheme: { case: "weeks", value: { weeks: 2 } } },
      startsOn: "2026-01-01",
      opening: eur(-100n),
    },
  ],
  [c.UpdateBudgetRequestSchema, { budgetId: id.months, startsOn: "2026-02-28", thresholdsBp: [9000, 500] }],
  [c.UpdateBudgetRequestSchema, { budgetId: id.months, updateMask: { paths: ["rollover", "starts_on"] } }],
  [
    c.CreateBudgetItemRequestSchema,
    {
      budgetId: id.months,
      itemId: id.eating,
      name: " Eating ",
      categoryIds: [id.snacks.toUpperCase(), id.food],
      tagIds: [id.tag],
      accountIds: [id.cash],
      limits: [{ fromOn: "2026-03-01", amount: eur(30n) }, { amount: eur(0n) }],
    },
  ],
  [c.UpdateBudgetItemRequestSchema, { budgetId: id.months, itemId: id.eating, name: "Food", thresholdsBp: [2, 1] }],
  [c.UpdateBudgetItemRequestSchema, { budgetId: id.months, itemId: id.eating, updateMask: { paths: ["limits", "tag_ids"] } }],
  [c.DeleteBudgetItemRequestSchema, { budgetId: id.months, itemId: id.eating }],
  [c.RestoreBudgetItemRequestSchema, { budgetId: id.months, itemId: id.eating }],
  [c.CreateBudgetItemRequestSchema, { budgetId: id.trips, itemId: id.fun, name: "Fun", categoryIds: [id.snacks] }],
  [c.CreateBudgetItemRequestSchema, { ...jars, itemId: id.jar, name: "Jar", categoryIds: [id.food] }],
  [c.CreateBudgetItemRequestSchema, { ...jars, itemId: id.jar2, name: "Jar 2", categoryIds: [id.snacks] }],
  [c.CopyBudgetRequestSchema, { budgetId: id.trips, newBudgetId: id.again, name: "Again", startsOn: "2026-03-01" }],
  [c.AssignMoneyRequestSchema, { ...jars, moveId: id.given, itemId: id.jar, amount: eur(1000n), on: "2026-01-10" }],
  [c.AssignMoneyRequestSchema, { ...jars, itemId: id.jar, amount: eur(-1n) }],
  [c.MoveMoneyRequestSchema, { ...jars, fromItemId: id.jar, toItemId: id.jar2, amount: eur(250n), on: "2026-01-10" }],
  [c.CopyForwardRequestSchema, { ...jars, fromOn: "2026-01-10", toOn: "2026-03-02" }],
  [c.CopyForwardRequestSchema, { ...jars, fromOn: "2026-01-10", toOn: "2026-03-02" }],
  [c.DeleteBudgetRequestSchema, { budgetId: id.trips }],
  [c.DeleteBudgetRequestSchema, { budgetId: id.again }],
  [c.RestoreBudgetRequestSchema, { budgetId: id.again }],
];

function listed(...days) {
  const spans = [];
  for (let at = 0; at < days.length; at += 2) {
    spans.push({ fromOn: days[at], untilOn: days[at + 1] });
  }
  return { scheme: { case: "listed", value: { spans } } };
}

const steps = [
  [c.UpdateBookRequestSchema, { name: " Our home ", firstDayOfMonth: 5 }],
  [c.CreateAccountRequestSchema, { accountId: id.cash, name: "Cash", type: c.AccountType.CASH, currency: "EUR", position: 1 }],
  [
    c.CreateAccountRequestSchema,
    {
      accountId: id.bank,
      name: "Bank",
      type: c.AccountType.CHECKING,
      currency: "EUR",
      openingBalance: eur(50_000n),
      openingOn: "2026-01-01",
    },
  ],
  [c.CreateAccountRequestSchema, { accountId: id.dollars, name: "Dollars", type: c.AccountType.SAVINGS, currency: "USD" }],
  [c.CreateAccountRequestSchema, { accountId: id.mine, name: "Mine", type: c.AccountType.CASH, currency: "EUR", private: true }],
  [
    c.CreateAccountRequestSchema,
    {
      accountId: id.gone,
      name: "Gone",
      type: c.AccountType.CASH,
      currency: "EUR",
      openingBalance: eur(-5n),
      openingOn: "2026-01-01",
    },
  ],
  [c.UpdateAccountRequestSchema, { accountId: id.cash, name: "Purse", note: "brown" }],
  [c.UpdateAccountRequestSchema, { accountId: id.cash, updateMask: { paths: ["note"] } }],
  [c.CreateCategoryRequestSchema, { categoryId: id.food, name: "Food", kind: c.CategoryKind.EXPENSE }],
  [c.CreateCategoryRequestSchema, { categoryId: id.snacks, name: "Snacks", kind: c.CategoryKind.EXPENSE, parentId: id.food }],
  [c.CreateCategoryRequestSchema, { categoryId: id.pay, name: "Pay", kind: c.CategoryKind.INCOME }],
  [c.UpdateCategoryRequestSchema, { categoryId: id.snacks, color: "#aabbcc", updateMask: { paths: ["color", "parent_id"] } }],
  [c.ReorderCategoriesRequestSchema, { categoryIds: [id.snacks, id.food] }],
  [c.CreatePayeeRequestSchema, { payeeId: id.bakery, name: "Bakery", defaultCategoryId: id.food }],
  [c.UpdatePayeeRequestSchema, { payeeId: id.bakery, name: "Baker" }],
  [c.CreatePaymentMethodRequestSchema, { paymentMethodId: id.card, name: "Card", icon: "card" }],
  [c.CreateTagRequestSchema, { tagId: id.tag, name: "Trip" }],
  [c.UpdateTagRequestSchema, { tagId: id.tag, color: "#112233" }],
  [
    c.CreateTransactionRequestSchema,
    {
      ...expense,
      transactionId: id.first,
      categoryId: id.food,
      payeeId: id.bakery,
      paymentMethodId: id.card,
      tagIds: [id.tag],
      payee: "Baker",
    },
  ],
  [
    c.CreateTransactionRequestSchema,
    {
      ...expense,
      transactionId: id.split,
      splits: [
        { categoryId: id.food, amount: eur(700n) },
        { amount: eur(300n), accountId: id.bank, note: "from the bank" },
      ],
    },
  ],
  [
    c.CreateTransactionRequestSchema,
    {
      ...expense,
      transactionId: id.wage,
      kind: INCOME,
      categoryId: id.pay,
      accountId: id.bank,
      status: c.TransactionStatus.PENDING,
    },
  ],
  [
    c.CreateTransactionRequestSchema,
    {
      ...expense,
      transactionId: id.transfer,
      kind: TRANSFER,
      accountId: id.bank,
      toAccountId: id.dollars,
      toAmount: { currency: "USD", minor: 1163n },
    },
  ],
  [
    c.CreateTransactionRequestSchema,
    { ...expense, transactionId: id.refund, kind: REFUND, amount: eur(400n), refundOfId: id.first },
  ],
  [c.CreateTransactionRequestSchema, { ...expense, transactionId: id.later, accountId: id.mine }],
  [
    c.BatchCreateTransactionsRequestSchema,
    {
      transactions: [
        { ...expense, transactionId: id.second, payee: "one" },
        { ...expense, payee: "two" },
      ],
    },
  ],
  [c.UpdateTransactionRequestSchema, { transactionId: id.first, change: { amount: eur(1200n), note: "more" } }],
  [
    c.UpdateTransactionRequestSchema,
    {
      transactionId: id.split,
      splitChanges: [
        { line: 0, amount: eur(600n) },
        { line: 1, amount: eur(400n), note: "" },
      ],
    },
  ],
  [
    c.UpdateTransactionRequestSchema,
    {
      transactionId: id.split,
      change: {
        amount: eur(900n),
        splits: [
          { line: 1, amount: eur(400n) },
          { amount: eur(500n), categoryId: id.snacks },
        ],
      },
    },
  ],
  [
    c.UpdateTransactionRequestSchema,
    { transactionId: id.wage, change: { status: c.TransactionStatus.CLEARED, bookedOn: "2026-02-28" } },
  ],
  [c.UpdateTransactionRequestSchema, { transactionId: id.transfer, change: { kind: EXPENSE } }],
  [
    c.BatchUpdateTransactionsRequestSchema,
    {
      updates: [
        { transactionId: id.second, change: { payee: "changed" } },
        { transactionId: id.later, change: { note: "mine" } },
      ],
    },
  ],
  [c.DeleteTransactionRequestSchema, { transactionId: id.second }],
  [c.RestoreTransactionRequestSchema, { transactionId: id.second }],
  [c.BatchDeleteTransactionsRequestSchema, { transactionIds: [id.second] }],
  [c.CreateRuleRequestSchema, { ruleId: id.rule, name: "Baker", when: { payeeContains: "bak" }, then: { categoryId: id.food } }],
  [c.CreateRuleRequestSchema, { ruleId: id.rule2, name: "Trip", when: { textContains: "trip" }, then: { tagIds: [id.tag] } }],
  [c.UpdateRuleRequestSchema, { ruleId: id.rule, disabled: true }],
  [c.ReorderRulesRequestSchema, { ruleIds: [id.rule2, id.rule] }],
  [
    c.CreateTemplateRequestSchema,
    {
      templateId: id.rent,
      name: "Rent",
      mode: c.TemplateMode.REMIND,
      draft: { kind: EXPENSE, accountId: id.bank, amount: eur(80_000n) },
      schedule: { startsOn: "2030-01-01", rule: "FREQ=MONTHLY" },
    },
  ],
  [c.UpdateTemplateRequestSchema, { templateId: id.rent, name: "The rent" }],
  [c.DeleteTemplateRequestSchema, { templateId: id.rent }],
  [c.DeleteTagRequestSchema, { tagId: id.tag }],
  [c.RestoreTagRequestSchema, { tagId: id.tag }],
  [c.DeletePayeeRequestSchema, { payeeId: id.bakery }],
  [c.DeleteAccountRequestSchema, { accountId: id.gone }],
  [c.RestoreAccountRequestSchema, { accountId: id.gone }],
  [c.CloseAccountRequestSchema, { accountId: id.gone, closedOn: "2026-03-01" }],
  ...ofBudgets,
  [c.MergeCategoriesRequestSchema, { categoryId: id.snacks, intoCategoryId: id.food }],
  // What the server refuses shows no effect.
  [c.CreateTransactionRequestSchema, { ...expense, accountId: id.gone, bookedOn: "2026-03-02" }],
  [c.CreateTransactionRequestSchema, { ...expense, categoryId: id.pay }],
  [c.UpdateTransactionRequestSchema, { transactionId: id.first, change: { amount: { currency: "USD", minor: 1n } } }],
  [c.AssignMoneyRequestSchema, { ...jars, itemId: id.jar, amount: eur(1n), on: "2025-12-01" }],
  [c.CreateBudgetItemRequestSchema, { budgetId: id.months, name: "Wages", categoryIds: [id.pay] }],
];
for (const [schema, init] of steps) {
  await book.do(schema, init);
}
const before = await picture(book);
await book.push(ann.tallystick);
const sent = await picture(book);
await book.pull(ann.tallystick);
const after = await picture(book);
await other.pull(ann.tallystick);
const tray = (await book.tray()).map(({ mutation, rejection }) => [mutation.command.case, rejection?.reason]);
console.log(
  JSON.stringify({
    count: Object.keys(after).length,
    beforeAndAfter: differing(before, after),
    sentAndAfter: differing(sent, after),
    devices: differing(after, await picture(other)),
    pending: (await book.pending()).size,
    tray,
    verdict: await book.verify(ann.tallystick),
  }),
);
