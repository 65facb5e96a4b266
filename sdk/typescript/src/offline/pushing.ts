/** What becomes of mutations that were sent? What is done waits for the copy to hold it, and what is refused goes to the tray. */

import { toBinary } from "@bufbuild/protobuf";

import { ErrorReason } from "../gen/tallystick/v1/error_reason_pb.js";
import { newId } from "../ids.js";
import { MutationSchema } from "../gen/tallystick/v1/sync_mutation_pb.js";
import { type MutationResult, Outcome, RejectionSchema, ReplacedSchema } from "../gen/tallystick/v1/sync_pb.js";
import { readMutation } from "./queueing.js";
import { readSpace, takeNext } from "./rows.js";
import type { News, OutboxRow, WriteTx } from "./storage.js";

const MUTATIONS_MAX = 500;
// Below what the server takes, so that there is room for what stands around them.
const BYTES_MAX = 1_000_000;

/** What one call sends: the first that wait, as many as it takes. */
export function takeBatch(outbox: readonly OutboxRow[]): OutboxRow[] {
  const batch: OutboxRow[] = [];
  let bytes = 0;
  for (const row of outbox.filter((each) => each.state === "waiting").slice(0, MUTATIONS_MAX)) {
    bytes += row.body.length;
    if (bytes > BYTES_MAX && batch.length > 0) {
      break;
    }
    batch.push(row);
  }
  return batch;
}

/** Keeps what became of each. Returns what to tell. */
export async function settle(
  tx: WriteTx,
  spaceId: string,
  batch: readonly OutboxRow[],
  results: readonly MutationResult[],
): Promise<News["what"][]> {
  const news = new Set<News["what"]>(["changed"]);
  const reissued = new Map<string, string>();
  for (const [index, row] of batch.entries()) {
    const result = results[index];
    if (result === undefined || (await tx.get("outbox", [spaceId, row.position])) === undefined) {
      continue;
    }
    switch (result.outcome) {
      case Outcome.APPLIED:
      case Outcome.REPEATED:
      case Outcome.MERGED:
        await keepDone(tx, row, result, news);
        break;
      case Outcome.CONFLICT:
        tx.delete("outbox", [spaceId, row.position]);
        news.add("conflict");
        break;
      default:
        await keepRefused(tx, row, result, reissued, news);
    }
  }
  await nameAnew(tx, spaceId, reissued);
  return [...news];
}

/** The view shows it until the copy holds it. */
async function keepDone(
  tx: WriteTx,
  row: OutboxRow,
  { version, replaced }: MutationResult,
  news: Set<News["what"]>,
): Promise<void> {
  const { spaceId, position, requestId } = row;
  const space = await readSpace(tx, spaceId);
  if (version <= space.version) {
    tx.delete("outbox", [spaceId, position]);
  } else {
    tx.put("outbox", { ...row, state: "sent", version });
  }
  for (const each of replaced) {
    news.add("replaced");
    tx.put("replaced", { spaceId, position: await takeNext(tx, spaceId), requestId, body: toBinary(ReplacedSchema, each) });
  }
}

async function keepRefused(
  tx: WriteTx,
  row: OutboxRow,
  result: MutationResult,
  reissued: Map<string, string>,
  news: Set<News["what"]>,
): Promise<void> {
  const { spaceId, position, requestId, body } = row;
  const reason = result.rejection?.reason;
  // Another device has the same outbox, and was first: it is tried under a name of its own.
  if (!row.reissued && (reason === ErrorReason.REQUEST_ID_REUSED || reissued.has(result.blockedBy))) {
    reissued.set(requestId, newId());
    return;
  }
  tx.delete("outbox", [spaceId, position]);
  if (row.reissued && reason === ErrorReason.ID_TAKEN && (await isThere(tx, row))) {
    return;
  }
  news.add("refused");
  const rejection = result.rejection ? toBinary(RejectionSchema, result.rejection) : new Uint8Array();
  tx.put("tray", { spaceId, position, requestId, blockedBy: result.blockedBy, body, rejection });
}

/** Whether what it would have made was made by it, under the request id that it had at first. */
async function isThere(tx: WriteTx, { spaceId, targets }: OutboxRow): Promise<boolean> {
  const { copy } = await readSpace(tx, spaceId);
  const [kind = "", id = ""] = targets[0]?.split("/") ?? [];
  return (await tx.get("entities", [spaceId, copy, kind, id])) !== undefined;
}

/** Gives mutations their new request ids, also where later ones name them. */
async function nameAnew(tx: WriteTx, spaceId: string, names: ReadonlyMap<string, string>): Promise<void> {
  if (names.size === 0) {
    return;
  }
  for (const row of await tx.all("outbox", [spaceId])) {
    const mutation = readMutation(row.body);
    const requestId = names.get(row.requestId);
    if (requestId !== undefined && mutation.command.case !== undefined) {
      mutation.command.value.requestId = requestId;
    }
    mutation.seenRequestIds = mutation.seenRequestIds.map((id) => names.get(id) ?? id);
    const body = toBinary(MutationSchema, mutation);
    // One that is done has told its name already.
    if (row.state === "waiting") {
      tx.put("outbox", { ...row, body, requestId: requestId ?? row.requestId, reissued: row.reissued || requestId !== undefined });
    }
  }
}
