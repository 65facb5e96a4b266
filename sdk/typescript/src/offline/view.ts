/** What is on the screen while mutations wait? The copy, with their effects laid over it; the copy itself is not touched. */

import type { Kind, Kinds } from "./entities.js";

/** An entity as it is shown. One that is deleted can come back. */
export interface Shown<K extends Kind = Kind> {
  readonly entity: Kinds[K];
  readonly deleted: boolean;
}

/** What the view stands on. */
export interface Below {
  /** Deleted or not. */
  find<K extends Kind>(kind: K, id: string): Shown<K> | undefined;
  /** All of a kind that are not deleted, by id. */
  all<K extends Kind>(kind: K): ReadonlyMap<string, Kinds[K]>;
}

/** A command that the server would refuse, as far as the device can tell: it leaves the view as it is. */
export class Inapplicable extends Error {}

export class View implements Below {
  private readonly changes = new Map<string, Shown>();

  constructor(private readonly below: Below) {}

  /** What a command that is refused half-way does is forgotten. */
  attempt(run: (view: View) => void): void {
    const trial = new View(this);
    try {
      run(trial);
    } catch (error) {
      if (error instanceof Inapplicable) {
        return;
      }
      throw error;
    }
    for (const [target, shown] of trial.changes) {
      this.changes.set(target, shown);
    }
  }

  /** What has another state than the copy, by target. */
  get changed(): ReadonlyMap<string, Shown> {
    return this.changes;
  }

  /** Deleted or not. */
  find<K extends Kind>(kind: K, id: string): Shown<K> | undefined {
    const changed = this.changes.get(targetOf(kind, id)) as Shown<K> | undefined;
    return changed ?? this.below.find(kind, id.toLowerCase());
  }

  all<K extends Kind>(kind: K): ReadonlyMap<string, Kinds[K]> {
    const entities = new Map(this.below.all(kind));
    for (const [target, { entity, deleted }] of this.changes) {
      if (target.startsWith(`${kind}/`)) {
        entities.delete(entity.id);
        if (!deleted) {
          entities.set(entity.id, entity as Kinds[K]);
        }
      }
    }
    return entities;
  }

  has(kind: Kind, id: string): boolean {
    return this.find(kind, id)?.deleted === false;
  }

  /** What a command needs. */
  require<K extends Kind>(kind: K, id: string): Kinds[K] {
    const found = this.find(kind, id);
    if (found === undefined || found.deleted) {
      throw new Inapplicable(`there is no ${kind} ${id}`);
    }
    return found.entity;
  }

  put<K extends Kind>(kind: K, entity: Kinds[K], deleted = false): void {
    this.changes.set(targetOf(kind, entity.id), { entity, deleted } as Shown);
  }

  /** An entity that is there already was made by this very command: its effect has arrived before the news of it. */
  add<K extends Kind>(kind: K, entity: Kinds[K]): void {
    if (this.find(kind, entity.id) === undefined) {
      this.put(kind, entity);
    }
  }
}

/** Names an entity within its space. */
export function targetOf(kind: Kind, id: string): string {
  return `${kind}/${id.toLowerCase()}`;
}
