/** Who is in a group, and what may still change there, as the view has it? */

import type { Timestamp } from "@bufbuild/protobuf/wkt";

import type { Group } from "../gen/tallystick/v1/group_pb.js";
import { type Member, MemberState } from "../gen/tallystick/v1/space_pb.js";
import type { Made } from "./applying_transactions.js";
import { Inapplicable, type View } from "./view.js";

const MS_PER_S = 1000;

/** The group that the space is. */
export function groupIn(view: View, made: Made): Group {
  return view.require("expenseGroup", made.spaceId);
}

/** The member that the user is. */
export function ownMember(view: View, { userId }: Made): Member {
  const own = [...view.all("member").values()].find((each) => userId !== "" && each.userId === userId && isIn(each));
  if (own === undefined) {
    throw new Inapplicable("the user is not in the group");
  }
  return own;
}

/** Who is in the group now, guests too, in the order of their ids. */
export function presentIds(view: View): string[] {
  const present = [...view.all("member").values()].filter(isIn);
  return present.map((member) => member.id).sort();
}

/** They are in the group; those who are named already may stay when they are gone. */
export function requireIn(view: View, memberIds: readonly string[], kept: readonly string[] = []): void {
  for (const memberId of memberIds) {
    const member = view.require("member", memberId);
    if (!isIn(member) && !kept.includes(member.id)) {
      throw new Inapplicable("nothing new names somebody who is gone");
    }
  }
}

/** What counts on a day of a locked period stays as it is. */
export function requireUnlocked({ lockedUntil }: Group, ...days: readonly string[]): void {
  if (days.some((day) => day <= lockedUntil)) {
    throw new Inapplicable(`everything until ${lockedUntil} is locked`);
  }
}

export function requireInUse({ archived }: Group): void {
  if (archived) {
    throw new Inapplicable("the group is archived");
  }
}

/** The civil date on which the command was made, where the group or book is. The server's is that on which it arrives. */
export function todayIn({ timeZone }: Pick<Group, "timeZone">, at: Timestamp | undefined): string {
  const now = at === undefined ? new Date() : new Date(Number(at.seconds) * MS_PER_S);
  // Swedes write dates as we do.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: timeZone || "UTC" }).format(now);
}

/** A civil date that exists. */
export function requireDay(day: string): string {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, day.length) !== day) {
    throw new Inapplicable(`there is no day ${day}`);
  }
  return day;
}

function isIn({ state }: Member): boolean {
  return state === MemberState.ACTIVE || state === MemberState.GUEST;
}
