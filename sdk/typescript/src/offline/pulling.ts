/** How does what happened in a space come into its copy? A page at a time, each in one transaction with the cursor it leads to. */

import { create } from "@bufbuild/protobuf";

import { type PullResponse, PullResponseSchema } from "../gen/tallystick/v1/sync_service_pb.js";
import { type Change, ResetReason } from "../gen/tallystick/v1/sync_pb.js";
import { dropCopy, dropMirrored, putChanges, readSpace, sendAgain } from "./rows.js";
import type { Moved, News, SpaceRow, WriteTx } from "./storage.js";

/** Where a pull goes on. */
export function cursorOf(space: SpaceRow): string {
  return space.shadow?.cursor ?? space.cursor;
}

/** What became of a page: where the next one follows, and what to tell. */
export interface Kept {
  readonly cursor: string;
  readonly news: readonly News["what"][];
  readonly moved?: Moved;
}

/** Somebody else has moved the copy meanwhile: the page belongs to where it was. */
export class Overtaken extends Error {}

/** Keeps a page that was asked for with `asked`. */
export async function keepPage(tx: WriteTx, spaceId: string, asked: string, page: PullResponse): Promise<Kept> {
  const found = await readSpace(tx, spaceId);
  if (cursorOf(found) !== asked) {
    throw new Overtaken();
  }
  const isReset = page.reset !== ResetReason.UNSPECIFIED;
  const isFirst = found.cursor === "" && found.shadow === undefined;
  const space = isReset || isFirst ? beginShadow(tx, found) : found;
  const conflicts = page.changes.some((change) => change.entity?.kind.case === "conflict");
  const news: News["what"][] = [...(isReset ? (["reset"] as const) : []), ...(conflicts ? (["conflict"] as const) : [])];
  if (space.shadow === undefined) {
    const names = await putChanges(tx, spaceId, space.copy, page.changes);
    await moveTo(tx, { ...space, cursor: page.cursor, version: reached(space.version, page) });
    const moved = { copy: space.copy, from: space.cursor, to: page.cursor, names };
    return { cursor: page.cursor, news: ["changed", ...news], moved };
  }
  await putChanges(tx, spaceId, space.shadow.copy, page.changes);
  const shadow = { ...space.shadow, cursor: page.cursor, version: reached(space.shadow.version, page) };
  if (!page.atHead) {
    tx.put("spaces", { ...space, shadow });
    return { cursor: page.cursor, news };
  }
  dropCopy(tx, spaceId, space.copy);
  await sendAgain(tx, spaceId);
  await moveTo(tx, { spaceId, next: space.next, ...shadow });
  return { cursor: page.cursor, news: ["changed", ...news] };
}

/** Keeps changes that follow on where the copy is. */
export function keepChanges(tx: WriteTx, spaceId: string, asked: string, cursor: string, changes: Change[]): Promise<Kept> {
  return keepPage(tx, spaceId, asked, create(PullResponseSchema, { cursor, changes }));
}

/** From now on pulls make the copy anew, beside the one there is. */
export function beginShadow(tx: WriteTx, space: SpaceRow): SpaceRow {
  if (space.shadow) {
    dropCopy(tx, space.spaceId, space.shadow.copy);
  }
  const copy = Math.max(space.copy, space.shadow?.copy ?? 0) + 1;
  const begun = { ...space, shadow: { copy, cursor: "", version: 0n } };
  tx.put("spaces", begun);
  return begun;
}

async function moveTo(tx: WriteTx, space: SpaceRow): Promise<void> {
  tx.put("spaces", space);
  await dropMirrored(tx, space.spaceId, space.version);
}

/** A copy at the head has reached it, also where the newest commits changed nothing that the user sees. */
function reached(version: bigint, page: PullResponse): bigint {
  const versions = page.changes.map((change) => change.version);
  const candidates = page.atHead ? [...versions, page.head] : versions;
  return candidates.reduce((most, each) => (each > most ? each : most), version);
}
