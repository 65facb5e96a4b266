/** How long does a caller wait before the next try? A random part of a growing span: those who were cut off together come back apart. */

const FIRST_MS = 100;
const LONGEST_MS = 30_000;

/** The wait after so many failed tries, between nothing and twice the span before. */
export function backoffMs(failed: number, longestMs = LONGEST_MS): number {
  return Math.random() * Math.min(longestMs, FIRST_MS * 2 ** failed);
}

/** Ends after a while, or at once when the signal says so: then it throws the signal's reason. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
  signal?.throwIfAborted();
}
