/** A space on a server inside this process. It keeps a journal, and does what is pushed by the rules that devices show it with. */

import assert from "node:assert/strict";

import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";

import { ErrorReason } from "../../src/gen/tallystick/v1/error_reason_pb.js";
import { AccountType } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateAccountRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import type { Mutation } from "../../src/gen/tallystick/v1/sync_mutation_pb.js";
import { MutationSchema } from "../../src/gen/tallystick/v1/sync_mutation_pb.js";
import {
  type Change,
  ChangeSchema,
  type MutationResult,
  MutationResultSchema,
  Outcome,
  ResetReason,
} from "../../src/gen/tallystick/v1/sync_pb.js";
import { SyncService, type WatchResponse, WatchResponseSchema } from "../../src/gen/tallystick/v1/sync_service_pb.js";
import { newId } from "../../src/index.js";
import { applyAll } from "../../src/offline/applying.js";
import { composeCommand } from "../../src/offline/commands.js";
import { copyOf, decode, encode, nameOf, schemaOf, wrap } from "../../src/offline/entities.js";
import { type Shown, targetOf } from "../../src/offline/view.js";
import { failure } from "../server.js";

const PATIENCE_MS = 15_000;

/** As soon as it holds; never by the clock. It gives up one day, or a test that failed would keep its process. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const ends = performance.now() + PATIENCE_MS; !(await holds()); ) {
    assert.ok(performance.now() < ends, "it did not happen");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

export class Space {
  readonly id = newId();
  readonly accountId = newId();
  /** Who pushes. */
  userId = "";
  epoch = 1;
  head = 0n;
  pageSize = 100;
  journal: Change[] = [];
  pulls = 0;
  /** Thrown by the next calls, one each. */
  failures: (ConnectError | "cut")[] = [];
  /** Instead of doing them: what becomes of the next mutations, by request id. */
  verdicts = new Map<string, Partial<MutationResult>>();
  pushed: Mutation[][] = [];
  private readonly answers = new Map<string, { body: string; result: MutationResult }>();
  private readonly watchers = new Set<(event: WatchResponse["event"] | ConnectError) => void>();

  constructor() {
    this.do(
      composeCommand(
        CreateAccountRequestSchema,
        { accountId: this.accountId, name: "Cash", type: AccountType.CASH, currency: "EUR" },
        this.id,
      ),
    );
  }

  get cursor(): string {
    return `${this.epoch}:${this.head}`;
  }

  get server() {
    const space = this;
    const transport = createRouterTransport(({ service }) => {
      service(SyncService, {
        async *pull({ cursor, minVersion }) {
          space.pulls += 1;
          space.failIfWanted();
          const [epoch, seq] = cursor.split(":");
          const reset = cursor !== "" && Number(epoch) !== space.epoch;
          if (!reset && minVersion > space.head) {
            throw failure(Code.Unavailable, { info: { domain: "tallystick", reason: "BEHIND" } });
          }
          yield* space.pages(reset || cursor === "" ? 0n : BigInt(seq ?? 0), reset);
        },
        push: ({ mutations }) => {
          space.failIfWanted();
          space.pushed.push(mutations);
          const results = mutations.map((mutation) => space.result(mutation));
          if (space.failures[0] === "cut") {
            space.failures.shift();
            throw failure(Code.Unavailable, {});
          }
          return { results };
        },
        getSyncStatus: () => {
          space.failIfWanted();
          return { cursor: space.cursor, head: space.head, ...space.status };
        },
        watch: (_, context) => space.watch(context.signal),
      });
    });
    return { transport };
  }

  status: { liveCount: bigint; digest: bigint } = { liveCount: 0n, digest: 0n };

  /** The server is put back to when there was nothing but the account. */
  goBack(): void {
    this.epoch += 1;
    this.journal = this.journal.filter((change) => change.entity?.kind.case === "account");
    this.head = this.journal.at(-1)?.version ?? 0n;
    this.answers.clear();
  }

  /** Somebody else's doing. */
  do(command: Mutation["command"]): bigint {
    return this.commit(create(MutationSchema, { command }));
  }

  tell(event: WatchResponse["event"] | ConnectError): void {
    for (const watcher of this.watchers) {
      watcher(event);
    }
  }

  get watched(): number {
    return this.watchers.size;
  }

  private failIfWanted(): void {
    const wanted = this.failures[0];
    if (wanted !== undefined && wanted !== "cut") {
      this.failures.shift();
      throw wanted;
    }
  }

  private *pages(after: bigint, reset: boolean) {
    const changes = this.journal.filter((change) => change.version > after);
    const shown = after === 0n ? changes.filter((change) => this.newest(change) === change) : changes;
    for (let start = 0; start === 0 || start < shown.length; start += this.pageSize) {
      const page = shown.slice(start, start + this.pageSize);
      const atHead = start + this.pageSize >= shown.length;
      const cursor = atHead ? this.cursor : `${this.epoch}:${page.at(-1)?.version}`;
      yield {
        cursor,
        changes: page,
        atHead,
        head: this.head,
        reset: reset && start === 0 ? ResetReason.EPOCH : ResetReason.UNSPECIFIED,
      };
      if (this.failures[0] === "cut") {
        this.failures.shift();
        throw failure(Code.Unavailable, {});
      }
    }
  }

  private newest({ entity }: Change): Change | undefined {
    const name = entity && nameOf(entity);
    return this.journal.findLast(
      (each) => each.entity && name && nameOf(each.entity)?.id === name.id && nameOf(each.entity)?.kind === name.kind,
    );
  }

  private result(mutation: Mutation): MutationResult {
    const requestId = mutation.command.value?.requestId ?? "";
    const verdict = this.verdicts.get(requestId);
    if (verdict !== undefined) {
      return create(MutationResultSchema, { ...verdict, requestId } as never);
    }
    // The same command is the same request, whatever it was made on.
    const body = toBinary(MutationSchema, create(MutationSchema, { command: mutation.command })).toString();
    const known = this.answers.get(requestId);
    if (known !== undefined && known.body !== body) {
      return create(MutationResultSchema, {
        requestId,
        outcome: Outcome.REJECTED,
        rejection: { reason: ErrorReason.REQUEST_ID_REUSED },
      });
    }
    if (known !== undefined) {
      return create(MutationResultSchema, { ...known.result, outcome: Outcome.REPEATED });
    }
    const version = this.commit(mutation);
    const result = create(MutationResultSchema, { requestId, outcome: Outcome.APPLIED, version });
    this.answers.set(requestId, { body, result });
    return result;
  }

  private commit(mutation: Mutation): bigint {
    const find = (kind: never, id: string): Shown | undefined => {
      const change = this.journal.findLast(
        (each) =>
          each.entity?.kind.value && targetOf(kind, id) === targetOf(each.entity.kind.case as never, each.entity.kind.value.id),
      );
      return change?.entity && { entity: decode(encode(change.entity)), deleted: change.deleted };
    };
    const all = (kind: never) => {
      const names = this.journal.flatMap((each) => (each.entity && nameOf(each.entity)) ?? []);
      const ids = new Set(names.filter((name) => name.kind === kind).map((name) => name.id));
      const shown = [...ids].map((id) => [id, find(kind, id)] as const).filter(([, each]) => each?.deleted === false);
      return new Map(shown.map(([id, each]) => [id, each?.entity]));
    };
    const view = applyAll([mutation], { find, all } as never, this.id, this.userId);
    return view.changed.size === 0 ? 0n : this.record(view.changed);
  }

  /** A commit. */
  record(changed: ReadonlyMap<string, Shown>): bigint {
    this.head += 1n;
    const changes = [...changed].map(([target, { entity, deleted }]) => {
      const kind = target.split("/")[0] as never;
      const after = copyOf(schemaOf(kind), entity) as typeof entity;
      after.version = this.head;
      return create(ChangeSchema, { entity: wrap(kind, after), deleted, version: this.head });
    });
    this.journal.push(...changes);
    this.tell({
      case: "changes",
      value: { $typeName: "tallystick.v1.WatchChanges", spaceId: this.id, cursor: this.cursor, changes },
    });
    return this.head;
  }

  private async *watch(signal: AbortSignal): AsyncGenerator<WatchResponse> {
    const events: (WatchResponse["event"] | ConnectError)[] = [
      { case: "heartbeat", value: { $typeName: "tallystick.v1.WatchHeartbeat", cursors: [] } },
    ];
    let wake = () => {};
    const watcher = (event: WatchResponse["event"] | ConnectError) => {
      events.push(event);
      wake();
    };
    this.watchers.add(watcher);
    signal.addEventListener("abort", () => wake());
    try {
      while (!signal.aborted) {
        const event = events.shift();
        if (event instanceof ConnectError) {
          throw event;
        }
        if (event !== undefined) {
          yield create(WatchResponseSchema, { event });
          if (event.case === "goodbye") {
            return;
          }
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.watchers.delete(watcher);
    }
  }
}
