/** How are the rows of one space read and changed? Inside a transaction that the caller opened. */

import { fromBinary } from "@bufbuild/protobuf";

import { type Change, EntitySchema } from "../gen/tallystick/v1/sync_pb.js";
import type { Transaction } from "../gen/tallystick/v1/ledger_pb.js";
import { encode, type Name, nameOf } from "./entities.js";
import type { EntityRow, Key, ReadTx, SpaceRow, WriteTx } from "./storage.js";

export async function readSpace(tx: ReadTx, spaceId: string): Promise<SpaceRow> {
  const kept = await tx.get("spaces", [spaceId]);
  return kept ?? { spaceId, copy: 0, cursor: "", version: 0n, next: 1 };
}

/** A number for a row that comes after all others. */
export async function takeNext(tx: WriteTx, spaceId: string): Promise<number> {
  const space = await readSpace(tx, spaceId);
  tx.put("spaces", { ...space, next: space.next + 1 });
  return space.next;
}

/** Puts changes into a copy, and keeps what its accounts hold. What the copy has newer stays. Returns what they are about. */
export async function putChanges(tx: WriteTx, spaceId: string, copy: number, changes: readonly Change[]): Promise<Name[]> {
  const incoming = changes.flatMap(({ entity, deleted, version }) => {
    const name = entity && nameOf(entity);
    return name ? [{ spaceId, copy, ...name, version, deleted, body: encode(entity) }] : [];
  });
  // All at once: one after the other would take many times as long.
  const found = await Promise.all(incoming.map(({ kind, id }) => tx.get("entities", [spaceId, copy, kind, id])));
  const rows = new Map<string, EntityRow>(found.flatMap((row) => (row ? [[`${row.kind}/${row.id}`, row] as const] : [])));
  const moved = new Map<string, bigint>();
  for (const row of incoming) {
    const target = `${row.kind}/${row.id}`;
    const before = rows.get(target);
    if (before !== undefined && before.version > row.version) {
      continue;
    }
    if (row.kind === "transaction") {
      addEntries(moved, before, -1n);
      addEntries(moved, row, 1n);
    }
    rows.set(target, row);
    tx.put("entities", row);
  }
  for (const [accountId, minor] of moved) {
    const held = await tx.get("sums", [spaceId, copy, accountId]);
    tx.put("sums", { spaceId, copy, accountId, minor: (held?.minor ?? 0n) + minor });
  }
  return incoming.map(({ kind, id }) => ({ kind, id }));
}

function addEntries(moved: Map<string, bigint>, row: EntityRow | undefined, sign: bigint): void {
  const kind = row && !row.deleted ? fromBinary(EntitySchema, row.body).kind : undefined;
  if (kind?.case === "transaction") {
    addMoved(moved, kind.value, sign);
  }
}

/** Adds how far a transaction moves each of its accounts. */
export function addMoved(moved: Map<string, bigint>, transaction: Transaction, sign: bigint): void {
  for (const { accountId, amount } of transaction.entries) {
    moved.set(accountId, (moved.get(accountId) ?? 0n) + sign * (amount?.minor ?? 0n));
  }
}

export function dropCopy(tx: WriteTx, spaceId: string, copy: number): void {
  const prefix: Key = [spaceId, copy];
  tx.deleteAll("entities", prefix);
  tx.deleteAll("sums", prefix);
}

/** A mutation leaves the outbox when the copy holds its effect. */
export async function dropMirrored(tx: WriteTx, spaceId: string, version: bigint): Promise<void> {
  for (const row of await tx.all("outbox", [spaceId])) {
    if (row.state === "sent" && row.version <= version) {
      tx.delete("outbox", [spaceId, row.position]);
    }
  }
}

/**
 * What was done, and is in no copy yet, waits anew: the space may have gone back to before it. If it has not, the server says that it was
 * done.
 */
export async function sendAgain(tx: WriteTx, spaceId: string): Promise<void> {
  for (const row of await tx.all("outbox", [spaceId])) {
    if (row.state === "sent") {
      tx.put("outbox", { ...row, state: "waiting", version: 0n });
    }
  }
}

/**
 * The user lost the space: what others wrote goes, and what is in no copy yet becomes drafts that can be exported. That it was done is no
 * reason to drop it: the space may go back to before it while the user is away.
 */
export async function freeze(tx: WriteTx, spaceId: string): Promise<void> {
  const space = await readSpace(tx, spaceId);
  for (const { position, body } of await tx.all("outbox", [spaceId])) {
    tx.put("drafts", { spaceId, position, body });
  }
  for (const table of ["outbox", "replaced"] as const) {
    tx.deleteAll(table, [spaceId]);
  }
  dropCopy(tx, spaceId, space.copy);
  if (space.shadow) {
    dropCopy(tx, spaceId, space.shadow.copy);
  }
  tx.put("spaces", { spaceId, copy: space.copy + 2, cursor: "", version: 0n, next: space.next });
}
