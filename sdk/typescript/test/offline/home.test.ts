import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create, type DescMessage, fromJson, type MessageInitShape } from "@bufbuild/protobuf";

import { UpdateMeRequestSchema } from "../../src/gen/tallystick/v1/auth_service_pb.js";
import { UserSchema } from "../../src/gen/tallystick/v1/identity_pb.js";
import { Weekday } from "../../src/gen/tallystick/v1/ledger_pb.js";
import {
  ClientValueSchema,
  DeleteClientValueRequestSchema,
  PutClientValueRequestSchema,
} from "../../src/gen/tallystick/v1/settings_client_values_pb.js";
import {
  DisplaySchema,
  ResetDisplayRequestSchema,
  UpdateDisplayRequestSchema,
} from "../../src/gen/tallystick/v1/settings_displays_pb.js";
import { PreferencesSchema, SettingsSchema, Theme, UpdateSettingsRequestSchema } from "../../src/gen/tallystick/v1/settings_pb.js";
import { newId } from "../../src/index.js";
import { composeSettings } from "../../src/offline/home.js";
import { clientValueIn, displayIn, type OfflineBook, settingsIn } from "../../src/offline/index.js";
import { clientValueId, displayId } from "../../src/offline/naming.js";
import { TOP } from "../bundle.js";
import { type Its, on, USER_ID } from "./books.js";

const VECTORS = JSON.parse(readFileSync(new URL("../vectors/home.json", TOP), "utf8"));
const LARGE = new Uint8Array(16 * 1024);
const TEXT = new TextEncoder();
const thing = { bookId: newId(), thingId: newId() };

/** The space is the home of the user. */
async function settle({ space, book }: Its): Promise<void> {
  const user = create(UserSchema, { id: USER_ID, homeId: space.id, displayName: "Ann", locale: "en", timeZone: "UTC" });
  space.record(new Map([[`profile/${USER_ID}`, { entity: user, deleted: false }]]));
  await book.pull(space.server);
}

async function look(book: OfflineBook): Promise<string> {
  const lists = await Promise.all([UserSchema, PreferencesSchema, DisplaySchema, ClientValueSchema].map((each) => book.list(each)));
  const told = [...lists.flat(), await settingsIn(book)];
  return JSON.stringify(told, (name, value) => (name === "version" ? undefined : value));
}

/** Does it, and sees that what is shown then is what is shown when it was sent. */
async function doAndSend<D extends DescMessage>({ space, book }: Its, schema: D, init: MessageInitShape<D>): Promise<void> {
  await book.do(schema, init);
  const before = await look(book);
  await book.sync(space.server);
  assert.equal(await look(book), before, schema.typeName);
}

on("settings are shown at once, and locale and time zone are the user's", async (its) => {
  await settle(its);
  const { book } = its;
  assert.equal((await settingsIn(book))?.theme, Theme.SYSTEM);
  await doAndSend(its, UpdateSettingsRequestSchema, { theme: Theme.DARK, locale: "fr", firstDayOfMonth: 28 });
  await doAndSend(its, UpdateMeRequestSchema, { displayName: " Anna ", timeZone: "Asia/Tokyo" });
  await doAndSend(its, UpdateSettingsRequestSchema, { updateMask: { paths: ["theme", "locale"] }, baseCurrency: "CHF" });
  const settings = await settingsIn(book);
  assert.deepEqual(
    [settings?.theme, settings?.locale, settings?.timeZone, settings?.firstDayOfMonth, settings?.baseCurrency],
    [Theme.SYSTEM, "en", "Asia/Tokyo", 28, ""],
  );
  const [user] = await book.list(UserSchema);
  assert.deepEqual([user?.displayName, user?.timeZone, user?.locale], ["Anna", "Asia/Tokyo", "en"]);
  const everything = { paths: ["*"] };
  await doAndSend(its, UpdateSettingsRequestSchema, { updateMask: everything, firstDayOfWeek: Weekday.SUNDAY, hideAmounts: true });
  assert.deepEqual((await settingsIn(book))?.firstDayOfMonth, 1);
});

on("a change that changes nothing makes nothing", async (its) => {
  await settle(its);
  const before = await look(its.book);
  await its.book.do(UpdateSettingsRequestSchema, { locale: "en" });
  await its.book.do(UpdateSettingsRequestSchema, { updateMask: { paths: ["theme"] } });
  await its.book.do(UpdateDisplayRequestSchema, { thing, updateMask: { paths: ["hidden"] } });
  await its.book.do(ResetDisplayRequestSchema, { thing });
  await its.book.do(DeleteClientValueRequestSchema, { key: "never" });
  assert.equal(await look(its.book), before);
});

on("what the server would refuse is not shown", async (its) => {
  await settle(its);
  const { book } = its;
  await book.do(PutClientValueRequestSchema, { key: "b", value: TEXT.encode("x") });
  const before = await look(book);
  await book.do(UpdateSettingsRequestSchema, { firstDayOfMonth: 29, locale: "it" });
  await book.do(UpdateSettingsRequestSchema, { updateMask: { paths: ["nothing"] }, locale: "it" });
  await book.do(UpdateMeRequestSchema, { displayName: " " });
  await book.do(UpdateDisplayRequestSchema, { hidden: true });
  for (const key of ["A", "", "0".repeat(129), "a\n"]) {
    await book.do(PutClientValueRequestSchema, { key, value: TEXT.encode("x") });
  }
  await book.do(PutClientValueRequestSchema, { key: "large", value: new Uint8Array(LARGE.length + 1) });
  await book.do(PutClientValueRequestSchema, { key: "b", value: TEXT.encode("y"), baseVersion: 0n });
  assert.equal(await look(book), before);
});

