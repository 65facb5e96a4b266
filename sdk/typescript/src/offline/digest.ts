/** Does a copy hold what the space holds? Two numbers tell, computed from the rows themselves. */

import { isUnknown, wireNameOf } from "./entities.js";
import type { EntityRow } from "./storage.js";

export interface Digest {
  readonly liveCount: number;
  readonly sum: bigint;
}

const BITS = 64;

/** Of all that is not deleted. Undefined when there are kinds that this version cannot name. */
export async function digestOf(rows: readonly EntityRow[]): Promise<Digest | undefined> {
  const live = rows.filter((row) => !row.deleted);
  if (live.some((row) => isUnknown(row.kind))) {
    return undefined;
  }
  const hashes = await Promise.all(live.map(hash));
  return {
    liveCount: live.length,
    sum: BigInt.asUintN(
      BITS,
      hashes.reduce((total, each) => total + each, 0n),
    ),
  };
}

async function hash({ kind, id, version }: EntityRow): Promise<bigint> {
  const name = new TextEncoder().encode(`${wireNameOf(kind)}\0`);
  const bytes = new Uint8Array(name.length + 24);
  bytes.set(name);
  bytes.set(bytesOf(id), name.length);
  new DataView(bytes.buffer).setBigInt64(name.length + 16, version);
  return new DataView(await crypto.subtle.digest("SHA-256", bytes)).getBigUint64(0);
}

function bytesOf(id: string): Uint8Array {
  const hex = id.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
}
