import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create, createRegistry, fromBinary, fromJson, type JsonObject, type JsonValue, toBinary } from "@bufbuild/protobuf";

import {
  AccountSchema,
  CategorySchema,
  type Transaction,
  TransactionDraftSchema,
  TransactionSchema,
} from "../../src/gen/tallystick/v1/ledger_pb.js";
import { UpdateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_transactions_pb.js";
import { file_tallystick_v1_sync_mutation, MutationSchema } from "../../src/gen/tallystick/v1/sync_mutation_pb.js";
import { ChangeSchema, file_tallystick_v1_sync } from "../../src/gen/tallystick/v1/sync_pb.js";
import { file_tallystick_v1_sync_service } from "../../src/gen/tallystick/v1/sync_service_pb.js";
import { addMoney, allocate, newId, parseMoney, toDecimal } from "../../src/index.js";
import { applyAll } from "../../src/offline/applying.js";
import { createTransaction } from "../../src/offline/applying_transactions.js";
import { digestOf } from "../../src/offline/digest.js";
import { encode, nameOf } from "../../src/offline/entities.js";
import { type Shown, targetOf, View } from "../../src/offline/view.js";
import { TOP } from "../bundle.js";

const ID = "01900000-0000-7000-8000-000000000101";
const SPACE_ID = "01900000-0000-7000-8000-000000000001";

function read(name: string) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, TOP), "utf8"));
}

type Case = {
  name: string;
  request: JsonObject;
  before: JsonObject;
  update: JsonObject;
  transaction?: JsonObject;
  after?: JsonObject;
  refused?: boolean;
};

const {
  accounts,
  categories,
  create: creates,
  change: changes,
} = read("splits") as {
  accounts: JsonValue[];
  categories: JsonValue[];
  create: Case[];
  change: Case[];
};

function look(before?: Transaction) {
  const known = new Map<string, Shown>();
  for (const account of accounts.map((each) => fromJson(AccountSchema, each))) {
    known.set(targetOf("account", account.id), { entity: account, deleted: false });
  }
  for (const category of categories.map((each) => fromJson(CategorySchema, each))) {
    known.set(targetOf("category", category.id), { entity: category, deleted: false });
  }
  if (before) {
    known.set(targetOf("transaction", before.id), { entity: before, deleted: false });
  }
  return { find: (kind: never, id: string) => known.get(targetOf(kind, id)) } as never;
}

/** Only what the case says. */
function assertHas(actual: Transaction | undefined, expected: JsonObject) {
  const wanted = fromJson(TransactionSchema, expected);
  for (const name of Object.keys(expected) as (keyof Transaction)[]) {
    assert.deepEqual(actual?.[name], wanted[name], name);
  }
}

for (const { name, request, transaction, refused } of creates) {
  test(`created: ${name}`, () => {
    const view = new View(look());
    const draft = { ...fromJson(TransactionDraftSchema, request), transactionId: ID };
    view.attempt((trial) => createTransaction(trial, draft, { spaceId: SPACE_ID, userId: "", at: undefined }));
    const made = view.find("transaction", ID)?.entity;
    if (refused || transaction === undefined) {
      assert.equal(made, undefined);
    } else {
      assertHas(made, transaction);
    }
  });
}

for (const { name, before, update, after, refused } of changes) {
  test(`changed: ${name}`, () => {
    const was = fromJson(TransactionSchema, { id: ID, bookedOn: "2026-02-03", ...before });
    const value = fromJson(UpdateTransactionRequestSchema, { transactionId: ID, ...update });
    const mutation = create(MutationSchema, { command: { case: "updateTransaction", value } });
    const view = applyAll([mutation], look(was), SPACE_ID);
    if (refused || after === undefined) {
      assert.equal(view.changed.size, 0);
    } else {
      assertHas(view.find("transaction", ID)?.entity, after);
    }
  });
}

test("money is read, written, added and divided as everywhere", () => {
  const { parse, format, add, allocate: divide } = read("money");
  for (const { decimal, currency, minor, error } of parse) {
    if (error) {
      assert.throws(() => parseMoney(decimal, currency), RangeError, decimal);
    } else {
      assert.equal(parseMoney(decimal, currency).minor, BigInt(minor));
    }
  }
  for (const { currency, minor, decimal } of format) {
    assert.equal(toDecimal({ currency, minor: BigInt(minor) }), decimal);
  }
  for (const { currency, minors, sum, error } of add) {
    const total = () =>
      addMoney(
        currency,
        minors.map((minor: string) => ({ currency, minor: BigInt(minor) })),
      ).minor;
    error ? assert.throws(total, RangeError) : assert.equal(total(), BigInt(sum));
  }
  for (const { minor, weights, parts, error } of divide) {
    const divided = () => allocate({ currency: "EUR", minor: BigInt(minor) }, weights).map((part) => `${part.minor}`);
    error ? assert.throws(divided, RangeError) : assert.deepEqual(divided(), parts);
  }
});

test("messages have the same bytes everywhere", () => {
  const registry = createRegistry(file_tallystick_v1_sync, file_tallystick_v1_sync_mutation, file_tallystick_v1_sync_service);
  for (const { message, json, hex } of read("wire").messages) {
    const schema = registry.getMessage(message);
    assert.ok(schema, message);
    assert.equal(Buffer.from(toBinary(schema, fromJson(schema, json))).toString("hex"), hex);
    assert.deepEqual(fromBinary(schema, Buffer.from(hex, "hex")), fromJson(schema, json));
  }
});

test("an entity of a kind that is not known yet keeps its bytes", () => {
  const { change, field, id } = read("wire").unknownEntity;
  const { entity } = fromBinary(ChangeSchema, Buffer.from(change, "hex"));
  assert.ok(entity);
  assert.deepEqual(nameOf(entity), { kind: `#${field}`, id });
  assert.ok(change.includes(Buffer.from(encode(entity)).toString("hex")));
});

test("a digest is the same everywhere", async () => {
  for (const { live, liveCount, digest } of read("wire").digests) {
    const rows = live.map(({ kind, id, version }: { kind: string; id: string; version: string }) => ({
      spaceId: SPACE_ID,
      copy: 1,
      kind: kind === "payment_method" ? "paymentMethod" : kind,
      id,
      version: BigInt(version),
      deleted: false,
      body: new Uint8Array(),
    }));
    assert.deepEqual(await digestOf(rows), { liveCount, sum: BigInt(digest) });
  }
  const unknown = { spaceId: SPACE_ID, copy: 1, kind: "#99", id: ID, version: 1n, deleted: false, body: new Uint8Array() };
  assert.equal(await digestOf([unknown]), undefined);
});

test("ids have the form that they have everywhere", () => {
  const { pattern, times } = read("wire").uuid7;
  assert.match(newId(), new RegExp(pattern));
  for (const { unixMs, firstTwelveDigits } of times) {
    const now = Date.now;
    Date.now = () => Number(unixMs);
    assert.equal(newId().replaceAll("-", "").slice(0, 12), firstTwelveDigits);
    Date.now = now;
  }
});
