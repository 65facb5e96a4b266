/** How does an app get a file out of an export? Chunk by chunk, and only what is whole counts. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";

import type { ExportEnd, ExportHeader } from "./gen/tallystick/v1/export_pb.js";
import { ExportService, type ExportRequestSchema } from "./gen/tallystick/v1/export_service_pb.js";

/** A whole file. */
export interface ExportedFile {
  /** What the server calls it: a name, never a path. */
  readonly name: string;
  readonly blob: Blob;
}

/** How an export is followed. */
export interface ExportOptions {
  /** Ends it from here. */
  readonly signal?: AbortSignal;
  /** Is told how many items are done, of how many. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** The stream ended, and what arrived is not the whole file. Export again. */
export class ExportIncomplete extends Error {
  override readonly name = "ExportIncomplete";
}

/**
 * Exports to a file: `await exportFile(tallystick.transport, { subject: { case: "bookId", value: bookId } })`.
 *
 * Its size is always checked; its SHA-256 where the page has WebCrypto, which browsers keep for pages that came over TLS or from this machine.
 */
export async function exportFile(
  transport: Transport,
  request: MessageInitShape<typeof ExportRequestSchema>,
  { signal, onProgress }: ExportOptions = {},
): Promise<ExportedFile> {
  const chunks: BlobPart[] = [];
  let header: ExportHeader | undefined;
  let end: ExportEnd | undefined;
  for await (const { part } of createClient(ExportService, transport).export(request, signal ? { signal } : {})) {
    switch (part.case) {
      case "header":
        header = part.value;
        break;
      case "chunk":
        chunks.push(part.value as Uint8Array<ArrayBuffer>);
        break;
      case "progress":
        onProgress?.(Number(part.value.items), Number(header?.items ?? 0n));
        break;
      case "end":
        end = part.value;
        break;
    }
  }
  if (header === undefined || end === undefined) {
    throw new ExportIncomplete("It ended before its end.");
  }
  const blob = new Blob(chunks, { type: header.contentType });
  await requireWhole(blob, end);
  return { name: nameOf(header), blob };
}

async function requireWhole(blob: Blob, end: ExportEnd): Promise<void> {
  const isSize = BigInt(blob.size) === end.sizeBytes;
  if (!isSize || !(await isDigest(blob, end.sha256))) {
    throw new ExportIncomplete("What arrived is not what was sent.");
  }
}

async function isDigest(blob: Blob, expected: Uint8Array): Promise<boolean> {
  // Typed as always there, which it is not on a page that came over plain HTTP.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) {
    return true;
  }
  const found = new Uint8Array(await subtle.digest("SHA-256", await blob.arrayBuffer()));
  return found.length === expected.length && found.every((byte, at) => byte === expected[at]);
}

function nameOf(header: ExportHeader): string {
  const name = header.fileName.split(/[/\\]/).at(-1) ?? "";
  return name === "" || name === "." || name === ".." ? "export" : name;
}
