/** What can wait in an outbox, and what does each command change? */

import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";

import { ExpenseDraftSchema } from "../gen/tallystick/v1/group_expenses_pb.js";
import { newId } from "../ids.js";
import { type Mutation, MutationSchema } from "../gen/tallystick/v1/sync_mutation_pb.js";
import type { Kind } from "./entities.js";
import { clientValueId, displayId, notificationPreferencesId } from "./naming.js";
import { targetOf } from "./view.js";

export type Command = Exclude<Mutation["command"], { case: undefined }>;
type Case = Command["case"];
type Fields = Record<string, unknown>;

/** The kind that a command names one of. */
const NAMED: { readonly [C in Case]?: Kind } = {
  updateMember: "member",
  removeMember: "member",
  resolveConflict: "conflict",
  createAccount: "account",
  createCategory: "category",
  createTransaction: "transaction",
  updateBook: "book",
  deleteAccount: "account",
  restoreAccount: "account",
  updateAccount: "account",
  closeAccount: "account",
  reopenAccount: "account",
  reconcileAccount: "account",
  deleteCategory: "category",
  restoreCategory: "category",
  updateCategory: "category",
  mergeCategories: "category",
  createPayee: "payee",
  updatePayee: "payee",
  deletePayee: "payee",
  restorePayee: "payee",
  createPaymentMethod: "paymentMethod",
  updatePaymentMethod: "paymentMethod",
  deletePaymentMethod: "paymentMethod",
  restorePaymentMethod: "paymentMethod",
  createTag: "tag",
  updateTag: "tag",
  deleteTag: "tag",
  restoreTag: "tag",
  updateTransaction: "transaction",
  deleteTransaction: "transaction",
  restoreTransaction: "transaction",
  revertTransaction: "transaction",
  deleteTemplate: "template",
  restoreTemplate: "template",
  createTemplate: "template",
  updateTemplate: "template",
  skipOccurrence: "template",
  executeTemplate: "template",
  deleteRate: "rate",
  deleteRule: "rule",
  restoreRule: "rule",
  createRule: "rule",
  updateRule: "rule",
  updateGroupLink: "groupLink",
  unlinkGroup: "groupLink",
  updateGroup: "expenseGroup",
  archiveGroup: "expenseGroup",
  unarchiveGroup: "expenseGroup",
  lockPeriod: "expenseGroup",
  reopenPeriod: "expenseGroup",
  answerJoinRequest: "joinRequest",
  addGuest: "member",
  leaveGroup: "member",
  createExpense: "expense",
  updateExpense: "expense",
  deleteExpense: "expense",
  restoreExpense: "expense",
  revertExpense: "expense",
  addComment: "expenseComment",
  deleteComment: "expenseComment",
  createRecurringExpense: "recurringExpense",
  updateRecurringExpense: "recurringExpense",
  deleteRecurringExpense: "recurringExpense",
  restoreRecurringExpense: "recurringExpense",
  createSettlementPlan: "settlementPlan",
  cancelSettlementPlan: "settlementPlan",
  recordSettlement: "settlement",
  confirmSettlement: "settlement",
  disputeSettlement: "settlement",
  reverseSettlement: "settlement",
  createBudget: "budget",
  updateBudget: "budget",
  deleteBudget: "budget",
  restoreBudget: "budget",
  copyBudget: "budget",
  createBudgetItem: "budgetItem",
  updateBudgetItem: "budgetItem",
  deleteBudgetItem: "budgetItem",
  restoreBudgetItem: "budgetItem",
  assignMoney: "budgetMove",
  moveMoney: "budgetMove",
  deleteNotification: "notification",
  updateWebhook: "webhook",
  deleteWebhook: "webhook",
  restoreWebhook: "webhook",
  deleteFile: "file",
  restoreFile: "file",
};

/** The field with the id, where it is not `<kind>Id`. */
const ID_FIELDS: { readonly [K in Kind]?: string } = {
  groupLink: "linkId",
  expenseGroup: "groupId",
  expenseComment: "commentId",
  recurringExpense: "recurringId",
  settlementPlan: "planId",
  budgetItem: "itemId",
  budgetMove: "moveId",
};

/** The first that a command has is its space. */
const SPACE_FIELDS = ["spaceId", "bookId", "groupId"];
const MAKES = /^(create|add|record|copyBudget|assignMoney|moveMoney)/;

