/**
 * What does a waiting command do to a user's notifications on the screen, and to what they want to be told?
 *
 * What is read or deleted stays so. A notification that came meanwhile is for the server to know.
 */

import type { Timestamp } from "@bufbuild/protobuf/wkt";

import { type MarkAllReadRequest, type Notification, NotificationSchema } from "../gen/tallystick/v1/notification_pb.js";
import {
  NotificationPreferencesSchema,
  type UpdateNotificationPreferencesRequest,
  UpdateNotificationPreferencesRequestSchema,
} from "../gen/tallystick/v1/notification_preferences_pb.js";
import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { liveIn, profileIn, putChanged } from "./applying_home.js";
import type { Made } from "./applying_transactions.js";
import { copyOf } from "./entities.js";
import { overlay, touched } from "./masks.js";
import { notificationPreferencesId } from "./naming.js";
import { defaultPreferences, MONDAY, OFF } from "./notification_preferences.js";
import { Inapplicable, type Shown, type View } from "./view.js";

const CHANGEABLE = ["kinds", "digest", "digest_hour", "digest_weekday", "amounts_in_mail"];
const HOUR_MAX = 23;
const SUNDAY = 7;

/** What there is no rule for leaves the view as it is. */
export function applyToNotifications(view: View, command: Mutation["command"], made: Made): void {
  switch (command.case) {
    case "markRead":
      return markRead(view, command.value.notificationIds.map((id) => shownIn(view, id)), made);
    case "markAllRead":
      return markAllRead(view, command.value, made);
    case "deleteNotification":
      return view.put("notification", shownIn(view, command.value.notificationId).entity, true);
    case "updateNotificationPreferences":
      return updatePreferences(view, command.value, made);
    default:
  }
}

function markRead(view: View, told: readonly Shown<"notification">[], made: Made): void {
  for (const { entity, deleted } of told) {
    if (!deleted && entity.readAt === undefined) {
      const read = copyOf(NotificationSchema, entity);
      view.put("notification", Object.assign(read, { readAt: made.at }));
    }
  }
}

/** What is only mailed, nobody reads. */
function markAllRead(view: View, { until }: MarkAllReadRequest, made: Made): void {
  // Without a moment it is that of the server: whatever the copy has was told before.
  const moment = until.case === "notificationId" ? shownIn(view, until.value).entity.createdAt : until.value;
  const isIncluded = ({ mailOnly, createdAt }: Notification): boolean =>
    !mailOnly && (moment === undefined || nanosOf(createdAt) <= nanosOf(moment));
  const told = [...view.all("notification").values()].filter(isIncluded);
  markRead(view, told.map((entity) => ({ entity, deleted: false })), made);
}

function updatePreferences(view: View, request: UpdateNotificationPreferencesRequest, made: Made): void {
  profileIn(view);
  const schema = UpdateNotificationPreferencesRequestSchema;
  const names = touched(request.updateMask?.paths ?? [], schema, request, CHANGEABLE);
  const { digestHour, digestWeekday } = request;
  if (digestHour < 0 || digestHour > HOUR_MAX || digestWeekday < 0 || digestWeekday > SUNDAY) {
    throw new Inapplicable("there is no such hour, or no such day");
  }
  const id = notificationPreferencesId(made.spaceId);
  const before = liveIn(view, "notificationPreferences", id) ?? defaultPreferences(id);
  const after = overlay(NotificationPreferencesSchema, before, schema, request, names);
  // Kinds that are not named keep what they have.
  const named = new Map([...before.kinds, ...after.kinds].map((each) => [each.kind, each]));
  if (new Set(after.kinds.map(({ kind }) => kind)).size < after.kinds.length) {
    throw new Inapplicable("a kind is named twice");
  }
  after.kinds = [...named.values()].sort((one, other) => one.kind - other.kind);
  after.digest ||= OFF;
  after.digestWeekday ||= MONDAY;
  putChanged(view, "notificationPreferences", NotificationPreferencesSchema, before, after);
}

/** A notification that there is or was. */
function shownIn(view: View, id: string): Shown<"notification"> {
  const shown = view.find("notification", id);
  if (shown === undefined) {
    throw new Inapplicable(`there is no notification ${id}`);
  }
  return shown;
}

function nanosOf(at: Timestamp | undefined): bigint {
  return (at?.seconds ?? 0n) * 1_000_000_000n + BigInt(at?.nanos ?? 0);
}
