/** What has been read of the copy already? It is kept while the copy is where it was, and read again where the copy says it moved. */

import { decode, type Kind, type Kinds } from "./entities.js";
import type { Moved, ReadTx, SpaceRow } from "./storage.js";

type Entities<K extends Kind> = Map<string, Kinds[K]>;

export class Shelf {
  /** Where the copy was that the rest is of. */
  private place = "";
  private readonly kinds = new Map<Kind, Entities<Kind>>();
  /** What has changed since it was read, by kind. */
  private readonly stale = new Map<string, Set<string>>();

  /** The copy has moved. News that does not follow on what is here is left alone: the next to read finds that out. */
  note({ copy, from, to, names }: Moved): void {
    if (this.place !== placeOf(copy, from)) {
      return;
    }
    this.place = placeOf(copy, to);
    for (const { kind, id } of names) {
      this.stale.set(kind, (this.stale.get(kind) ?? new Set()).add(id));
    }
  }

  /** All of a kind that are not deleted, by id. */
  async list<K extends Kind>(tx: ReadTx, { spaceId, copy, cursor }: SpaceRow, kind: K): Promise<ReadonlyMap<string, Kinds[K]>> {
    const place = placeOf(copy, cursor);
    if (this.place !== place) {
      this.place = place;
      this.kinds.clear();
      this.stale.clear();
    }
    const known = this.kinds.get(kind) as Entities<K> | undefined;
    const entities = new Map(known);
    const ids = known && [...(this.stale.get(kind) ?? [])];
    const rows = ids
      ? await Promise.all(ids.map((id) => tx.get("entities", [spaceId, copy, kind, id])))
      : await tx.all("entities", [spaceId, copy, kind]);
    for (const row of rows) {
      if (row?.deleted) {
        entities.delete(row.id);
      } else if (row) {
        entities.set(row.id, decode<K>(row.body));
      }
    }
    // Only if nothing has moved while it was read.
    if (this.place === place) {
      this.kinds.set(kind, entities as unknown as Entities<Kind>);
      this.stale.delete(kind);
    }
    return entities;
  }
}

function placeOf(copy: number, cursor: string): string {
  return `${copy} ${cursor}`;
}
