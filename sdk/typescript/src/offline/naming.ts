/** What is called after something else, such as things of a home? Devices that make one apart make the same. */

import type { BookThing } from "../gen/tallystick/v1/settings_displays_pb.js";
import { canonicalId, isId } from "../lot.js";
import { Inapplicable } from "./view.js";

const BLOCK_BYTES = 64;
const ROUNDS = 80;

export function notificationPreferencesId(homeId: string): string {
  return idFollowing(homeId, "notification preferences");
}

export function displayId(homeId: string, { bookId, thingId }: Pick<BookThing, "bookId" | "thingId">): string {
  return idFollowing(homeId, `display ${bookId.toLowerCase()} ${thingId.toLowerCase()}`);
}

export function clientValueId(homeId: string, key: string): string {
  return idFollowing(homeId, `client_value ${key}`);
}

/** What follows from an id and a name: RFC 9562, version 5. */
export function idFollowing(space: string, name: string): string {
  if (!isId(space)) {
    throw new Inapplicable("nothing follows from what is no id");
  }
  const digits = canonicalId(space).replaceAll("-", "");
  const bytes = Array.from({ length: 16 }, (_, index) => Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16));
  const hash = sha1(Uint8Array.from([...bytes, ...new TextEncoder().encode(name)]));
  const variant = (0x8 | (Number.parseInt(hash.charAt(16), 16) & 0x3)).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-5${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** In hexadecimal digits. `crypto.subtle` has it too, but only as a promise; what waits is shown at once. */
function sha1(message: Uint8Array): string {
  const padded = new DataView(new ArrayBuffer(BLOCK_BYTES * Math.ceil((message.length + 9) / BLOCK_BYTES)));
  message.forEach((byte, index) => padded.setUint8(index, byte));
  padded.setUint8(message.length, 0x80);
  padded.setUint32(padded.byteLength - 4, 8 * message.length);
  let sums: Five = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  for (let start = 0; start < padded.byteLength; start += BLOCK_BYTES) {
    sums = mix(sums, padded, start);
  }
  return sums.map((sum) => sum.toString(16).padStart(8, "0")).join("");
}

type Five = [number, number, number, number, number];

function mix(sums: Five, padded: DataView, start: number): Five {
  const words = Array.from({ length: 16 }, (_, index) => padded.getUint32(start + 4 * index));
  const word = (index: number): number => words[index] ?? 0;
  let [a, b, c, d, e] = sums;
  for (let round = 0; round < ROUNDS; round++) {
    if (round >= 16) {
      words.push(turn(word(round - 3) ^ word(round - 8) ^ word(round - 14) ^ word(round - 16), 1));
    }
    const next = turn(a, 5) + choose(round, b, c, d) + e + word(round);
    [a, b, c, d, e] = [next >>> 0, a, turn(b, 30), c, d];
  }
  return [sums[0] + a, sums[1] + b, sums[2] + c, sums[3] + d, sums[4] + e].map((sum) => sum >>> 0) as Five;
}

/** FIPS 180-4: the function of each twenty rounds, with their constant. */
function choose(round: number, b: number, c: number, d: number): number {
  if (round < 20) {
    return ((b & c) | (~b & d)) + 0x5a827999;
  }
  if (round < 40) {
    return (b ^ c ^ d) + 0x6ed9eba1;
  }
  return round < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc : (b ^ c ^ d) + 0xca62c1d6;
}

function turn(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
