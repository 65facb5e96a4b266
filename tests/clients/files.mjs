// Somebody keeps a receipt, over grpc-web as in a browser: ADDRESS, TOKEN, SPACE. Says JSON.

import { createHash } from "node:crypto";

import { createTallystick, newId, TallystickError } from "@tallystick/client";
import { downloadFile, downloadThumbnail, uploadFile } from "@tallystick/client/files";
import { files } from "@tallystick/client/services";

const [, , baseUrl, token, spaceId] = process.argv;
const tallystick = createTallystick({ baseUrl, services: { files }, accessToken: () => token });

// One megabyte and a half, so that it comes in two parts.
const bytes = new Uint8Array(1_500_000).map((_, index) => (index * 7919) % 251);
bytes[0] = 0;
const told = [];
const file = await uploadFile(tallystick, spaceId, new Blob([bytes]), { name: "bill.bin", onProgress: (each) => told.push(each) });

const fileId = newId();
const cut = new AbortController();
const begun = uploadFile(tallystick, spaceId, new Blob([bytes]), {
  fileId,
  name: "bill.bin",
  signal: cut.signal,
  onProgress: () => cut.abort(),
});
const wasCut = await begun.then(
  () => false,
  () => true,
);
const parts = (await tallystick.files.getUpload({ spaceId, fileId })).upload?.partNumbers;
const again = await uploadFile(tallystick, spaceId, new Blob([bytes]), { fileId, name: "bill.bin" });

const { content } = await downloadFile(tallystick, spaceId, file.id);
const sha256 = createHash("sha256").update(new Uint8Array(await content.arrayBuffer())).digest("hex");

const isOurs = await downloadThumbnail(tallystick, spaceId, file.id).catch((error) => error instanceof TallystickError && error.reason);
const large = await uploadFile(tallystick, spaceId, new Blob([new Uint8Array(26 * 1024 * 1024)]), { name: "large" }).catch((error) => error.reason);
const wanted = createHash("sha256").update(bytes).digest("hex");
console.log(JSON.stringify({ fileId: file.id, name: file.name, told, wasCut, parts, again: again.id === fileId, sha256, wanted, isOurs, large }));
