/** Does a webhook's delivery come from the server that shares the secret, and is it of now? For receivers, on anything with WebCrypto. */

export const TOLERANCE_S = 300;

// Others may stand beside them one day.
const AT = /^t=([0-9]{1,15})$/;
const HASH = /^v1=([0-9a-f]{64})$/;
// More than any server sends: whoever sends more wants us to compute.
const PARTS_MAX = 10;

/** Do not believe a word of it, and answer 400. */
export class SignatureInvalid extends Error {
  override readonly name = "SignatureInvalid";
}

/** How to check a delivery. */
export interface VerifyOptions {
  /** The moment to compare with, in seconds since 1970. Absent: now. */
  now?: number;
  /** How many seconds a signature may be old, or ahead. */
  toleranceS?: number;
}

/**
 * Throws `SignatureInvalid` unless one of the secrets has signed the body, no longer ago than the tolerance, and no further ahead.
 *
 * `body` is what arrived, byte for byte: not what a framework has read and written again. `signature` is the header
 * `Tallystick-Signature`. Give both secrets while one takes over from the other.
 */
export async function verifyWebhook(
  body: Uint8Array | string,
  signature: string | null | undefined,
  secrets: string | readonly string[],
  { now = Date.now() / 1000, toleranceS = TOLERANCE_S }: VerifyOptions = {},
): Promise<void> {
  const parts = (signature ?? "").split(",");
  const moments = parts.flatMap((part) => AT.exec(part)?.[1] ?? []);
  const hashes = parts.flatMap((part) => HASH.exec(part)?.[1] ?? []);
  const [moment] = moments;
  if (parts.length > PARTS_MAX || moments.length !== 1 || moment === undefined || hashes.length === 0) {
    throw new SignatureInvalid("there is no signature that can be read");
  }
  if (!(await isSigned(compose(moment, body), hashes, typeof secrets === "string" ? [secrets] : secrets))) {
    throw new SignatureInvalid("none of the secrets has signed it");
  }
  if (!(Math.abs(now - Number(moment)) <= toleranceS)) {
    throw new SignatureInvalid("it was signed too long ago, or too far ahead");
  }
}

/** WebCrypto itself compares, in constant time: how long it takes must not say how much of a guess is right. */
async function isSigned(signed: Uint8Array<ArrayBuffer>, hashes: string[], secrets: readonly string[]): Promise<boolean> {
  for (const secret of secrets.filter((each) => each !== "")) {
    const raw = new TextEncoder().encode(secret);
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const hash of hashes) {
      if (await crypto.subtle.verify("HMAC", key, bytesOf(hash), signed)) {
        return true;
      }
    }
  }
  return false;
}

function compose(moment: string, body: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const head = new TextEncoder().encode(`${moment}.`);
  const rest = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = new Uint8Array(head.length + rest.length);
  signed.set(head);
  signed.set(rest, head.length);
  return signed;
}

function bytesOf(hash: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hash.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
