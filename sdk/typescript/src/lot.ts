/** What does somebody draw for an expense? A hash of both ids: whoever draws the least bears the odd cent. */

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ID_BYTES = 16;
const BLOCK_BYTES = 64;

/** The hexadecimal digits of SHA-256 of the 16 bytes of the expense's id and the 16 bytes of the member's. */
export function lot(expenseId: string, memberId: string): string {
  const message = new Uint8Array(2 * ID_BYTES);
  message.set(bytesOf(expenseId));
  message.set(bytesOf(memberId), ID_BYTES);
  return sha256(message);
}

/** The one way to write an id. */
export function canonicalId(id: string): string {
  if (!isId(id)) {
    throw new RangeError(`not an id: ${id}`);
  }
  return id.toLowerCase();
}

export function isId(text: string): boolean {
  return ID.test(text.toLowerCase());
}

function bytesOf(id: string): Uint8Array {
  const digits = canonicalId(id).replaceAll("-", "");
  return Uint8Array.from({ length: ID_BYTES }, (_, index) => parseInt(digits.slice(2 * index, 2 * index + 2), 16));
}

/**
 * Of a message that fits into one block with its padding, which two ids do.
 *
 * `crypto.subtle` has it too, but only as a promise; shares are shown while somebody types.
 */
function sha256(message: Uint8Array): string {
  const block = new DataView(new ArrayBuffer(BLOCK_BYTES));
  message.forEach((byte, index) => block.setUint8(index, byte));
  block.setUint8(message.length, 0x80);
  block.setUint32(BLOCK_BYTES - 4, 8 * message.length);

  const words = Array.from({ length: 16 }, (_, index) => block.getUint32(4 * index));
  const word = (index: number): number => words[index] ?? 0;
  for (let index = 16; index < 64; index++) {
    const [early, late] = [word(index - 15), word(index - 2)];
    const small0 = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const small1 = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words.push((word(index - 16) + small0 + word(index - 7) + small1) >>> 0);
  }

  let [a, b, c, d, e, f, g, h] = START;
  for (let index = 0; index < 64; index++) {
    const big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = h + big1 + ((e & f) ^ (~e & g)) + (ROUNDS[index] ?? 0) + word(index);
    const big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = big0 + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) >>> 0, c, b, a, (first + second) >>> 0];
  }
  return [a, b, c, d, e, f, g, h]
    .map((sum, index) => ((sum + (START[index] ?? 0)) >>> 0).toString(16).padStart(8, "0"))
    .join("");
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

type Eight = readonly [number, number, number, number, number, number, number, number];

// FIPS 180-4: the first 32 bits of the fractional parts of the square roots of the first 8 primes …
const START: Eight = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];

// … and of the cube roots of the first 64.
const ROUNDS: readonly number[] = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];
