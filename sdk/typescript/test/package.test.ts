import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { apps, bundle, gzippedBytes, TOP } from "./bundle.js";

const SERVER_ONLY = /buf[./]validate|google[./]api|options_pb/;
// A little above what it is, so that whoever makes it grow decides to.
const MAX_BYTES = { "signing in": 21_500, online: 27_500, offline: 67_000, everything: 74_000 };

test("generated code names no option that only the server reads", () => {
  const folder = new URL("src/gen/", TOP);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length > 5);
  for (const name of files) {
    assert.doesNotMatch(readFileSync(new URL(name, folder), "utf8"), SERVER_ONLY, name);
  }
});

for (const app of apps) {
  test(`a browser downloads little: ${app}`, async () => {
    const contents = await bundle(app);
    const gzipped = gzippedBytes(contents);
    assert.ok(gzipped < MAX_BYTES[app], `${gzipped} bytes; npm run size shows more`);
    assert.doesNotMatch(new TextDecoder().decode(contents), SERVER_ONLY);
  });
}

test("nobody pays for what they do not use", async () => {
  assert.doesNotMatch(new TextDecoder().decode(await bundle("online")), /IDBKeyRange|SyncService|ReportService/);
});

test("the lockfile names no registry", () => {
  const { packages } = JSON.parse(readFileSync(new URL("package-lock.json", TOP), "utf8"));
  // Where a package's authors take donations is no place to install from.
  const text = JSON.stringify(packages, (key, value) => (key === "funding" ? undefined : value));
  assert.doesNotMatch(text, /"resolved"|https?:/);
});
