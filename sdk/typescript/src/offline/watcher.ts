/** How do books stay up to date by themselves? One stream tells of all, and what waits is sent as soon as the server can be reached. */

import { durationMs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";

import { TallystickError } from "../errors.js";
import type { WatchResponse } from "../gen/tallystick/v1/sync_service_pb.js";
import { backoffMs } from "../waiting.js";
import type { OfflineBook } from "./book.js";
import type { Storage } from "./storage.js";
import { isPassing, type Server, syncClient } from "./syncing.js";

/** `following`: another tab does it, and this one sees what it does. `ended`: the session has, or `stop` was called. */
export type WatcherState = "following" | "connecting" | "live" | "away" | "ended";

export interface WatcherOptions {
  readonly onState?: (state: WatcherState) => void;
  /** There is a space that no book is of. */
  readonly onAdded?: (spaceId: string) => void;
  /** What no further try will mend. */
  readonly onError?: (error: TallystickError) => void;
  /** Without a sign of life for so long, the stream is taken for dead. The server gives one every 20 seconds. */
  readonly silenceMs?: number;
}

const SILENCE_MS = 45_000;
const SIGNED_OUT: ReadonlySet<string | undefined> = new Set([
  "NOT_SIGNED_IN",
  "INVALID_TOKEN",
  "INVALID_REFRESH_TOKEN",
  "REFRESH_TOKEN_REUSED",
]);

/** What to do after a stream: open the next at once, or after a while. */
interface Again {
  readonly afterMs: number;
}

export class Watcher {
  private readonly books = new Map<string, OfflineBook>();
  private readonly stopping = new AbortController();
  /** Ends the stream of now, and any wait: something has changed. */
  private waking = new AbortController();
  private readonly sending = new Set<string>();
  /** Where something came into the outbox that no push has looked at. */
  private readonly unsent = new Set<string>();
  private failed = 0;
  private silence: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly server: Server,
    private readonly storage: Storage,
    private readonly options: WatcherOptions = {},
  ) {}

  add(book: OfflineBook): void {
    this.books.set(book.spaceId, book);
    this.wake();
  }

  remove(book: OfflineBook): void {
    this.books.delete(book.spaceId);
    this.wake();
  }

  /** Runs until `stop`. Of several tabs one works, and the next takes over when it closes. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    this.options.onState?.("following");
    try {
      await this.storage.alone("watcher", () => this.lead(signal), signal);
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
    } finally {
      this.options.onState?.("ended");
    }
  }

  stop(): void {
    this.stopping.abort();
    this.wake();
  }

  private wake(): void {
    this.waking.abort();
    this.waking = new AbortController();
  }

  private async lead(signal: AbortSignal): Promise<void> {
    const stopListening = this.storage.listen(({ spaceId, what }) => {
      if (what === "outbox") {
        void this.send(spaceId);
      }
    });
    const wake = () => this.wake();
    globalThis.addEventListener?.("online", wake);
    globalThis.addEventListener?.("offline", wake);
    try {
      await this.repeat(signal);
    } finally {
      stopListening();
      globalThis.removeEventListener?.("online", wake);
      globalThis.removeEventListener?.("offline", wake);
    }
  }

  private async repeat(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { waking } = this;
      this.options.onState?.("connecting");
      let waitMs: number;
      try {
        await this.catchUp(waking.signal);
        waitMs = (await this.follow(waking.signal)).afterMs;
      } catch (error) {
        const failure = TallystickError.from(error);
        if (SIGNED_OUT.has(failure.reason)) {
          this.options.onError?.(failure);
          return;
        }
        this.report(error);
        this.options.onState?.("away");
        waitMs = Math.max(failure.retryAfterMs ?? 0, backoffMs(this.failed));
        this.failed += 1;
      }
      await restUnless(this.waking.signal, waking.signal.aborted ? 0 : waitMs);
    }
  }

  /** A book that cannot be brought up to date does not hold up the others. */
  private async catchUp(signal: AbortSignal): Promise<void> {
    for (const book of [...this.books.values()]) {
      try {
        await book.sync(this.server, signal);
      } catch (error) {
        if (isPassing(error) || signal.aborted || SIGNED_OUT.has(TallystickError.from(error).reason)) {
          throw error;
        }
        this.report(error);
      }
    }
  }

  /** Reads one stream to its end. Returns when the next may begin. */
  private async follow(waking: AbortSignal): Promise<Again> {
    const told = new Map<string, string>();
    for (const book of this.books.values()) {
      const cursor = await book.cursor();
      if (cursor !== "") {
        told.set(book.spaceId, cursor);
      }
    }
    const dying = new AbortController();
    const signal = AbortSignal.any([waking, dying.signal]);
    let hasBegun = false;
    try {
      this.expectLife(dying);
      for await (const event of syncClient(this.server).watch({ cursors: [...told.values()] }, { signal })) {
        hasBegun = true;
        this.expectLife(dying);
        const again = await this.take(event, told, signal);
        if (again !== undefined) {
          return again;
        }
      }
      return { afterMs: backoffMs(0) };
    } catch (error) {
      // A token that ends while the stream lasts is exchanged for the next one; if that cannot be, the session has ended.
      const isOfToken = hasBegun && TallystickError.from(error).reason === "INVALID_TOKEN";
      if (!waking.aborted && (dying.signal.aborted || isOfToken)) {
        return { afterMs: isOfToken ? backoffMs(0) : 0 };
      }
      throw error;
    } finally {
      clearTimeout(this.silence);
      dying.abort();
    }
  }

  private expectLife(dying: AbortController): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => dying.abort(), this.options.silenceMs ?? SILENCE_MS);
  }

  /** Returns how to go on when the stream is of no more use: it does not know where a pull has taken the copy. */
  private async take({ event }: WatchResponse, told: Map<string, string>, signal: AbortSignal): Promise<Again | undefined> {
    switch (event.case) {
      case "changes": {
        const { spaceId, cursor, changes } = event.value;
        const book = this.books.get(spaceId);
        const follows = await book?.follow(told.get(spaceId) ?? "", cursor, changes);
        told.set(spaceId, cursor);
        return follows === false ? this.catchUpOf(spaceId, signal) : undefined;
      }
      case "behind":
      case "reset":
        return this.catchUpOf(event.value.spaceId, signal);
      case "added":
        if (!this.books.has(event.value.spaceId)) {
          this.options.onAdded?.(event.value.spaceId);
        }
        return undefined;
      case "forget":
        await this.books.get(event.value.spaceId)?.forget();
        this.books.delete(event.value.spaceId);
        return undefined;
      case "heartbeat":
        this.failed = 0;
        this.options.onState?.("live");
        return undefined;
      case "goodbye":
        return { afterMs: event.value.againAfter ? durationMs(event.value.againAfter) : 0 };
      default:
        return undefined;
    }
  }

  private async catchUpOf(spaceId: string, signal: AbortSignal): Promise<Again | undefined> {
    const book = this.books.get(spaceId);
    if (book === undefined) {
      return undefined;
    }
    await book.pull(this.server, signal);
    return { afterMs: 0 };
  }

  /** One push of a space at a time; what comes in while it runs goes with the next. What fails goes when the stream is back. */
  private async send(spaceId: string): Promise<void> {
    const book = this.books.get(spaceId);
    this.unsent.add(spaceId);
    if (book === undefined || this.sending.has(spaceId)) {
      return;
    }
    this.sending.add(spaceId);
    try {
      while (this.unsent.delete(spaceId)) {
        await book.push(this.server, this.stopping.signal);
      }
    } catch (error) {
      this.report(error);
      if (!this.stopping.signal.aborted && isPassing(error)) {
        this.wake();
      }
    } finally {
      this.sending.delete(spaceId);
    }
  }

  private report(error: unknown): void {
    const failure = TallystickError.from(error);
    if (!isPassing(error) && failure.code !== Code.Canceled) {
      this.options.onError?.(failure);
    }
  }
}

/** Rests, unless there is news. */
async function restUnless(news: AbortSignal, ms: number): Promise<void> {
  if (news.aborted || ms === 0) {
    return;
  }
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    news.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
