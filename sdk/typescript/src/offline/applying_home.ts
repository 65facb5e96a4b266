/**
 * What does a waiting command do to a user's profile, preferences, displays and client values on the screen?
 *
 * A home is known by the profile in it: in a copy of another space none of these has an effect. Which currencies and time zones there are, and
 * which books the user is in, is for the server to say.
 */

import { create, type DescMessage, equals, type Message } from "@bufbuild/protobuf";

import { UpdateMeRequestSchema } from "../gen/tallystick/v1/auth_service_pb.js";
import { type User, UserSchema } from "../gen/tallystick/v1/identity_pb.js";
import {
  type ClientValue,
  ClientValueSchema,
  type PutClientValueRequest,
} from "../gen/tallystick/v1/settings_client_values_pb.js";
import {
  type BookThing,
  DisplaySchema,
  type UpdateDisplayRequest,
  UpdateDisplayRequestSchema,
} from "../gen/tallystick/v1/settings_displays_pb.js";
import { PreferencesSchema, type UpdateSettingsRequest, UpdateSettingsRequestSchema } from "../gen/tallystick/v1/settings_pb.js";
import type { Mutation } from "../gen/tallystick/v1/sync_mutation_pb.js";
import type { Made } from "./applying_transactions.js";
import type { Kind, Kinds } from "./entities.js";
import { overlay, touched } from "./masks.js";
import { clientValueId, displayId } from "./naming.js";
import { Inapplicable, type View } from "./view.js";

const OF_USER = ["locale", "time_zone"];
const OF_PREFERENCES = ["base_currency", "first_day_of_week", "first_day_of_month", "theme", "hide_amounts"];
const OF_DISPLAY = ["color", "icon", "hidden", "position", "on_dashboard", "expanded"];
const DAY_MAX = 28;

const KEY = /^[a-z0-9._/-]{1,128}$/;
const VALUE_BYTES_MAX = 16 * 1024;
const VALUES_MAX = 500;
const BYTES_MAX = 1024 * 1024;

/** What there is no rule for leaves the view as it is. */
export function applyInHome(view: View, command: Mutation["command"], { spaceId }: Made): void {
  switch (command.case) {
    case "updateMe": {
      const { value } = command;
      const names = touched(value.updateMask?.paths ?? [], UpdateMeRequestSchema, value, ["display_name", ...OF_USER]);
      return changeUser(view, UpdateMeRequestSchema, value, names);
    }
    case "updateSettings":
      return updateSettings(view, command.value, spaceId);
    case "updateDisplay":
      return updateDisplay(view, command.value, spaceId);
    case "resetDisplay":
      return takeAway(view, "display", displayId(spaceId, thingIn(command.value)));
    case "putClientValue":
      return putClientValue(view, command.value, spaceId);
    case "deleteClientValue":
      return takeAway(view, "clientValue", clientValueId(spaceId, command.value.key));
    default:
  }
}

/** Locale and time zone are the user's own, and nowhere else. */
function updateSettings(view: View, request: UpdateSettingsRequest, homeId: string): void {
  const names = touched(request.updateMask?.paths ?? [], UpdateSettingsRequestSchema, request, [...OF_USER, ...OF_PREFERENCES]);
  if (request.firstDayOfMonth < 0 || request.firstDayOfMonth > DAY_MAX) {
    throw new Inapplicable("no month starts on that day");
  }
  changeUser(view, UpdateSettingsRequestSchema, request, names.filter((name) => OF_USER.includes(name)));
  const before = liveIn(view, "preferences", homeId) ?? create(PreferencesSchema, { id: homeId });
  const own = names.filter((name) => OF_PREFERENCES.includes(name));
  const after = overlay(PreferencesSchema, before, UpdateSettingsRequestSchema, request, own);
  putChanged(view, "preferences", PreferencesSchema, before, after);
}

function updateDisplay(view: View, request: UpdateDisplayRequest, homeId: string): void {
  profileIn(view);
  const names = touched(request.updateMask?.paths ?? [], UpdateDisplayRequestSchema, request, OF_DISPLAY);
  const { bookId, thingId } = thingIn(request);
  const thing = { bookId: bookId.toLowerCase(), thingId: thingId.toLowerCase() };
  const id = displayId(homeId, thing);
  const before = liveIn(view, "display", id) ?? create(DisplaySchema, { id, thing });
  putChanged(view, "display", DisplaySchema, before, overlay(DisplaySchema, before, UpdateDisplayRequestSchema, request, names));
}

function putClientValue(view: View, { key, value, baseVersion }: PutClientValueRequest, homeId: string): void {
  profileIn(view);
  if (!KEY.test(key) || value.length > VALUE_BYTES_MAX) {
    throw new Inapplicable("the key or the value is too long, or the key has other characters");
  }
  const id = clientValueId(homeId, key);
  const there = liveIn(view, "clientValue", id);
  const after = create(ClientValueSchema, { id, version: there?.version ?? 0n, key, value });
  if (there !== undefined && equals(ClientValueSchema, there, after)) {
    return;
  }
  // A base of 0 says that nothing is there.
  if (there !== undefined && baseVersion !== undefined && (baseVersion === 0n || there.version > baseVersion)) {
    throw new Inapplicable("something else is there");
  }
  requireRoom(view, after);
  view.put("clientValue", after);
}

function requireRoom(view: View, after: ClientValue): void {
  const others = [...view.all("clientValue").values()].filter((each) => each.id !== after.id);
  const size = others.reduce((sum, each) => sum + each.value.length, after.value.length);
  if (others.length + 1 > VALUES_MAX || size > BYTES_MAX) {
    throw new Inapplicable("there is no room for more");
  }
}

function changeUser(view: View, schema: DescMessage, request: Message, names: readonly string[]): void {
  const before = profileIn(view);
  const after = overlay(UserSchema, before, schema, request, names);
  after.locale ||= "en";
  after.timeZone ||= "UTC";
  if (names.includes("display_name")) {
    after.displayName = after.displayName.trim();
    if (after.displayName === "") {
      throw new Inapplicable("the name must not be blank");
    }
  }
  putChanged(view, "profile", UserSchema, before, after);
}

export function profileIn(view: View): User {
  const [profile] = view.all("profile").values();
  if (profile === undefined) {
    throw new Inapplicable("it is no home");
  }
  return profile;
}

function thingIn({ thing }: { thing?: BookThing | undefined }): BookThing {
  if (thing === undefined) {
    throw new Inapplicable("it names no thing");
  }
  return thing;
}

/** Where nothing is, nothing happens. */
function takeAway(view: View, kind: "display" | "clientValue", id: string): void {
  profileIn(view);
  const there = liveIn(view, kind, id);
  if (there !== undefined) {
    view.put(kind, there, true);
  }
}

export function liveIn<K extends Kind>(view: View, kind: K, id: string): Kinds[K] | undefined {
  const shown = view.find(kind, id);
  return shown?.deleted === false ? shown.entity : undefined;
}

/** Nothing is made where nothing differs. */
export function putChanged<K extends Kind>(view: View, kind: K, schema: DescMessage, before: Kinds[K], after: Kinds[K]): void {
  if (!equals(schema, before as never, after as never)) {
    view.put(kind, after);
  }
}
