/** Where do tests keep rows? In memory, and in an IndexedDB that is like a browser's. */

import { IDBFactory, IDBKeyRange } from "fake-indexeddb";

import { IndexedDbStorage, MemoryDisk, MemoryStorage, type Storage } from "../../src/offline/index.js";

globalThis.IDBKeyRange ??= IDBKeyRange;

/** Something that several storages can be opened on, as tabs do, or one after the other, as after a crash. */
export interface Device {
  open(): Promise<Storage>;
}

export const DEVICES: Readonly<Record<string, () => Device>> = {
  memory: () => {
    const disk = new MemoryDisk();
    return { open: async () => new MemoryStorage(disk) };
  },
  indexeddb: () => {
    const browser = { indexedDB: new IDBFactory(), locks: new Locks() as unknown as LockManager };
    const name = `test ${crypto.randomUUID()}`;
    return { open: () => IndexedDbStorage.open(name, browser) };
  },
};

/** As a browser's: one holder of a name at a time, the others in the order in which they came. */
export class Locks {
  private readonly queues = new Map<string, Promise<unknown>>();

  async request<R>(name: string, options: LockOptions, run: () => Promise<R>): Promise<R> {
    const before = this.queues.get(name) ?? Promise.resolve();
    const turn = before.then(() => {
      options.signal?.throwIfAborted();
      return run();
    });
    this.queues.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  }
}
