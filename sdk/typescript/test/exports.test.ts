import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";

import { ExportIncomplete, exportFile } from "../src/exports.js";
import { ExportService } from "../src/gen/tallystick/v1/export_service_pb.js";
import { createTallystick, TallystickError } from "../src/index.js";

const CHUNKS = ["one", "two", "three"].map((text) => new TextEncoder().encode(text));
const WHOLE = { sizeBytes: 11n, sha256: new Uint8Array(createHash("sha256").update("onetwothree").digest()) };

/** A server that sends what a test wants. */
function sending(chunks: Uint8Array[], end: { sizeBytes: bigint; sha256?: Uint8Array } | undefined, fileName = "a.csv") {
  const transport = createRouterTransport(({ service }) => {
    service(ExportService, {
      async *export() {
        yield { part: { case: "header", value: { fileName, contentType: "text/csv; charset=utf-8", items: 3n } } };
        for (const [number, value] of chunks.entries()) {
          yield { part: { case: "chunk", value } };
          yield { part: { case: "progress", value: { items: BigInt(number + 1) } } };
        }
        if (end !== undefined) {
          yield { part: { case: "end", value: end } };
        }
      },
    });
  });
  return createTallystick({ transport }).transport;
}

test("a whole file is a blob with its name and type", async () => {
  const told: number[][] = [];
  const { name, blob } = await exportFile(sending(CHUNKS, WHOLE), {}, { onProgress: (...progress) => told.push(progress) });
  assert.equal(name, "a.csv");
  assert.equal(blob.type, "text/csv; charset=utf-8");
  assert.equal(await blob.text(), "onetwothree");
  assert.deepEqual(told, [
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
});

test("what is not whole is no file", async () => {
  const changed = [new TextEncoder().encode("onetwothreE")];
  for (const [chunks, end] of [
    [CHUNKS, undefined],
    [CHUNKS.slice(0, 2), WHOLE],
    [changed, WHOLE],
    [CHUNKS, { sizeBytes: 11n }],
  ] as const) {
    await assert.rejects(exportFile(sending([...chunks], end), {}), ExportIncomplete);
  }
});

test("no name leads anywhere", async () => {
  for (const [said, name] of [
    ["../../a.csv", "a.csv"],
    ["C:\\x\\a.csv", "a.csv"],
    ["..", "export"],
    ["", "export"],
  ] as const) {
    assert.equal((await exportFile(sending(CHUNKS, WHOLE, said), {})).name, name);
  }
});

test("a refused export fails with its reason", async () => {
  const transport = createRouterTransport(({ service }) => {
    service(ExportService, {
      async *export() {
        throw new ConnectError("no", Code.NotFound);
      },
    });
  });
  await assert.rejects(exportFile(createTallystick({ transport }).transport, {}), (error) => {
    return error instanceof TallystickError && error.code === Code.NotFound;
  });
});
