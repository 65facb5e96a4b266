/** How do copy and outbox meet the server? Every step is kept before the next begins, so that any of them may be the last. */

import { type Client, Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";

import { TallystickError } from "../errors.js";
import { type GetSyncStatusResponse, SyncService } from "../gen/tallystick/v1/sync_service_pb.js";
import { backoffMs, pause } from "../waiting.js";
import { beginShadow, cursorOf, keepPage, Overtaken } from "./pulling.js";
import { settle, takeBatch } from "./pushing.js";
import { readMutation } from "./queueing.js";
import { freeze, readSpace } from "./rows.js";
import type { Moved, News, Storage } from "./storage.js";

/** A server to sync with: what `createTallystick` returns. */
export interface Server {
  readonly transport: Transport;
}

const TRIES = 5;
const LONGEST_WAIT_MS = 5_000;

export function syncClient(server: Server): Client<typeof SyncService> {
  return createClient(SyncService, server.transport);
}

// What is said by whoever stands between, or by a connection that broke: the server gives its reasons.
const CUT: ReadonlySet<Code> = new Set([Code.Unknown, Code.Internal, Code.Aborted, Code.DataLoss, Code.ResourceExhausted]);

/** Whether the same call may do later: the network was away, or the server. What goes wrong on the device itself does not pass. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof TallystickError || error instanceof ConnectError)) {
    return false;
  }
  const { mayRepeat, reason, code } = TallystickError.from(error);
  return mayRepeat || reason === "BEHIND" || (reason === undefined && CUT.has(code));
}

/** One space on one device, as it meets the server. */
export class Syncing {
  /** How many steps were kept. */
  private progress = 0;

  constructor(
    private readonly storage: Storage,
    private readonly spaceId: string,
  ) {}

  /** Brings the copy up to date. A pull that breaks goes on after the last page that was kept. */
  async pull(server: Server, signal?: AbortSignal): Promise<void> {
    await this.storage.alone(`${this.spaceId}/pull`, () => this.patiently(() => this.pullOnce(server, signal), signal), signal);
  }

  /** Sends what waits, call by call. Returns whether anything was sent. */
  async push(server: Server, signal?: AbortSignal): Promise<boolean> {
    return this.storage.alone(
      `${this.spaceId}/push`,
      async () => {
        let sent = false;
        while (await this.patiently(() => this.pushOnce(server, signal), signal)) {
          sent = true;
        }
        return sent;
      },
      signal,
    );
  }

  /** Where the space is, and the sum of what is in it. Undefined: it is not there any more for the user, and the copy is forgotten. */
  askStatus(server: Server, signal?: AbortSignal): Promise<GetSyncStatusResponse | undefined> {
    const { spaceId } = this;
    return this.patiently(() => syncClient(server).getSyncStatus({ spaceId }, signal ? { signal } : {}), signal);
  }

  /** What others wrote goes; what no copy held yet stays, as drafts. */
  async forget(): Promise<void> {
    await this.storage.write((tx) => freeze(tx, this.spaceId));
    this.tell(["forgotten"]);
  }

  tell(news: Iterable<News["what"]>, moved?: Moved): void {
    for (const what of news) {
      this.storage.tell({ spaceId: this.spaceId, what, ...(what === "changed" && moved && { moved }) });
    }
  }

  private async pullOnce(server: Server, signal?: AbortSignal): Promise<void> {
    const { spaceId } = this;
    const { asked, minVersion } = await this.storage.read(async (tx) => {
      const space = await readSpace(tx, spaceId);
      const outbox = await tx.all("outbox", [spaceId]);
      const known = outbox.reduce((most, row) => (row.version > most ? row.version : most), 0n);
      // While the copy is made anew, what was known says nothing: the space may have gone back.
      return { asked: cursorOf(space), minVersion: space.shadow || space.cursor === "" ? 0n : known };
    });
    let cursor = asked;
    for await (const page of syncClient(server).pull({ spaceId, cursor, minVersion }, signal ? { signal } : {})) {
      const kept = await this.storage.write((tx) => keepPage(tx, spaceId, cursor, page));
      cursor = kept.cursor;
      this.progress += 1;
      this.tell(kept.news, kept.moved);
    }
  }

  private async pushOnce(server: Server, signal?: AbortSignal): Promise<boolean> {
    const { spaceId } = this;
    const batch = takeBatch(await this.storage.read((tx) => tx.all("outbox", [spaceId])));
    if (batch.length === 0) {
      return false;
    }
    const mutations = batch.map((row) => readMutation(row.body));
    const { results } = await syncClient(server).push({ spaceId, mutations }, signal ? { signal } : {});
    if (results.length !== batch.length) {
      throw new Error(`${batch.length} mutations got ${results.length} results`);
    }
    this.tell(await this.storage.write((tx) => settle(tx, spaceId, batch, results)));
    return true;
  }

  /**
   * Tries again while that can help: for as long as there is progress, and a few times without. A space that is gone, or a cursor that
   * cannot be read, is dealt with here.
   */
  private async patiently<T>(step: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    for (let failed = 0; ; failed += 1) {
      const before = this.progress;
      try {
        return await step();
      } catch (error) {
        if (error instanceof Overtaken) {
          continue;
        }
        failed = this.progress > before ? 0 : failed;
        const { reason, retryAfterMs = 0 } = TallystickError.from(error);
        if (reason === "NOT_FOUND") {
          await this.forget();
          return undefined;
        }
        if (reason === "INVALID_CURSOR" && failed === 0) {
          await this.startAnew();
          continue;
        }
        if (!isPassing(error) || failed + 1 >= TRIES || retryAfterMs > LONGEST_WAIT_MS) {
          throw error;
        }
        await pause(Math.max(retryAfterMs, backoffMs(failed, LONGEST_WAIT_MS)), signal);
      }
    }
  }

  /** The next pull makes the copy anew. */
  async startAnew(): Promise<void> {
    await this.storage.write(async (tx) => beginShadow(tx, await readSpace(tx, this.spaceId)));
  }
}
