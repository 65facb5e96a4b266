/** What does a waiting command do to accounts, categories, labels, rules and templates on the screen? */

import { create, type DescMessage, type Message } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";

import { type UpdateAccountRequest, UpdateAccountRequestSchema } from "../gen/tallystick/v1/ledger_accounts_pb.js";
import {
  AccountSchema,
  CategorySchema,
  TransactionKind,
  TransactionSchema,
  TransactionStatus,
} from "../gen/tallystick/v1/ledger_pb.js";
import { type CreateAccountRequest, CreateAccountRequestSchema } from "../gen/tallystick/v1/ledger_service_pb.js";
import type { Made } from "./applying_transactions.js";
import { copyOf, type Kind, type Kinds, schemaOf } from "./entities.js";
import { overlay, touched } from "./masks.js";
import { Inapplicable, type View } from "./view.js";

type Fields = Record<string, unknown>;

/** A command that changes one entity in the usual ways, and the fields of it that an update may change. */
export interface Noun<K extends Kind = Kind> {
  readonly kind: K;
  readonly changeable: readonly string[];
}

export const NOUNS = {
  book: noun("book", "name base_currency first_day_of_week first_day_of_month time_zone"),
  account: noun("account", "name type position icon color note held_by_member_id"),
  category: noun("category", "name parent_id position icon color archived"),
  payee: noun("payee", "name default_category_id"),
  paymentMethod: noun("paymentMethod", "name icon"),
  tag: noun("tag", "name color"),
  rule: noun("rule", "name when then position disabled"),
  template: noun("template", "name draft schedule mode paused"),
};

// A new rule stands after all others; the server knows the number.
const LAST_POSITION = 1_000_000;

export function noun<K extends Kind>(kind: K, changeable: string): Noun<K> {
  return { kind, changeable: changeable.split(" ") };
}

/** A new entity has the fields of the request that it shares with it. */
export function createNoun<K extends Kind>(
  view: View,
  { kind }: Noun<K>,
  id: string,
  requestSchema: DescMessage,
  request: Message,
  made: Made,
): void {
  const schema = schemaOf(kind);
  const common = schema.fields.filter(
    (field) => field.name !== "id" && requestSchema.fields.some((each) => each.name === field.name),
  );
  const names = common.map((field) => field.name);
  const entity = overlay(schema, create(schema), requestSchema, request, names) as unknown as Kinds[K] & Fields;
  Object.assign(entity, { id: requireId(id), bookId: made.spaceId, createdAt: made.at });
  requireName(entity);
  if (kind === "rule" && !entity["position"]) {
    Object.assign(entity, { position: LAST_POSITION });
  }
  view.add(kind, entity);
}

/** The stand-in for its opening balance has the account's id: the server gives it another one. */
export function createAccount(view: View, request: CreateAccountRequest, made: Made): void {
  const { openingBalance, openingOn, currency } = request;
  const opens = openingBalance !== undefined && openingBalance.minor !== 0n;
  if (opens && (openingBalance.currency !== currency || !openingOn)) {
    throw new Inapplicable("an opening balance is in the account's currency, on a day");
  }
  const isNew = view.find("account", request.accountId) === undefined;
  createNoun(view, NOUNS.account, request.accountId, CreateAccountRequestSchema, request, made);
  if (!isNew) {
    return;
  }
  const account = copyOf(AccountSchema, view.require("account", request.accountId));
  account.privateTo = request.private ? made.userId : "";
  account.openingTransactionId = opens ? account.id : "";
  view.put("account", account);
  if (!opens) {
    return;
  }
  const status = TransactionStatus.CLEARED;
  const { minor } = openingBalance;
  const entries = [{ accountId: account.id, amount: { currency, minor }, status }];
  const kind = TransactionKind.OPENING;
  const opening = {
    id: account.id,
    bookId: made.spaceId,
    kind,
    bookedOn: openingOn,
    entries,
    status,
    privateTo: account.privateTo,
  };
  view.add("transaction", create(TransactionSchema, { ...opening, ...(made.at && { createdAt: made.at }) }));
}

export function updateNoun<K extends Kind>(
  view: View,
  { kind, changeable }: Noun<K>,
  id: string,
  requestSchema: DescMessage,
  request: Message & { readonly updateMask?: FieldMask | undefined },
): void {
  const before = view.require(kind, id);
  const names = touched(request.updateMask?.paths ?? [], requestSchema, request, changeable);
  const after = overlay(schemaOf(kind), before, requestSchema, request, names);
  requireName(after);
  view.put(kind, after);
}

export function updateAccount(view: View, request: UpdateAccountRequest, made: Made): void {
  const before = view.require("account", request.accountId);
  const { changeable } = NOUNS.account;
  const names = touched(request.updateMask?.paths ?? [], UpdateAccountRequestSchema, request, [...changeable, "private"]);
  const shown = names.filter((name) => name !== "private");
  const after = overlay(AccountSchema, before, UpdateAccountRequestSchema, request, shown);
  requireName(after);
  if (shown.length < names.length) {
    after.privateTo = request.private ? made.userId : "";
  }
  view.put("account", after);
}

export function deleteNoun(view: View, kind: Kind, id: string): void {
  const before = view.require(kind, id);
  view.put(kind, before, true);
  if (before.$typeName === AccountSchema.typeName && before.openingTransactionId) {
    const opening = view.find("transaction", before.openingTransactionId);
    if (opening?.deleted === false) {
      const gone = copyOf(TransactionSchema, opening.entity);
      // The same version says that it went with the account.
      gone.version = before.version;
      view.put("transaction", gone, true);
    }
  }
}

/** What it names may be gone. */
export function restoreNoun<K extends Kind>(view: View, kind: K, id: string): void {
  const found = view.find(kind, id);
  if (!found?.deleted) {
    return;
  }
  const after = copyOf(schemaOf(kind), found.entity);
  if (after.$typeName === CategorySchema.typeName && !view.has("category", after.parentId)) {
    after.parentId = "";
  }
  if (after.$typeName === "tallystick.v1.Payee" && !view.has("category", after.defaultCategoryId)) {
    after.defaultCategoryId = "";
  }
  view.put(kind, after);
  if (after.$typeName === AccountSchema.typeName && after.openingTransactionId) {
    restoreOpening(view, after.openingTransactionId, found.entity.version);
  }
}

/** Only if it went with the account. */
function restoreOpening(view: View, transactionId: string, version: bigint): void {
  const opening = view.find("transaction", transactionId);
  if (opening?.deleted && opening.entity.version === version) {
    view.put("transaction", opening.entity);
  }
}

export function setClosed(view: View, accountId: string, closedOn: string): void {
  const account = copyOf(AccountSchema, view.require("account", accountId));
  account.closedOn = closedOn;
  view.put("account", account);
}

/** Gives the named ones the positions from 1 on, in their order. */
export function reorder(view: View, kind: "category" | "rule", ids: readonly string[]): void {
  for (const [index, id] of ids.entries()) {
    const after = copyOf(schemaOf(kind), view.require(kind, id));
    after.position = index + 1;
    view.put(kind, after);
  }
}

export function requireName(entity: object): void {
  const named = entity as Fields;
  if (typeof named["name"] === "string") {
    named["name"] = named["name"].trim();
    if (named["name"] === "") {
      throw new Inapplicable("a name must not be blank");
    }
  }
}

export function requireId(id: string): string {
  if (id === "") {
    throw new Inapplicable("it has no id");
  }
  return id.toLowerCase();
}
