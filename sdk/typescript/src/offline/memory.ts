/** Where are rows kept without a browser? In memory: for tests, and for programs that end before their network does. */

import { type Key, KEYS, keyOf, type News, type ReadTx, type Storage, type Table, type Tables, type WriteTx } from "./storage.js";

type Kept = { readonly [T in Table]: Map<string, Tables[T]> };

/** What outlives a storage that was closed: a test hands it to the next one. */
export class MemoryDisk {
  readonly kept = Object.fromEntries(Object.keys(KEYS).map((table) => [table, new Map()])) as unknown as Kept;
  readonly listeners = new Set<(news: News) => void>();
  readonly queues = new Map<string, Promise<unknown>>();
}

export class MemoryStorage implements Storage {
  private readonly own = new Set<(news: News) => void>();

  constructor(private readonly disk = new MemoryDisk()) {}

  read<R>(run: (tx: ReadTx) => Promise<R>): Promise<R> {
    return this.alone("transaction", () => run(new MemoryTx(this.disk.kept)));
  }

  write<R>(run: (tx: WriteTx) => Promise<R>): Promise<R> {
    return this.alone("transaction", async () => {
      const tx = new MemoryTx(this.disk.kept);
      const result = await run(tx);
      tx.commit();
      return result;
    });
  }

  async alone<R>(name: string, run: () => Promise<R>, signal?: AbortSignal): Promise<R> {
    const before = this.disk.queues.get(name) ?? Promise.resolve();
    const turn = before.then(async () => {
      signal?.throwIfAborted();
      return run();
    });
    this.disk.queues.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }

  tell(news: News): void {
    for (const listener of [...this.disk.listeners]) {
      listener(news);
    }
  }

  listen(listener: (news: News) => void): () => void {
    this.disk.listeners.add(listener);
    this.own.add(listener);
    return () => this.disk.listeners.delete(listener);
  }

  close(): void {
    for (const listener of this.own) {
      this.disk.listeners.delete(listener);
    }
  }
}

/** Writes are held back until the end, so that one that fails half-way leaves nothing. */
class MemoryTx implements WriteTx {
  private readonly changes = Object.fromEntries(Object.keys(KEYS).map((table) => [table, new Map()])) as {
    [T in Table]: Map<string, Tables[T] | undefined>;
  };

  constructor(private readonly kept: Kept) {}

  async get<T extends Table>(table: T, key: Key): Promise<Tables[T] | undefined> {
    const text = JSON.stringify(key);
    const changed = this.changes[table] as Map<string, Tables[T] | undefined>;
    return changed.has(text) ? changed.get(text) : this.kept[table].get(text);
  }

  async all<T extends Table>(table: T, prefix: Key): Promise<Tables[T][]> {
    return this.find(table, prefix).map(([, row]) => row);
  }

  put<T extends Table>(table: T, row: Tables[T]): void {
    this.changes[table].set(JSON.stringify(keyOf(table, row)), structuredClone(row) as never);
  }

  delete(table: Table, key: Key): void {
    this.changes[table].set(JSON.stringify(key), undefined);
  }

  deleteAll(table: Table, prefix: Key): void {
    for (const [text] of this.find(table, prefix)) {
      this.changes[table].set(text, undefined);
    }
  }

  commit(): void {
    for (const table of Object.keys(KEYS) as Table[]) {
      for (const [text, row] of this.changes[table]) {
        if (row === undefined) {
          this.kept[table].delete(text);
        } else {
          this.kept[table].set(text, row as never);
        }
      }
    }
  }

  private find<T extends Table>(table: T, prefix: Key): [string, Tables[T]][] {
    const merged = new Map<string, Tables[T] | undefined>([...this.kept[table], ...this.changes[table]] as [
      string,
      Tables[T] | undefined,
    ][]);
    const rows = [...merged].filter((pair): pair is [string, Tables[T]] => {
      const row = pair[1];
      return row !== undefined && isPrefix(prefix, keyOf(table, row));
    });
    return rows.sort(([, one], [, other]) => compareKeys(keyOf(table, one), keyOf(table, other)));
  }
}

function isPrefix(prefix: Key, key: Key): boolean {
  return prefix.every((part, index) => part === key[index]);
}

function compareKeys(one: Key, other: Key): number {
  for (const [index, part] of one.entries()) {
    const against = other[index] as typeof part;
    if (part !== against) {
      return part < against ? -1 : 1;
    }
  }
  return 0;
}