on("displays are shown at once, and begin anew after a reset", async (its) => {
  await settle(its);
  const { book } = its;
  const loud = { bookId: thing.bookId.toUpperCase(), thingId: thing.thingId.toUpperCase() };
  await doAndSend(its, UpdateDisplayRequestSchema, { thing: loud, color: "#102030", position: 2, expanded: true });
  await doAndSend(its, UpdateDisplayRequestSchema, { thing, hidden: true, updateMask: { paths: ["hidden", "color"] } });
  const shown = await displayIn(book, loud.bookId, loud.thingId);
  assert.deepEqual([shown?.hidden, shown?.color, shown?.position, shown?.thing?.thingId], [true, "", 2, thing.thingId]);
  assert.deepEqual(await book.pending(), new Set());
  await doAndSend(its, ResetDisplayRequestSchema, { thing });
  assert.equal(await displayIn(book, thing.bookId, thing.thingId), undefined);
  await doAndSend(its, UpdateDisplayRequestSchema, { thing, icon: "wallet" });
  assert.deepEqual((await displayIn(book, thing.bookId, thing.thingId))?.position, 0);
});

on("client values are shown at once, and know on what they were made", async (its) => {
  await settle(its);
  const { book, space } = its;
  await doAndSend(its, PutClientValueRequestSchema, { key: "k", value: TEXT.encode("one"), baseVersion: 0n });
  const version = (await clientValueIn(book, "k"))?.version;
  await doAndSend(its, PutClientValueRequestSchema, { key: "k", value: TEXT.encode("two") });
  assert.equal(space.pushed.at(-1)?.[0]?.baseVersion, version);
  assert.deepEqual((await clientValueIn(book, "k"))?.value, TEXT.encode("two"));
  await doAndSend(its, DeleteClientValueRequestSchema, { key: "k" });
  assert.equal(await clientValueIn(book, "k"), undefined);
  await doAndSend(its, PutClientValueRequestSchema, { key: "k" });
  const { ids } = await book.do(PutClientValueRequestSchema, { key: "l", value: LARGE });
  assert.deepEqual(ids, [clientValueId(space.id, "l")]);
  assert.deepEqual(await book.pending(), new Set(ids));
});

on("a device that waits with both names what it was made on", async (its) => {
  await settle(its);
  const { book, space } = its;
  const first = await book.do(UpdateSettingsRequestSchema, { theme: Theme.DARK });
  await book.do(UpdateMeRequestSchema, { locale: "fr" });
  await book.push(space.server);
  const [, second] = space.pushed.at(-1) ?? [];
  // Both change the profile, as far as it can be told beforehand.
  assert.deepEqual(second?.seenRequestIds, [first.requestId]);
});

on("both limits of client values hold on the device", async (its) => {
  await settle(its);
  const { book } = its;
  for (let number = 0; number < 63; number++) {
    await book.do(PutClientValueRequestSchema, { key: `large/${number}`, value: LARGE });
  }
  await book.do(PutClientValueRequestSchema, { key: "last", value: LARGE.slice(1) });
  await book.do(PutClientValueRequestSchema, { key: "small", value: TEXT.encode("xx") });
  assert.equal(await clientValueIn(book, "small"), undefined);
  await book.do(PutClientValueRequestSchema, { key: "small", value: TEXT.encode("x") });
  assert.deepEqual((await clientValueIn(book, "small"))?.value, TEXT.encode("x"));
  await book.do(PutClientValueRequestSchema, { key: "last", value: LARGE });
  assert.equal((await clientValueIn(book, "last"))?.value.length, LARGE.length - 1);
});

on("a copy that holds no home shows no settings", async ({ book, space }) => {
  await book.pull(space.server);
  const before = await look(book);
  await book.do(UpdateSettingsRequestSchema, { theme: Theme.DARK });
  await book.do(UpdateDisplayRequestSchema, { thing, hidden: true });
  await book.do(PutClientValueRequestSchema, { key: "k" });
  assert.equal(await look(book), before);
  assert.equal(await settingsIn(book), undefined);
});

test("ids follow from the home and from what they are about", () => {
  for (const { bookId, thingId, id } of VECTORS.displays) {
    assert.equal(displayId(VECTORS.homeId, { bookId, thingId }), id);
  }
  for (const { key, id } of VECTORS.clientValues) {
    assert.equal(clientValueId(VECTORS.homeId, key), id, key);
  }
});

for (const { name, user, preferences, settings } of VECTORS.settings) {
  test(`settings that hold: ${name}`, () => {
    const held = composeSettings(fromJson(UserSchema, user), fromJson(PreferencesSchema, preferences));
    assert.deepEqual(held, fromJson(SettingsSchema, settings));
  });
}
