/** Where does a browser keep small things for good, such as tokens? In IndexedDB: localStorage forgets its last seconds in a crash. */

const TABLE = "kept";

/** Something that is kept from page to page. Fits wherever a `TokenStore` is asked for. */
export interface Kept<T> {
  load(): Promise<T | undefined>;
  /** It is kept when this resolves. Nothing: it is forgotten. */
  save(value: T | undefined): Promise<void>;
}

/** A value under a name, shared by all tabs of the origin. */
export function keptInBrowser<T>(name: string, indexedDB: IDBFactory = globalThis.indexedDB): Kept<T> {
  return {
    load: () => transact(indexedDB, "readonly", (store) => store.get(name) as IDBRequest<T | undefined>),
    save: async (value) => {
      await transact(indexedDB, "readwrite", (store) =>
        value === undefined ? store.delete(name) : (store.put(value, name) as IDBRequest),
      );
    },
  };
}

async function transact<R>(
  indexedDB: IDBFactory,
  mode: IDBTransactionMode,
  run: (store: IDBObjectStore) => IDBRequest<R>,
): Promise<R> {
  const database = await open(indexedDB);
  try {
    return await new Promise<R>((resolve, reject) => {
      const transaction = database.transaction(TABLE, mode, { durability: "strict" });
      const request = run(transaction.objectStore(TABLE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function open(indexedDB: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("tallystick kept", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
