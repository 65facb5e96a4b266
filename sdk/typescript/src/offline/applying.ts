/** What does the screen show while commands wait? What the rules of the server make of them, until the server's word comes. */

import type { DescMessage, Message } from "@bufbuild/protobuf";

import { ConflictChoice, type ResolveConflictRequest } from "../gen/tallystick/v1/sync_conflicts_pb.js";
import { type Mutation, MutationSchema } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { ConflictSchema, ConflictState } from "../gen/tallystick/v1/sync_pb.js";
import { applyToBudgets } from "./applying_budgets.js";
import { applyToFiles } from "./applying_files.js";
import { applyInGroup } from "./applying_groups.js";
import { applyInHome } from "./applying_home.js";
import { mergeCategories } from "./applying_merging.js";
import { applyToNotifications } from "./applying_notifications.js";
import {
  createAccount,
  createNoun,
  deleteNoun,
  type Noun,
  NOUNS,
  reorder,
  restoreNoun,
  setClosed,
  updateAccount,
  updateNoun,
} from "./applying_nouns.js";
import { createTransaction, deleteTransaction, type Made, restoreTransaction, updateTransaction } from "./applying_transactions.js";
import { applyToWebhooks } from "./applying_webhooks.js";
import { copyOf } from "./entities.js";
import { type Below, View } from "./view.js";

type Command = Exclude<Mutation["command"], { case: undefined }>;
type Fields = Record<string, unknown>;

const USUAL = /^(create|update|delete|restore)([A-Z].*)$/;

/** The view of a copy with mutations laid over it, one after the other. */
export function applyAll(mutations: readonly Mutation[], below: Below, spaceId: string, userId = ""): View {
  const view = new View(below);
  for (const mutation of mutations) {
    view.attempt((trial) => apply(trial, mutation, { spaceId, userId }));
  }
  return view;
}

function apply(view: View, { command, madeAt }: Mutation, where: Omit<Made, "at">): void {
  const made = { ...where, at: madeAt };
  switch (command.case) {
    case undefined:
      return;
    case "createAccount":
      return createAccount(view, command.value, made);
    case "createTransaction":
      return createTransaction(view, command.value, made);
    case "batchCreateTransactions":
      return command.value.transactions.forEach((draft) => createTransaction(view, draft, made));
    case "updateTransaction":
      return updateTransaction(view, command.value.transactionId, command.value, command.value.unlock);
    case "batchUpdateTransactions":
      return command.value.updates.forEach((each) => updateTransaction(view, each.transactionId, each, command.value.unlock));
    case "deleteTransaction":
      return deleteTransaction(view, command.value.transactionId, command.value.unlock);
    case "batchDeleteTransactions":
      return command.value.transactionIds.forEach((id) => deleteTransaction(view, id, command.value.unlock));
    case "restoreTransaction":
      return restoreTransaction(view, command.value.transactionId);
    case "updateAccount":
      return updateAccount(view, command.value, made);
    case "closeAccount":
      return setClosed(view, command.value.accountId, command.value.closedOn);
    case "reopenAccount":
      return setClosed(view, command.value.accountId, "");
    case "mergeCategories":
      return mergeCategories(view, command.value);
    case "reorderCategories":
      return reorder(view, "category", command.value.categoryIds);
    case "reorderRules":
      return reorder(view, "rule", command.value.ruleIds);
    case "resolveConflict":
      return resolveConflict(view, command.value, made);
    default:
      return applyUsual(view, command, made);
  }
}

/** Commands that are alike for every kind of thing. What there is no rule for leaves the view as it is. */
function applyUsual(view: View, command: Command, made: Made): void {
  const [, verb, what = ""] = USUAL.exec(command.case) ?? [];
  const noun = (NOUNS as Record<string, Noun | undefined>)[`${what.charAt(0).toLowerCase()}${what.slice(1)}`];
  if (noun === undefined) {
    applyInHome(view, command, made);
    applyToNotifications(view, command, made);
    applyToBudgets(view, command, made);
    applyToWebhooks(view, command, made);
    applyToFiles(view, command);
    return applyInGroup(view, command, made);
  }
  const schema = MutationSchema.field[command.case].message as DescMessage;
  const request = command.value as Message;
  const id = (request as unknown as Fields)[`${noun.kind}Id`] as string;
  switch (verb) {
    case "create":
      return createNoun(view, noun, id, schema, request, made);
    case "update":
      return updateNoun(view, noun, id, schema, request);
    case "delete":
      return deleteNoun(view, noun.kind, id);
    default:
      return restoreNoun(view, noun.kind, id);
  }
}

/** The conflict leaves the inbox, and what was chosen is shown. */
function resolveConflict(view: View, request: ResolveConflictRequest, made: Made): void {
  const conflict = copyOf(ConflictSchema, view.require("conflict", request.conflictId));
  if (conflict.state !== ConflictState.OPEN) {
    return;
  }
  const takesMine = request.choice === ConflictChoice.TAKE_MINE;
  conflict.state = takesMine ? ConflictState.TOOK_MINE : ConflictState.KEPT_THEIRS;
  view.put("conflict", conflict);
  const { mutation, theirs } = conflict;
  if (!takesMine || mutation === undefined) {
    return;
  }
  if (theirs?.kind.case !== undefined && view.find(theirs.kind.case, conflict.targetId)?.deleted) {
    view.put(theirs.kind.case, theirs.kind.value);
  }
  view.attempt((trial) => apply(trial, mutation, made));
}
