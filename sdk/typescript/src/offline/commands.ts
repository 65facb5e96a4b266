/** What can wait in an outbox, and what does each command change? */

import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";

import { newId } from "../ids.js";
import { type Mutation, MutationSchema } from "../gen/tallystick/v1/sync_mutation_pb.js";
import type { Kind } from "./entities.js";
import { targetOf } from "./view.js";

export type Command = Exclude<Mutation["command"], { case: undefined }>;
type Case = Command["case"];
type Fields = Record<string, unknown>;

/** The kind that a command names by `<kind>Id`. */
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
};

/** A command with everything in it that a device makes: its request id, its space, and the ids of what it creates. */
export function composeCommand<D extends DescMessage>(schema: D, init: MessageInitShape<D>, spaceId: string): Command {
  const field = MutationSchema.fields.find((each) => each.message?.typeName === schema.typeName && each.oneof !== undefined);
  if (field === undefined) {
    throw new TypeError(`${schema.typeName} cannot wait in an outbox`);
  }
  const command = { case: field.localName, value: create(schema, init) } as unknown as Command;
  const value = command.value as unknown as Fields;
  value["requestId"] ||= newId();
  for (const name of ["bookId", "spaceId"]) {
    if (name in value) {
      value[name] ||= spaceId;
    }
  }
  mintIds(command);
  return command;
}

function mintIds(command: Command): void {
  const kind = command.case.startsWith("create") ? NAMED[command.case] : undefined;
  if (kind !== undefined) {
    (command.value as unknown as Fields)[`${kind}Id`] ||= newId();
  }
  if (command.case === "batchCreateTransactions") {
    for (const draft of command.value.transactions) {
      draft.transactionId ||= newId();
    }
  }
  if (command.case === "reconcileAccount") {
    command.value.reconciliationId ||= newId();
  }
}

/** The entities that a command changes, as far as it names them. */
export function targetsOf(command: Command): string[] {
  switch (command.case) {
    case "batchCreateTransactions":
      return command.value.transactions.map((draft) => targetOf("transaction", draft.transactionId));
    case "batchUpdateTransactions":
      return command.value.updates.map((update) => targetOf("transaction", update.transactionId));
    case "batchDeleteTransactions":
      return command.value.transactionIds.map((id) => targetOf("transaction", id));
    case "reorderCategories":
      return command.value.categoryIds.map((id) => targetOf("category", id));
    case "reorderRules":
      return command.value.ruleIds.map((id) => targetOf("rule", id));
    case "updateMe":
      // A user has one profile, which the command does not name.
      return ["profile/"];
    case "mergeCategories":
      return [command.value.categoryId, command.value.intoCategoryId].map((id) => targetOf("category", id));
    default: {
      const kind = NAMED[command.case];
      return kind === undefined ? [] : [targetOf(kind, (command.value as unknown as Fields)[`${kind}Id`] as string)];
    }
  }
}
