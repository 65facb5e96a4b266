import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create, type DescMessage, equals, fromBinary, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

import { type Account, AccountSchema, AccountType } from "../src/gen/tallystick/v1/ledger_pb.js";
import { MutationSchema } from "../src/gen/tallystick/v1/sync_mutation_pb.js";
import { EntitySchema } from "../src/gen/tallystick/v1/sync_pb.js";
import { wrap } from "../src/offline/entities.js";
import { MemoryStorage, OfflineBook } from "../src/offline/index.js";
import { TOP } from "./bundle.js";
import { Space } from "./offline/space.js";

interface Golden {
  readonly kind: string;
  readonly json: JsonValue;
  readonly hex: string;
}

const at = (name: string) => new URL(`../vectors/${name}.json`, TOP);
const read = (name: string) => JSON.parse(readFileSync(at(name), "utf8"));
const write = (schema: DescMessage, message: never) => Buffer.from(toBinary(schema, message)).toString("hex");

function compare(schema: DescMessage, { json, hex }: Golden): void {
  const read = fromBinary(schema, Buffer.from(hex, "hex"));
  const composed = fromJson(schema, json);
  assert.equal(write(schema, read as never), hex);
  assert.equal(write(schema, composed as never), hex);
  assert.ok(equals(schema, read, composed));
}

test("every kind of entity has the bytes that it has everywhere", () => {
  const { entities } = read("entities") as { entities: Golden[] };
  assert.deepEqual(
    entities.map((each) => each.kind).sort(),
    EntitySchema.fields.map((each) => each.name).sort(),
  );
  entities.forEach((each) => compare(EntitySchema, each));
});

test("so has every kind of command", () => {
  const { commands } = read("commands") as { commands: Golden[] };
  const kinds = new Set(commands.map((each) => each.kind));
  assert.deepEqual([...kinds].sort(), MutationSchema.oneofs[0]?.fields.map((each) => each.name).sort());
  commands.forEach((each) => compare(MutationSchema, each));
});

/** An account as a newer server has it: of a type, and with a field, that nobody here has heard of. */
function newer(account: Account): Uint8Array {
  const more = new BinaryWriter().tag(9_999, WireType.LengthDelimited).string("new").finish();
  const bytes = toBinary(AccountSchema, { ...account, type: 99 as AccountType });
  return Buffer.concat([bytes, more]);
}

test("what a newer server says beside is kept, and a value without a name keeps its number", () => {
  const bytes = newer(create(AccountSchema, { id: "1", name: "Cash" }));
  const account = fromBinary(AccountSchema, bytes);
  assert.deepEqual(Buffer.from(toBinary(AccountSchema, account)), Buffer.from(bytes));
  assert.equal(account.type, 99);
  assert.equal(AccountType[account.type] ?? "unknown", "unknown");
});

test("so it is in a copy, and the rest of it is shown", async () => {
  const space = new Space();
  const [change] = space.journal;
  assert.ok(change?.entity?.kind.case === "account");
  const account = fromBinary(AccountSchema, newer(change.entity.kind.value));
  space.journal = [{ ...change, entity: wrap("account", account) }];
  const book = await OfflineBook.open(new MemoryStorage(), space.id);
  await book.pull(space.server);
  const [shown] = await book.list(AccountSchema);
  assert.equal(shown?.name, "Cash");
  assert.deepEqual(Buffer.from(toBinary(AccountSchema, shown)), Buffer.from(toBinary(AccountSchema, account)));
});
