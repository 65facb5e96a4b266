/** What does the app see? The copy of the space with the outbox run over it, as of one moment. */

import { applyAll } from "./applying.js";
import { decode, type Kind, type Kinds } from "./entities.js";
import { readMutation } from "./queueing.js";
import { addMoved, readSpace } from "./rows.js";
import type { Shelf } from "./shelf.js";
import type { ReadTx, SpaceRow } from "./storage.js";
import { type Shown, targetOf, type View } from "./view.js";

/** What a space looks like. */
export interface Scene {
  readonly space: SpaceRow;
  readonly view: View;
  /** What the view stands on, as far as it was asked for. */
  readonly below: ReadonlyMap<string, Shown | undefined>;
}

/** Runs the outbox over the copy. What that needs of the copy is read when it turns out to be needed, and then it runs again. */
export async function readScene(tx: ReadTx, spaceId: string, userId: string, shelf: Shelf): Promise<Scene> {
  const space = await readSpace(tx, spaceId);
  const outbox = (await tx.all("outbox", [spaceId])).map((row) => readMutation(row.body));
  const below = new Map<string, Shown | undefined>();
  const kinds = new Map<Kind, ReadonlyMap<string, Kinds[Kind]>>();
  for (;;) {
    const missing = new Map<string, [Kind, string]>();
    const missingKinds = new Set<Kind>();
    const find = (kind: Kind, id: string) => {
      const target = targetOf(kind, id);
      if (!below.has(target)) {
        missing.set(target, [kind, id]);
      }
      return below.get(target);
    };
    const all = (kind: Kind) => {
      const known = kinds.get(kind);
      if (known === undefined) {
        missingKinds.add(kind);
      }
      return known ?? new Map();
    };
    const view = applyAll(outbox, { find, all } as never, spaceId, userId);
    if (missing.size + missingKinds.size === 0) {
      return { space, view, below };
    }
    for (const [target, [kind, id]] of missing) {
      below.set(target, await readShown(tx, space, kind, id));
    }
    for (const kind of missingKinds) {
      kinds.set(kind, await shelf.list(tx, space, kind));
    }
  }
}

export async function readShown<K extends Kind>(
  tx: ReadTx,
  { spaceId, copy }: SpaceRow,
  kind: K,
  id: string,
): Promise<Shown<K> | undefined> {
  const row = await tx.get("entities", [spaceId, copy, kind, id]);
  return row && { entity: decode<K>(row.body), deleted: row.deleted };
}

/** All that are not deleted, in the order of their ids. */
export async function listShown<K extends Kind>(tx: ReadTx, { space, view }: Scene, kind: K, shelf: Shelf): Promise<Kinds[K][]> {
  const entities = new Map(await shelf.list(tx, space, kind));
  for (const [target, { entity, deleted }] of view.changed) {
    if (target.startsWith(`${kind}/`)) {
      entities.delete(entity.id);
      if (!deleted) {
        entities.set(entity.id, entity as Kinds[K]);
      }
    }
  }
  return [...entities.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** What each account holds, by its id: what the copy says, and what the view changes about it. */
export async function readSums(tx: ReadTx, spaceId: string, { space, view, below }: Scene): Promise<Map<string, bigint>> {
  const sums = new Map((await tx.all("sums", [spaceId, space.copy])).map((row) => [row.accountId, row.minor]));
  for (const [target, after] of view.changed) {
    for (const [shown, sign] of [
      [below.get(target), -1n],
      [after, 1n],
    ] as const) {
      if (shown?.entity.$typeName === "tallystick.v1.Transaction" && !shown.deleted) {
        addMoved(sums, shown.entity, sign);
      }
    }
  }
  return sums;
}
