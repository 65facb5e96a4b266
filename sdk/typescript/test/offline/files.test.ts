import assert from "node:assert/strict";

import { create } from "@bufbuild/protobuf";

import { DeleteFileRequestSchema, FileSchema, RestoreFileRequestSchema } from "../../src/gen/tallystick/v1/file_pb.js";
import { newId } from "../../src/index.js";
import { on } from "./books.js";

on("a file is hidden at once, and comes back as it was", async ({ space, book }) => {
  const fileId = newId();
  const entity = create(FileSchema, { id: fileId, spaceId: space.id, name: "bill.pdf", contentType: "application/pdf" });
  space.record(new Map([[`file/${fileId}`, { entity, deleted: false }]]));
  await book.pull(space.server);
  await book.do(DeleteFileRequestSchema, { fileId: fileId.toUpperCase() });
  assert.equal(await book.get(FileSchema, fileId), undefined);
  assert.deepEqual(await book.pending(), new Set([fileId]));
  await book.do(RestoreFileRequestSchema, { fileId });
  assert.equal((await book.get(FileSchema, fileId))?.name, "bill.pdf");
  await book.do(DeleteFileRequestSchema, { fileId });
  await book.sync(space.server);
  assert.equal(await book.get(FileSchema, fileId), undefined);
});
