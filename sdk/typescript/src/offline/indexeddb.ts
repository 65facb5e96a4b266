/** Where does a browser keep rows? In IndexedDB, shared by all tabs of the origin. */

import { type Key, KEYS, type News, type ReadTx, type Storage, type Table, type Tables, type WriteTx } from "./storage.js";

const SCHEMA = 1;

/** This browser cannot keep an outbox safely: it lacks what several tabs need so that they do not work against each other. */
export class OfflineUnavailable extends Error {
  override readonly name = "OfflineUnavailable";
}

/** What of the browser is used. Tests hand in others. */
export interface Browser {
  readonly indexedDB?: IDBFactory;
  readonly locks?: LockManager;
}

export class IndexedDbStorage implements Storage {
  private readonly listeners = new Set<(news: News) => void>();
  private readonly channel: BroadcastChannel;

  private constructor(
    private readonly name: string,
    private readonly database: IDBDatabase,
    private readonly locks: LockManager,
  ) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = (event: MessageEvent<News>) => this.hear(event.data);
    // A newer version of the app in another tab wants to change the tables.
    database.onversionchange = () => this.close();
  }

  /** One database for each user of the browser: `name` tells them apart. */
  static async open(name: string, browser: Browser = {}): Promise<IndexedDbStorage> {
    const { indexedDB = globalThis.indexedDB, locks = globalThis.navigator?.locks } = browser;
    if (!indexedDB || !locks || !globalThis.BroadcastChannel) {
      throw new OfflineUnavailable(
        "Working offline needs IndexedDB, BroadcastChannel and, through HTTPS or on localhost, Web Locks.",
      );
    }
    const opening = indexedDB.open(name, SCHEMA);
    opening.onupgradeneeded = () => {
      for (const [table, fields] of Object.entries(KEYS)) {
        opening.result.createObjectStore(table, { keyPath: [...fields] });
      }
    };
    return new IndexedDbStorage(name, await answerOf(opening), locks);
  }

  read<R>(run: (tx: ReadTx) => Promise<R>): Promise<R> {
    return this.transact("readonly", run);
  }

  write<R>(run: (tx: WriteTx) => Promise<R>): Promise<R> {
    return this.transact("readwrite", run);
  }

  async alone<R>(name: string, run: () => Promise<R>, signal?: AbortSignal): Promise<R> {
    return (await this.locks.request(`${this.name}/${name}`, signal ? { signal } : {}, run)) as R;
  }

  tell(news: News): void {
    this.channel.postMessage(news);
    this.hear(news);
  }

  listen(listener: (news: News) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.listeners.clear();
    this.channel.close();
    this.database.close();
  }

  private hear(news: News): void {
    for (const listener of [...this.listeners]) {
      listener(news);
    }
  }

  private async transact<R>(mode: IDBTransactionMode, run: (tx: WriteTx) => Promise<R>): Promise<R> {
    const transaction = this.database.transaction(Object.keys(KEYS), mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
    });
    // Whoever waits for it first hears of it; nobody else needs to.
    done.catch(() => undefined);
    try {
      const result = await run(new IndexedDbTx(transaction));
      await done;
      return result;
    } catch (error) {
      if (transaction.error === null) {
        abort(transaction);
      }
      throw error;
    }
  }
}

class IndexedDbTx implements WriteTx {
  constructor(private readonly transaction: IDBTransaction) {}

  get<T extends Table>(table: T, key: Key): Promise<Tables[T] | undefined> {
    return answerOf<Tables[T] | undefined>(this.transaction.objectStore(table).get([...key]));
  }

  all<T extends Table>(table: T, prefix: Key): Promise<Tables[T][]> {
    return answerOf<Tables[T][]>(this.transaction.objectStore(table).getAll(rangeOf(prefix)));
  }

  put<T extends Table>(table: T, row: Tables[T]): void {
    this.transaction.objectStore(table).put(row);
  }

  delete(table: Table, key: Key): void {
    this.transaction.objectStore(table).delete([...key]);
  }

  deleteAll(table: Table, prefix: Key): void {
    this.transaction.objectStore(table).delete(rangeOf(prefix));
  }
}

/** The keys that begin so. An array comes after every text and number. */
function rangeOf(prefix: Key): IDBKeyRange {
  return IDBKeyRange.bound([...prefix], [...prefix, []]);
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
}