/** A command with everything in it that a device makes: its request id, its space, and the ids of what it creates. */
export function composeCommand<D extends DescMessage>(schema: D, init: MessageInitShape<D>, spaceId: string): Command {
  const field = MutationSchema.fields.find((each) => each.message?.typeName === schema.typeName && each.oneof !== undefined);
  if (field === undefined) {
    throw new TypeError(`${schema.typeName} cannot wait in an outbox`);
  }
  const command = { case: field.localName, value: create(schema, init) } as unknown as Command;
  const value = command.value as unknown as Fields;
  value["requestId"] ||= newId();
  const spaceField = SPACE_FIELDS.find((name) => name in value);
  if (spaceField !== undefined) {
    value[spaceField] ||= spaceId;
  }
  mintIds(command);
  return command;
}

function mintIds(command: Command): void {
  const kind = MAKES.test(command.case) ? NAMED[command.case] : undefined;
  if (kind !== undefined) {
    holderOf(command)[fieldOf(command, kind)] ||= newId();
  }
  if (command.case === "batchCreateTransactions") {
    for (const draft of command.value.transactions) {
      draft.transactionId ||= newId();
    }
  }
  if (command.case === "batchCreateExpenses") {
    for (const draft of command.value.expenses) {
      draft.expenseId ||= newId();
    }
  }
  if (command.case === "reconcileAccount") {
    command.value.reconciliationId ||= newId();
  }
}

/** What holds the id of the one thing that a command is about. */
function holderOf(command: Command): Fields {
  const holder = command.case === "createExpense" ? (command.value.expense ??= create(ExpenseDraftSchema)) : command.value;
  return holder as unknown as Fields;
}

/** The field with that id. Of a copy it is about the new one. */
function fieldOf(command: Command, kind: Kind): string {
  return command.case === "copyBudget" ? "newBudgetId" : idFieldOf(kind);
}

export function idFieldOf(kind: Kind): string {
  return ID_FIELDS[kind] ?? `${kind}Id`;
}

/** Whether what a command is about was not there before it. */
export function isNew({ case: name }: Command): boolean {
  return MAKES.test(name) || name.startsWith("batchCreate");
}

/** The entities that a command changes, as far as it names them. */
export function targetsOf(command: Command, spaceId: string): string[] {
  switch (command.case) {
    case "batchCreateTransactions":
      return command.value.transactions.map((draft) => targetOf("transaction", draft.transactionId));
    case "batchUpdateTransactions":
      return command.value.updates.map((update) => targetOf("transaction", update.transactionId));
    case "batchDeleteTransactions":
      return command.value.transactionIds.map((id) => targetOf("transaction", id));
    case "batchCreateExpenses":
      return command.value.expenses.map((draft) => targetOf("expense", draft.expenseId));
    case "reorderCategories":
      return command.value.categoryIds.map((id) => targetOf("category", id));
    case "reorderRules":
      return command.value.ruleIds.map((id) => targetOf("rule", id));
    case "updateMe":
      // A user has one profile, which the command does not name.
      return ["profile/"];
    case "updateSettings":
      return [targetOf("preferences", spaceId), "profile/"];
    case "updateDisplay":
    case "resetDisplay":
      return command.value.thing ? [targetOf("display", displayId(spaceId, command.value.thing))] : [];
    case "markRead":
      return command.value.notificationIds.map((id) => targetOf("notification", id));
    case "markAllRead": {
      const { until } = command.value;
      return until.case === "notificationId" ? [targetOf("notification", until.value)] : [];
    }
    case "updateNotificationPreferences":
      return [targetOf("notificationPreferences", notificationPreferencesId(spaceId))];
    case "putClientValue":
    case "deleteClientValue":
      return [targetOf("clientValue", clientValueId(spaceId, command.value.key))];
    case "recordSettlement": {
      const { settlementId, planId } = command.value;
      return [targetOf("settlement", settlementId), ...(planId ? [targetOf("settlementPlan", planId)] : [])];
    }
    case "mergeCategories":
      return [command.value.categoryId, command.value.intoCategoryId].map((id) => targetOf("category", id));
    default: {
      const kind = NAMED[command.case];
      const id = kind && holderOf(command)[fieldOf(command, kind)];
      // Whoever leaves may be the caller, whom the command does not name.
      return kind && id ? [targetOf(kind, id as string)] : [];
    }
  }
}
