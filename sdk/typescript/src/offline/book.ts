/** What does an app work with? A space that is there without the network: read from its copy, changed through its outbox. */

import { create, type DescMessage, fromBinary, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";

import { balancesOf, type OpenBalances } from "../balances.js";
import { type Account, AccountSchema } from "../gen/tallystick/v1/ledger_pb.js";
import {
  type Change,
  type Conflict,
  ConflictSchema,
  ConflictState,
  EntitySchema,
  RejectionSchema,
  type Replaced,
  ReplacedSchema,
} from "../gen/tallystick/v1/sync_pb.js";
import { MoneySchema } from "../gen/tallystick/v1/money_pb.js";
import { newId } from "../ids.js";
import type { Balance, Done, Draft, OpenOptions, Refused, Verdict } from "./answers.js";
import { composeCommand } from "./commands.js";
import { digestOf } from "./digest.js";
import { encode, kindOf, nameOf } from "./entities.js";
import { keepChanges, Overtaken } from "./pulling.js";
import { enqueue, findRefused, readMutation, requeue } from "./queueing.js";
import { listShown, readScene, readShown, readSums, type Scene } from "./reading.js";
import { readSpace } from "./rows.js";
import { Shelf } from "./shelf.js";
import type { News, ReadTx, Storage } from "./storage.js";
import { type Server, Syncing } from "./syncing.js";

/** Called a book, but any space will do: a group and the user's home are opened the same way, by their ids. */
export class OfflineBook {
  private readonly syncing: Syncing;
  private readonly shelf = new Shelf();

  private constructor(
    private readonly storage: Storage,
    readonly spaceId: string,
    private readonly userId: string,
  ) {
    this.syncing = new Syncing(storage, spaceId);
    storage.listen((news) => {
      if (news.spaceId === spaceId && news.moved) {
        this.shelf.note(news.moved);
      }
    });
  }

  static async open(storage: Storage, spaceId: string, { userId = "" }: OpenOptions = {}): Promise<OfflineBook> {
    const book = new OfflineBook(storage, spaceId, userId);
    await book.readUnknown();
    return book;
  }

  /** Keeps a command for the server, which may be away. Once this resolves it is kept for good, and shown. */
  async do<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Promise<Done> {
    const command = composeCommand(schema, init, this.spaceId);
    const { requestId, targets } = await this.storage.write((tx) => enqueue(tx, this.spaceId, command));
    this.syncing.tell(["outbox"]);
    return { requestId, ids: targets.map(idIn) };
  }

  /** An entity as it is shown, or undefined if there is none. */
  async get<D extends DescMessage>(schema: D, id: string): Promise<MessageShape<D> | undefined> {
    const kind = kindOf(schema);
    const shown = await this.storage.read(async (tx) => {
      const { space, view } = await this.readScene(tx);
      return view.changed.get(`${kind}/${id.toLowerCase()}`) ?? (await readShown(tx, space, kind, id.toLowerCase()));
    });
    return shown?.deleted === false ? (shown.entity as unknown as MessageShape<D>) : undefined;
  }

  /** All entities of a kind, in the order of their ids. They are the book's own: read them, and change copies. */
  async list<D extends DescMessage>(schema: D): Promise<MessageShape<D>[]> {
    const listed = await this.storage.read(async (tx) => {
      const scene = await this.readScene(tx);
      return listShown(tx, scene, kindOf(schema), this.shelf);
    });
    return listed as unknown as MessageShape<D>[];
  }

  /** What each account holds, in the order in which accounts are shown. */
  async balances(): Promise<Balance[]> {
    const { accounts, sums } = await this.storage.read(async (tx) => {
      const scene = await this.readScene(tx);
      return {
        accounts: await listShown(tx, scene, kindOf(AccountSchema), this.shelf),
        sums: await readSums(tx, this.spaceId, scene),
      };
    });
    return (accounts as Account[])
      .sort((one, other) => one.position - other.position)
      .map((account) => ({
        account,
        balance: create(MoneySchema, { currency: account.currency, minor: sums.get(account.id) ?? 0n }),
      }));
  }

  /**
   * Of a group: what is open among its members, by currency, of what was booked until the end of that day (YYYY-MM-DD; empty: of all), as
   * it will be once all is sent.
   */
  async groupBalances(asOf = ""): Promise<OpenBalances[]> {
    const [expenses, settlements] = await this.storage.read(async (tx) => {
      const scene = await this.readScene(tx);
      return [await listShown(tx, scene, "expense", this.shelf), await listShown(tx, scene, "settlement", this.shelf)];
    });
    return balancesOf(expenses, settlements, asOf);
  }

  /** What waits for a decision. Decide with `do(ResolveConflictRequestSchema, …)`. */
  async conflicts(): Promise<Conflict[]> {
    const all = await this.list(ConflictSchema);
    return all.filter((conflict) => conflict.state === ConflictState.OPEN);
  }

  /** The ids of what is shown and not in the space yet, or not known to be. */
  async pending(): Promise<ReadonlySet<string>> {
    const rows = await this.storage.read((tx) => tx.all("outbox", [this.spaceId]));
    return new Set(rows.flatMap((row) => row.targets).map(idIn));
  }

  /** What was refused, in the order in which it was made. Nothing of it is sent again unless the app says so. */
  async tray(): Promise<Refused[]> {
    const rows = await this.storage.read((tx) => tx.all("tray", [this.spaceId]));
    return rows.map(({ requestId, blockedBy, body, rejection }) => ({
      requestId,
      blockedBy,
      mutation: readMutation(body),
      rejection: rejection.length > 0 ? fromBinary(RejectionSchema, rejection) : undefined,
    }));
  }

  /** Makes a refused command anew, and then those that it stood in the way of. */
  async retry(requestId: string, { withBlocked = true } = {}): Promise<void> {
    await this.takeFromTray(requestId, withBlocked, true);
  }

  /** Forgets a refused command, and those that it stood in the way of. */
  async discard(requestId: string, { withBlocked = true } = {}): Promise<void> {
    await this.takeFromTray(requestId, withBlocked, false);
  }

  /** Values of others that a mutation of this device took the place of. The app may offer them. */
  async replaced(): Promise<{ readonly position: number; readonly requestId: string; readonly replaced: Replaced }[]> {
    const rows = await this.storage.read((tx) => tx.all("replaced", [this.spaceId]));
    return rows.map(({ position, requestId, body }) => ({ position, requestId, replaced: fromBinary(ReplacedSchema, body) }));
  }

  async forgetReplaced(position: number): Promise<void> {
    await this.storage.write(async (tx) => tx.delete("replaced", [this.spaceId, position]));
    this.syncing.tell(["changed"]);
  }

  /** The user's own work from before they lost the space, as far as no copy held it. */
  async drafts(): Promise<Draft[]> {
    const rows = await this.storage.read((tx) => tx.all("drafts", [this.spaceId]));
    return rows.map(({ position, body }) => ({ position, body, mutation: readMutation(body) }));
  }

  /** The user is in the space again: makes a draft anew. */
  async putBack(position: number): Promise<void> {
    await this.storage.write(async (tx) => {
      const row = await tx.get("drafts", [this.spaceId, position]);
      if (row !== undefined) {
        tx.delete("drafts", [this.spaceId, position]);
        await requeue(tx, this.spaceId, row.body);
      }
    });
    this.syncing.tell(["outbox"]);
  }

  async discardDraft(position: number): Promise<void> {
    await this.storage.write(async (tx) => tx.delete("drafts", [this.spaceId, position]));
    this.syncing.tell(["changed"]);
  }

  /** Fetches what happened and sends what waits, until both are quiet. */
  async sync(server: Server, signal?: AbortSignal): Promise<void> {
    await this.pull(server, signal);
    if (await this.push(server, signal)) {
      await this.pull(server, signal);
    }
  }

  pull(server: Server, signal?: AbortSignal): Promise<void> {
    return this.syncing.pull(server, signal);
  }

  push(server: Server, signal?: AbortSignal): Promise<boolean> {
    return this.syncing.push(server, signal);
  }

  /** Compares the copy with the space. A copy that differs is made anew; what it was is not believed, and neither is the server's sum. */
  async verify(server: Server, signal?: AbortSignal): Promise<Verdict> {
    const { spaceId } = this;
    const status = await this.syncing.askStatus(server, signal);
    if (status === undefined) {
      return "forgotten";
    }
    const { space, rows } = await this.storage.read(async (tx) => {
      const space = await readSpace(tx, spaceId);
      return { space, rows: await tx.all("entities", [spaceId, space.copy]) };
    });
    if (space.shadow !== undefined || space.cursor !== status.cursor) {
      return "elsewhere";
    }
    const digest = await digestOf(rows);
    if (digest === undefined) {
      return "unknown";
    }
    if (digest.liveCount === Number(status.liveCount) && digest.sum === status.digest) {
      return "same";
    }
    await this.syncing.startAnew();
    this.syncing.tell(["mismatch"]);
    await this.pull(server, signal);
    return "mismatch";
  }

  /** Tells of everything that happens to the space, in whichever tab. Returns how to stop. */
  subscribe(listener: (what: News["what"]) => void): () => void {
    return this.storage.listen(({ spaceId, what }) => {
      if (spaceId === this.spaceId) {
        listener(what);
      }
    });
  }

  /** Where the copy is. Empty: there is none that is whole. */
  async cursor(): Promise<string> {
    const { cursor, shadow } = await this.storage.read((tx) => readSpace(tx, this.spaceId));
    return shadow === undefined ? cursor : "";
  }

  /** Takes changes that follow on `after`. Returns whether the copy was there, and so is where they lead to. */
  async follow(after: string, cursor: string, changes: Change[]): Promise<boolean> {
    if (after === "") {
      return false;
    }
    try {
      const { news, moved } = await this.storage.write((tx) => keepChanges(tx, this.spaceId, after, cursor, changes));
      this.syncing.tell(news, moved);
      return true;
    } catch (error) {
      if (!(error instanceof Overtaken)) {
        throw error;
      }
      return (await this.cursor()) === cursor;
    }
  }

  /** The user is not in the space any more. */
  forget(): Promise<void> {
    return this.syncing.forget();
  }

  private readScene(tx: ReadTx): Promise<Scene> {
    return readScene(tx, this.spaceId, this.userId, this.shelf);
  }

  private async takeFromTray(requestId: string, withBlocked: boolean, again: boolean): Promise<void> {
    await this.storage.write(async (tx) => {
      for (const row of await findRefused(tx, this.spaceId, requestId, withBlocked)) {
        tx.delete("tray", [this.spaceId, row.position]);
        if (again) {
          await requeue(tx, this.spaceId, row.body, newId());
        }
      }
    });
    this.syncing.tell([again ? "outbox" : "changed"]);
  }

  /** Kinds that a version before this one did not know are kept under their numbers until now. */
  private async readUnknown(): Promise<void> {
    await this.storage.write(async (tx) => {
      const { copy } = await readSpace(tx, this.spaceId);
      for (const { number } of EntitySchema.fields) {
        for (const row of await tx.all("entities", [this.spaceId, copy, `#${number}`])) {
          const entity = fromBinary(EntitySchema, row.body);
          const name = nameOf(entity);
          if (name !== undefined) {
            tx.delete("entities", [this.spaceId, copy, row.kind, row.id]);
            tx.put("entities", { ...row, ...name, body: encode(entity) });
          }
        }
      }
    });
  }
}

function idIn(target: string): string {
  return target.slice(target.indexOf("/") + 1);
}
