/** What is a user told who never said what they want? As the server has it. */

import { create } from "@bufbuild/protobuf";

import { NotificationKindSchema } from "../gen/tallystick/v1/notification_pb.js";
import {
  DigestFrequency,
  KindPreferenceSchema,
  type NotificationPreferences,
  NotificationPreferencesSchema,
} from "../gen/tallystick/v1/notification_preferences_pb.js";
import { copyOf } from "./entities.js";

export const OFF = DigestFrequency.OFF;
export const MONDAY = 1;
const HOUR_DEFAULT = 8;

/** Nobody gets mails who did not ask for them. */
export function defaultPreferences(id: string): NotificationPreferences {
  return create(NotificationPreferencesSchema, { id, digest: OFF, digestHour: HOUR_DEFAULT, digestWeekday: MONDAY });
}

/** As they are shown: what is not said is told everywhere. */
export function withEveryKind(preferences: NotificationPreferences): NotificationPreferences {
  const shown = copyOf(NotificationPreferencesSchema, preferences);
  const kinds = NotificationKindSchema.values.map(({ number }) => number).filter((number) => number !== 0);
  shown.kinds = kinds.map(
    (kind) =>
      preferences.kinds.find((each) => each.kind === kind) ?? create(KindPreferenceSchema, { kind, inApp: true, email: true }),
  );
  return shown;
}
