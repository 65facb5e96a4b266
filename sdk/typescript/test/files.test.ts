import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Code, createRouterTransport } from "@connectrpc/connect";

import { DownloadDamaged, downloadFile, downloadThumbnail, uploadFile } from "../src/files.js";
import { FileService } from "../src/gen/tallystick/v1/file_service_pb.js";
import { createTallystick, newId, TallystickError } from "../src/index.js";
import { failure } from "./server.js";

const PART = 1000;
const spaceId = newId();

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** A server that keeps files in memory, and fails when a test wants it to. */
class Keeper {
  readonly parts = new Map<number, Uint8Array>();
  readonly requests: string[] = [];
  size = 0;
  finished = false;
  failing: (what: string) => void = () => undefined;

  get content(): Uint8Array {
    const whole = new Uint8Array(this.size);
    this.parts.forEach((part, number) => whole.set(part, number * PART));
    return whole;
  }

  private note(what: string): void {
    this.requests.push(what);
    this.failing(what);
  }

  tallystick() {
    const transport = createRouterTransport(({ service }) => {
      service(FileService, {
        startUpload: (request) => {
          this.note(`start ${request.requestId} ${request.name}`);
          this.size = Number(request.sizeBytes);
          return {};
        },
        getUpload: ({ fileId }) => {
          this.note("get");
          if (this.finished) {
            throw failure(Code.NotFound, { info: { reason: "NOT_FOUND", domain: "tallystick" } });
          }
          const partNumbers = [...this.parts.keys()].sort((one, other) => one - other);
          const partCount = Math.ceil(this.size / PART);
          return { upload: { fileId, sizeBytes: BigInt(this.size), partBytes: PART, partCount, partNumbers } };
        },
        uploadPart: ({ number, data, sha256: said }) => {
          this.note(`part ${number}`);
          assert.deepEqual(said, sha256(data));
          this.parts.set(number, data);
          return { number };
        },
        finishUpload: (request) => {
          this.note(`finish ${request.requestId}`);
          assert.deepEqual(request.sha256, sha256(this.content));
          this.finished = true;
          return { file: { id: request.fileId, name: "kept" } };
        },
        downloadFile: (request) => this.download(Number(request.offset), request.thumbnail),
      });
    });
    return createTallystick({ transport });
  }

  private async *download(offset: number, thumbnail: boolean) {
    this.note(`download ${offset}`);
    if (thumbnail) {
      yield { data: new Uint8Array([0xff, 0xd8]) };
      return;
    }
    const file = { id: newId(), contentType: "text/plain", sizeBytes: BigInt(this.size), sha256: sha256(this.content) };
    for (let at = offset; at < this.size; at += 300) {
      yield { data: this.content.slice(at, at + 300), ...(at === offset ? { file } : {}) };
      this.failing(`sent ${at}`);
    }
  }
}

const content = new Uint8Array(PART * 2 + 7).map((_, index) => index % 251);
const blob = new Blob([content]);

test("a file is brought part by part, and its progress is told", async () => {
  const keeper = new Keeper();
  const told: number[] = [];
  const fileId = "00000000-0000-7000-8000-0000000000F0";
  const file = await uploadFile(keeper.tallystick(), spaceId, blob, { name: "bill.pdf", fileId, onProgress: (bytes) => told.push(bytes) });
  assert.equal(file.name, "kept");
  assert.deepEqual(keeper.content, content);
  assert.deepEqual(told, [PART, 2 * PART, content.length]);
  const finish = "finish 00000000-0000-7000-8000-00000000000f";
  assert.deepEqual(keeper.requests, [`start ${fileId} bill.pdf`, "get", "part 0", "part 1", "part 2", finish]);
});

test("whoever was cut off goes on with what is missing", async () => {
  const keeper = new Keeper();
  const fileId = newId();
  const broken = new AbortController();
  keeper.failing = (what) => what === "part 1" && broken.abort(new Error("gone"));
  await assert.rejects(uploadFile(keeper.tallystick(), spaceId, blob, { fileId, signal: broken.signal }));
  keeper.failing = () => undefined;
  keeper.parts.delete(1);
  keeper.requests.length = 0;
  await uploadFile(keeper.tallystick(), spaceId, blob, { fileId });
  assert.deepEqual(keeper.content, content);
  assert.ok(!keeper.requests.includes("part 0"), keeper.requests.join());
  const again = await uploadFile(keeper.tallystick(), spaceId, blob, { fileId });
  assert.equal(again.id, fileId);
});

test("a download goes on where it was cut off", async () => {
  const keeper = new Keeper();
  await uploadFile(keeper.tallystick(), spaceId, blob);
  let cut = 2;
  keeper.failing = (what) => {
    if (what.startsWith("sent ") && cut > 0) {
      cut -= 1;
      throw failure(Code.Unavailable, { info: { reason: "SHUTTING_DOWN", domain: "tallystick" } });
    }
  };
  const told: number[] = [];
  const { file, content: got } = await downloadFile(keeper.tallystick(), spaceId, newId(), { onProgress: (bytes) => told.push(bytes) });
  assert.deepEqual(new Uint8Array(await got.arrayBuffer()), content);
  assert.deepEqual([got.type, file.sizeBytes], ["text/plain", BigInt(content.length)]);
  assert.equal(told.at(-1), content.length);
  assert.deepEqual(keeper.requests.slice(-3), ["download 0", "download 300", "download 600"]);
});

test("what arrives changed is not handed over", async () => {
  const keeper = new Keeper();
  await uploadFile(keeper.tallystick(), spaceId, blob);
  let done = false;
  keeper.failing = (what) => {
    if (what === "sent 0" && !done) {
      done = true;
      keeper.parts.set(2, new Uint8Array(7));
    }
  };
  await assert.rejects(downloadFile(keeper.tallystick(), spaceId, newId()), DownloadDamaged);
});

test("a refusal is thrown as it is", async () => {
  const keeper = new Keeper();
  keeper.failing = () => {
    throw failure(Code.InvalidArgument, { info: { reason: "FILE_TOO_LARGE", domain: "tallystick" } });
  };
  const isTooLarge = (error: unknown) => error instanceof TallystickError && error.reason === "FILE_TOO_LARGE";
  await assert.rejects(uploadFile(keeper.tallystick(), spaceId, blob), isTooLarge);
  await assert.rejects(downloadFile(keeper.tallystick(), spaceId, newId()), isTooLarge);
});

test("a small picture", async () => {
  const picture = await downloadThumbnail(new Keeper().tallystick(), spaceId, newId());
  assert.deepEqual([picture.type, picture.size], ["image/jpeg", 2]);
});
