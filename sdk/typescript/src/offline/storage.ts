/** What does a device keep, and where? Rows in tables, in something whose transactions happen wholly or not at all. */

import type { Name } from "./entities.js";

/** Part of a key. Keys are compared part by part. */
export type KeyPart = string | number;
export type Key = readonly KeyPart[];

/** How far the copy of a space is. */
export interface SpaceRow {
  readonly spaceId: string;
  /** Which rows are the copy. */
  readonly copy: number;
  /** Empty: there is no copy yet. */
  readonly cursor: string;
  /** The version that the copy has reached. */
  readonly version: bigint;
  /** A copy that is being made beside the other, until it is whole. */
  readonly shadow?: { readonly copy: number; readonly cursor: string; readonly version: bigint };
  /** A number that no row of the space has yet. */
  readonly next: number;
}

/** An entity as the space has it. */
export interface EntityRow {
  readonly spaceId: string;
  readonly copy: number;
  /** As the field of `Entity` is called; of one that this version does not know, its number. */
  readonly kind: string;
  readonly id: string;
  readonly version: bigint;
  readonly deleted: boolean;
  /** The bytes of an `Entity`. */
  readonly body: Uint8Array;
}

/** What an account of the copy holds. */
export interface SumRow {
  readonly spaceId: string;
  readonly copy: number;
  readonly accountId: string;
  readonly minor: bigint;
}

/** A mutation that the copy does not hold the effect of yet. */
export interface OutboxRow {
  readonly spaceId: string;
  readonly position: number;
  readonly requestId: string;
  /** `sent`: the space has it since `version`, and the copy has not yet. */
  readonly state: "waiting" | "sent";
  readonly version: bigint;
  /** What it changes, as `kind/id`. */
  readonly targets: readonly string[];
  /** Whether it goes out under a second request id, because another device had used the first. */
  readonly reissued: boolean;
  /** The bytes of a `Mutation`. */
  readonly body: Uint8Array;
}

/** A mutation that was refused, and waits for the user. */
export interface TrayRow {
  readonly spaceId: string;
  readonly position: number;
  readonly requestId: string;
  /** The request id of the refused mutation that stands before it, or nothing. */
  readonly blockedBy: string;
  /** The bytes of a `Mutation`. */
  readonly body: Uint8Array;
  /** The bytes of a `Rejection`. Empty for one that was not tried. */
  readonly rejection: Uint8Array;
}

/** A mutation of a space that the user lost. */
export interface DraftRow {
  readonly spaceId: string;
  readonly position: number;
  readonly body: Uint8Array;
}

/** What others had written where a mutation of ours took its place. */
export interface ReplacedRow {
  readonly spaceId: string;
  readonly position: number;
  readonly requestId: string;
  /** The bytes of a `Replaced`. */
  readonly body: Uint8Array;
}

export interface Tables {
  spaces: SpaceRow;
  entities: EntityRow;
  sums: SumRow;
  outbox: OutboxRow;
  tray: TrayRow;
  drafts: DraftRow;
  replaced: ReplacedRow;
}

export type Table = keyof Tables;

/** Which fields of a row are its key. */
export const KEYS = {
  spaces: ["spaceId"],
  entities: ["spaceId", "copy", "kind", "id"],
  sums: ["spaceId", "copy", "accountId"],
  outbox: ["spaceId", "position"],
  tray: ["spaceId", "position"],
  drafts: ["spaceId", "position"],
  replaced: ["spaceId", "position"],
} as const satisfies { [T in Table]: readonly (keyof Tables[T])[] };

/** Inside a transaction nothing else may be awaited than these. */
export interface ReadTx {
  get<T extends Table>(table: T, key: Key): Promise<Tables[T] | undefined>;
  /** The rows whose keys begin so, in the order of their keys. */
  all<T extends Table>(table: T, prefix: Key): Promise<Tables[T][]>;
}

export interface WriteTx extends ReadTx {
  put<T extends Table>(table: T, row: Tables[T]): void;
  delete(table: Table, key: Key): void;
  deleteAll(table: Table, prefix: Key): void;
}

/** A step of a copy from one cursor to the next, and which entities it changed. */
export interface Moved {
  readonly copy: number;
  readonly from: string;
  readonly to: string;
  readonly names: readonly Name[];
}

/** Something that changed, told to every tab. */
export interface News {
  readonly spaceId: string;
  readonly moved?: Moved;
  /** What an app may want to say to its user; `changed` is every other change. */
  readonly what: "changed" | "outbox" | "refused" | "conflict" | "replaced" | "forgotten" | "reset" | "mismatch";
}

/** Where a device keeps its copies and its outboxes. One for all spaces. */
export interface Storage {
  read<R>(run: (tx: ReadTx) => Promise<R>): Promise<R>;
  /** What it wrote is kept, come what may, when it resolves; nothing of it is when it rejects. */
  write<R>(run: (tx: WriteTx) => Promise<R>): Promise<R>;
  /** Runs when nobody else on this device runs under the name. */
  alone<R>(name: string, run: () => Promise<R>, signal?: AbortSignal): Promise<R>;
  /** To all that use the same storage, this one too. */
  tell(news: News): void;
  /** Returns how to stop listening. */
  listen(listener: (news: News) => void): () => void;
  close(): void;
}

export function keyOf<T extends Table>(table: T, row: Tables[T]): Key {
  return (KEYS[table] as readonly (keyof Tables[T])[]).map((name) => row[name] as KeyPart);
}
