/** How does an app bring a file, and read it again? Part by part, and again from where it was cut off. */

import { createClient, type Transport } from "@connectrpc/connect";

import { TallystickError } from "./errors.js";
import type { File as KeptFile } from "./gen/tallystick/v1/file_pb.js";
import { FileService } from "./gen/tallystick/v1/file_service_pb.js";
import { newId } from "./ids.js";
import { backoffMs, pause } from "./waiting.js";

/** How a content travels. */
export interface Transfer {
  /** Told how many bytes are there. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** Ends it from here. An upload can be gone on with. */
  readonly signal?: AbortSignal | undefined;
}

/** What is brought. */
export interface Upload extends Transfer {
  /** What it is called. Of a `File` its own name is taken, unless there is another. */
  readonly name?: string | undefined;
  /** Whoever gives it may call again after anything went wrong: what is there already is not sent again. */
  readonly fileId?: string | undefined;
  /** Whether only the caller is to see it. */
  readonly private?: boolean | undefined;
}

/** What calls go through: what `createTallystick` returns. */
export interface HasTransport {
  readonly transport: Transport;
}

/** What arrived is not what was brought: its checksum differs. */
export class DownloadDamaged extends Error {}

const TRIES = 5;

/**
 * Brings a file, and returns what became of it. With the same `fileId` and the same content it may be called again, on another page, too;
 * a file that was finished is returned as it is.
 */
export async function uploadFile(tallystick: HasTransport, spaceId: string, blob: Blob, upload: Upload = {}): Promise<KeptFile> {
  const files = createClient(FileService, tallystick.transport);
  const { signal, onProgress } = upload;
  const fileId = upload.fileId ?? newId();
  const named = { spaceId, fileId };
  const name = upload.name ?? ("name" in blob ? String(blob.name) : "");
  const about = { name, sizeBytes: BigInt(blob.size), private: upload.private ?? false };
  await files.startUpload({ requestId: fileId, ...named, ...about }, until(signal));
  const sha256 = await sha256Of(blob);
  const finish = async () => {
    const { file } = await files.finishUpload({ requestId: finishIdOf(fileId), ...named, sha256 }, until(signal));
    return file as KeptFile;
  };
  const begun = await files.getUpload(named, until(signal)).catch((error: unknown) => {
    if (error instanceof TallystickError && error.reason === "NOT_FOUND") {
      return undefined;
    }
    throw error;
  });
  if (begun?.upload === undefined) {
    // It was finished before, by a call whose answer was lost; or it is gone, and this says so.
    return finish();
  }
  const { partBytes, partCount, partNumbers } = begun.upload;
  const there = new Set(partNumbers);
  for (let number = 0; number < partCount; number += 1) {
    if (!there.has(number)) {
      const part = blob.slice(number * partBytes, (number + 1) * partBytes);
      const data = new Uint8Array(await part.arrayBuffer());
      await files.uploadPart({ ...named, number, data, sha256: await sha256Of(part) }, until(signal));
    }
    onProgress?.(Math.min(blob.size, (number + 1) * partBytes));
  }
  return finish();
}

/** The content of a file. It goes on by itself where it was cut off, and throws `DownloadDamaged` if the whole is not what was brought. */
export async function downloadFile(
  tallystick: HasTransport,
  spaceId: string,
  fileId: string,
  { signal, onProgress }: Transfer = {},
): Promise<{ file: KeptFile; content: Blob }> {
  const files = createClient(FileService, tallystick.transport);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let file: KeptFile | undefined;
  let bytes = 0;
  for (let failed = 0; file === undefined || BigInt(bytes) < file.sizeBytes; ) {
    try {
      for await (const answer of files.downloadFile({ spaceId, fileId, offset: BigInt(bytes) }, until(signal))) {
        file = answer.file ?? file;
        pieces.push(new Uint8Array(answer.data));
        bytes += answer.data.length;
        failed = 0;
        onProgress?.(bytes);
      }
    } catch (error) {
      signal?.throwIfAborted();
      failed += 1;
      if (!(error instanceof TallystickError) || !error.mayRepeat || failed === TRIES) {
        throw error;
      }
      await pause(backoffMs(failed), signal);
    }
  }
  const content = new Blob(pieces, { type: file.contentType });
  if (!isSame(await sha256Of(content), file.sha256)) {
    throw new DownloadDamaged(fileId);
  }
  return { file, content };
}

/** The small picture of an image. Fails with NOT_FOUND if there is none. */
export async function downloadThumbnail(tallystick: HasTransport, spaceId: string, fileId: string, { signal }: Transfer = {}): Promise<Blob> {
  const files = createClient(FileService, tallystick.transport);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const { data } of files.downloadFile({ spaceId, fileId, thumbnail: true }, until(signal))) {
    pieces.push(new Uint8Array(data));
  }
  return new Blob(pieces, { type: "image/jpeg" });
}

function until(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function sha256Of(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
}

/** The request id follows from the file's: whoever calls again asks the same, in whatever language. */
function finishIdOf(fileId: string): string {
  const last = Number.parseInt(fileId.slice(-2), 16) ^ 0xff;
  return `${fileId.slice(0, -2).toLowerCase()}${last.toString(16).padStart(2, "0")}`;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}
