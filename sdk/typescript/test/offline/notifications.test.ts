import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { create } from "@bufbuild/protobuf";

import { UserSchema } from "../../src/gen/tallystick/v1/identity_pb.js";
import {
  DeleteNotificationRequestSchema,
  MarkAllReadRequestSchema,
  MarkReadRequestSchema,
  NotificationKind,
  NotificationSchema,
} from "../../src/gen/tallystick/v1/notification_pb.js";
import {
  DigestFrequency,
  NotificationPreferencesSchema,
  UpdateNotificationPreferencesRequestSchema,
} from "../../src/gen/tallystick/v1/notification_preferences_pb.js";
import { newId } from "../../src/index.js";
import { notificationPreferencesIn } from "../../src/offline/index.js";
import { notificationPreferencesId } from "../../src/offline/naming.js";
import { TOP } from "../bundle.js";
import { type Its, on, USER_ID } from "./books.js";

const VECTORS = JSON.parse(readFileSync(new URL("../vectors/home.json", TOP), "utf8"));
// Copies list in the order of ids.
const [first = "", second = "", third = "", mailed = ""] = [newId(), newId(), newId(), newId()].sort();
const at = (seconds: number, nanos = 0) => ({ seconds: BigInt(seconds), nanos });

/** The space is the home of the user, who was told something three times, and of something by mail. */
async function settle({ space, book }: Its): Promise<void> {
  const user = create(UserSchema, { id: USER_ID, homeId: space.id, displayName: "Ann", locale: "en", timeZone: "UTC" });
  const told = [first, second, third, mailed].map((id, index) =>
    create(NotificationSchema, { id, createdAt: at(10, index), mailOnly: id === mailed }),
  );
  space.record(new Map([[`profile/${USER_ID}`, { entity: user, deleted: false }]]));
  space.record(new Map(told.map((entity) => [`notification/${entity.id}`, { entity, deleted: false }])));
  await book.pull(space.server);
}

async function unread({ book }: Its): Promise<string[]> {
  return (await book.list(NotificationSchema)).filter(({ readAt }) => readAt === undefined).map(({ id }) => id);
}

on("what is read is marked at once, and stays so", async (its) => {
  await settle(its);
  await its.book.do(MarkReadRequestSchema, { notificationIds: [second.toUpperCase()] });
  assert.deepEqual(await unread(its), [first, third, mailed]);
  assert.deepEqual(await its.book.pending(), new Set([second]));
  const readAt = (await its.book.get(NotificationSchema, second))?.readAt;
  await its.book.do(MarkReadRequestSchema, { notificationIds: [second, mailed] });
  assert.deepEqual((await its.book.get(NotificationSchema, second))?.readAt, readAt);
  assert.deepEqual(await unread(its), [first, third]);
  await its.book.sync(its.space.server);
  assert.deepEqual(await unread(its), [first, third]);
});

on("all is read that was told until a moment", async (its) => {
  await settle(its);
  await its.book.do(MarkAllReadRequestSchema, { until: { case: "at", value: at(9, 999_999_999) } });
  assert.deepEqual(await unread(its), [first, second, third, mailed]);
  await its.book.do(DeleteNotificationRequestSchema, { notificationId: first });
  await its.book.do(MarkAllReadRequestSchema, { until: { case: "notificationId", value: first } });
  assert.deepEqual(await unread(its), [second, third, mailed]);
  await its.book.do(MarkAllReadRequestSchema, { until: { case: "at", value: at(10, 1) } });
  assert.deepEqual(await unread(its), [third, mailed]);
  await its.book.do(MarkAllReadRequestSchema, {});
  assert.deepEqual(await unread(its), [mailed]);
});

on("what is deleted is gone, and nothing marks it", async (its) => {
  await settle(its);
  await its.book.do(DeleteNotificationRequestSchema, { notificationId: first.toUpperCase() });
  await its.book.do(DeleteNotificationRequestSchema, { notificationId: first });
  await its.book.do(MarkReadRequestSchema, { notificationIds: [first, third] });
  assert.deepEqual(await unread(its), [second, mailed]);
  assert.equal(await its.book.get(NotificationSchema, first), undefined);
});

on("what is not said of what the user is told keeps what it has", async (its) => {
  await settle(its);
  const { book, space } = its;
  const { BUDGET_REACHED, REMINDER_DUE } = NotificationKind;
  const before = await notificationPreferencesIn(book);
  assert.deepEqual([before.digest, before.digestHour, before.digestWeekday, before.kinds.length], [DigestFrequency.OFF, 8, 1, 12]);
  await book.do(UpdateNotificationPreferencesRequestSchema, {
    kinds: [{ kind: REMINDER_DUE, inApp: true }, { kind: BUDGET_REACHED }],
    digest: DigestFrequency.WEEKLY,
  });
  await book.do(UpdateNotificationPreferencesRequestSchema, { kinds: [{ kind: BUDGET_REACHED, email: true }] });
  await book.do(UpdateNotificationPreferencesRequestSchema, { updateMask: { paths: ["digest_hour", "digest_weekday"] } });
  const [kept] = await book.list(NotificationPreferencesSchema);
  assert.deepEqual(
    kept?.kinds.map(({ kind, inApp, email }) => [kind, inApp, email]),
    [
      [BUDGET_REACHED, false, true],
      [REMINDER_DUE, true, false],
    ],
  );
  assert.deepEqual([kept?.id, kept?.digest, kept?.digestHour], [notificationPreferencesId(space.id), DigestFrequency.WEEKLY, 0]);
  assert.ok((await notificationPreferencesIn(book)).kinds.at(-1)?.inApp);
  assert.deepEqual(await book.pending(), new Set([kept?.id]));
});

on("what the server would refuse is not shown", async (its) => {
  await settle(its);
  const { book } = its;
  await book.do(MarkReadRequestSchema, { notificationIds: [first, newId()] });
  await book.do(DeleteNotificationRequestSchema, { notificationId: newId() });
  await book.do(MarkAllReadRequestSchema, { until: { case: "notificationId", value: newId() } });
  const twice = [{ kind: NotificationKind.MEMBERS }, { kind: NotificationKind.MEMBERS }];
  for (const wrong of [{ kinds: twice }, { digestHour: 24 }, { digestWeekday: 8 }, { updateMask: { paths: ["version"] } }]) {
    await book.do(UpdateNotificationPreferencesRequestSchema, wrong);
  }
  assert.deepEqual(await unread(its), [first, second, third, mailed]);
  assert.deepEqual(await book.list(NotificationPreferencesSchema), []);
});

test("the id of preferences follows from the home", () => {
  assert.equal(notificationPreferencesId(VECTORS.homeId.toUpperCase()), VECTORS.notificationPreferences);
});
