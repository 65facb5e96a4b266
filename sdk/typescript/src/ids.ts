/** How does an app name what it makes, also offline? By a UUID of version 7, whose first part is the time. */

const TIME_BYTES = 6;

/** A new id, for entities and for `requestId`. Ids made later sort later, to the millisecond. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // Milliseconds have 48 bits, more than JavaScript's bit operators can hold.
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(Date.now()) << 16n) | 0x7000n | randomBits(bytes));
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The twelve bits between version and variant. */
function randomBits(bytes: Uint8Array): bigint {
  return BigInt(((bytes[TIME_BYTES] ?? 0) & 0x0f) * 256 + (bytes[TIME_BYTES + 1] ?? 0));
}
