/** What an app needs to work without the network. */

export type { Balance, Done, Draft, OpenOptions, Refused, Verdict } from "./answers.js";
export { OfflineBook } from "./book.js";
export { clientValueIn, displayIn, notificationPreferencesIn, settingsIn } from "./home.js";
export { type Browser, IndexedDbStorage, OfflineUnavailable } from "./indexeddb.js";
export { type Kept, keptInBrowser } from "./kept.js";
export { MemoryDisk, MemoryStorage } from "./memory.js";
export type { News, Storage } from "./storage.js";
export type { Server } from "./syncing.js";
export { Watcher, type WatcherOptions, type WatcherState } from "./watcher.js";
