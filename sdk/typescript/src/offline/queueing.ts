/** How does a command get into the outbox, and how out of the tray? */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";

import { type Mutation, MutationSchema } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { type Command, isNew, targetsOf } from "./commands.js";
import { decode } from "./entities.js";
import { readSpace, takeNext } from "./rows.js";
import type { OutboxRow, ReadTx, TrayRow, WriteTx } from "./storage.js";
import { targetOf } from "./view.js";

const SEEN_MAX = 500;

/** Puts a command at the end of the outbox, with what it was made on. */
export async function enqueue(tx: WriteTx, spaceId: string, command: Command): Promise<OutboxRow> {
  const outbox = await tx.all("outbox", [spaceId]);
  const targets = [...new Set([...targetsOf(command, spaceId), ...(await plansOf(tx, spaceId, command, outbox))])];
  const seen = outbox.filter((row) => row.targets.some((target) => targets.includes(target)));
  const baseVersion = isNew(command) ? undefined : await baseOf(tx, spaceId, command, targets);
  const mutation = create(MutationSchema, {
    seenRequestIds: seen.slice(-SEEN_MAX).map((row) => row.requestId),
    madeAt: timestampNow(),
    command,
    ...(baseVersion !== undefined && { baseVersion }),
  });
  const row: OutboxRow = {
    spaceId,
    position: await takeNext(tx, spaceId),
    requestId: command.value.requestId,
    state: "waiting",
    version: 0n,
    targets,
    reissued: false,
    body: toBinary(MutationSchema, mutation),
  };
  tx.put("outbox", row);
  return row;
}

function timestampNow(): { seconds: bigint; nanos: number } {
  const now = Date.now();
  const seconds = Math.floor(now / 1000);
  return { seconds: BigInt(seconds), nanos: (now - seconds * 1000) * 1_000_000 };
}

/** The plan changes with the settlement that pays it. */
async function plansOf(tx: ReadTx, spaceId: string, command: Command, outbox: readonly OutboxRow[]): Promise<string[]> {
  const [settlement = ""] = targetsOf(command, spaceId);
  const [kind = "", id = ""] = settlement.split("/");
  if (kind !== "settlement") {
    return [];
  }
  const { copy } = await readSpace(tx, spaceId);
  const row = await tx.get("entities", [spaceId, copy, kind, id]);
  const planId = row && decode<"settlement">(row.body).planId;
  const waiting = outbox.filter((each) => each.targets.includes(settlement)).flatMap((each) => each.targets);
  return planId ? [targetOf("settlementPlan", planId)] : waiting.filter((target) => target.startsWith("settlementPlan/"));
}

/** The newest version of what a command changes: in the copy, none of the others has changed since. */
async function baseOf(
  tx: ReadTx,
  spaceId: string,
  command: Command,
  targets: readonly string[],
): Promise<bigint | undefined> {
  const { copy, version } = await readSpace(tx, spaceId);
  const versions: bigint[] = [];
  for (const target of targets) {
    const [kind = "", id = ""] = target.split("/");
    // A user's own profile is named by no command.
    const rows =
      id === "" ? await tx.all("entities", [spaceId, copy, kind]) : [await tx.get("entities", [spaceId, copy, kind, id])];
    versions.push(...rows.flatMap((row) => (row === undefined ? [] : [row.version])));
  }
  if (versions.length > 0 && command.case === "unlinkGroup") {
    // It changes all that the link has made.
    return version;
  }
  return versions.length === 0 ? undefined : versions.reduce((most, each) => (each > most ? each : most));
}

export function readMutation(body: Uint8Array): Mutation {
  return fromBinary(MutationSchema, body);
}

/** What the user decides to do after all is made now, on what is there now. Its name stays, unless one is given: it may have arrived. */
export async function requeue(tx: WriteTx, spaceId: string, body: Uint8Array, requestId?: string): Promise<void> {
  const { command } = readMutation(body);
  if (command.case !== undefined) {
    command.value.requestId = requestId ?? command.value.requestId;
    await enqueue(tx, spaceId, command);
  }
}

/** A refused mutation and, if wanted, all that it stands in the way of, in the order in which they were made. */
export async function findRefused(tx: ReadTx, spaceId: string, requestId: string, withBlocked: boolean): Promise<TrayRow[]> {
  const tray = await tx.all("tray", [spaceId]);
  const wanted = new Set([requestId]);
  for (let size = 0; withBlocked && size < wanted.size;) {
    size = wanted.size;
    for (const row of tray) {
      if (wanted.has(row.blockedBy)) {
        wanted.add(row.requestId);
      }
    }
  }
  return tray.filter((row) => wanted.has(row.requestId));
}
