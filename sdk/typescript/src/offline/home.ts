/**
 * What does an app read from a copy of the user's home? The settings as they hold, how a thing looks, what is under a key, and what the user
 * wants to be told.
 *
 * A home is opened as any space, by the `homeId` of its user, and shows what waits in the outbox, too.
 */

import { create } from "@bufbuild/protobuf";

import { type User, UserSchema } from "../gen/tallystick/v1/identity_pb.js";
import { Weekday } from "../gen/tallystick/v1/ledger_pb.js";
import { type NotificationPreferences, NotificationPreferencesSchema } from "../gen/tallystick/v1/notification_preferences_pb.js";
import { type ClientValue, ClientValueSchema } from "../gen/tallystick/v1/settings_client_values_pb.js";
import { type Display, DisplaySchema } from "../gen/tallystick/v1/settings_displays_pb.js";
import { type Preferences, PreferencesSchema, type Settings, SettingsSchema, Theme } from "../gen/tallystick/v1/settings_pb.js";
import type { OfflineBook } from "./book.js";
import { clientValueId, displayId, notificationPreferencesId } from "./naming.js";
import { defaultPreferences, withEveryKind } from "./notification_preferences.js";

/** The settings. Undefined: the copy is not there yet. */
export async function settingsIn(home: OfflineBook): Promise<Settings | undefined> {
  const [[user], preferences] = await Promise.all([home.list(UserSchema), home.get(PreferencesSchema, home.spaceId)]);
  return user && composeSettings(user, preferences ?? create(PreferencesSchema));
}

/** How a thing of a book looks. Undefined: as the book has it. */
export function displayIn(home: OfflineBook, bookId: string, thingId: string): Promise<Display | undefined> {
  return home.get(DisplaySchema, displayId(home.spaceId, { bookId, thingId }));
}

/** What is under a key. */
export function clientValueIn(home: OfflineBook, key: string): Promise<ClientValue | undefined> {
  return home.get(ClientValueSchema, clientValueId(home.spaceId, key));
}

/** What the user wants to be told, with every kind. */
export async function notificationPreferencesIn(home: OfflineBook): Promise<NotificationPreferences> {
  const id = notificationPreferencesId(home.spaceId);
  return withEveryKind((await home.get(NotificationPreferencesSchema, id)) ?? defaultPreferences(id));
}

/** What holds: where the user has chosen nothing, the default. The same as on the server. */
export function composeSettings(user: User, preferences: Preferences): Settings {
  const { baseCurrency, hideAmounts } = preferences;
  return create(SettingsSchema, {
    version: user.version > preferences.version ? user.version : preferences.version,
    locale: user.locale,
    timeZone: user.timeZone,
    baseCurrency,
    firstDayOfWeek: preferences.firstDayOfWeek || Weekday.MONDAY,
    firstDayOfMonth: preferences.firstDayOfMonth || 1,
    theme: preferences.theme || Theme.SYSTEM,
    hideAmounts,
  });
}
