import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { bundle, gzippedBytes, TOP } from "./bundle.js";

const SERVER_ONLY = /buf[./]validate|google[./]api|options_pb/;
// A little above what it is, so that whoever makes it grow decides to.
const LEDGER_MAX_BYTES = 38_000;

test("generated code names no option that only the server reads", () => {
  const folder = new URL("src/gen/", TOP);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length > 5);
  for (const name of files) {
    assert.doesNotMatch(readFileSync(new URL(name, folder), "utf8"), SERVER_ONLY, name);
  }
});

test("a browser downloads little", async () => {
  const contents = await bundle("ledger");
  const gzipped = gzippedBytes(contents);
  assert.ok(gzipped < LEDGER_MAX_BYTES, `${gzipped} bytes; npm run size shows more`);
  assert.doesNotMatch(new TextDecoder().decode(contents), SERVER_ONLY);
});

test("the lockfile names no registry", () => {
  assert.doesNotMatch(readFileSync(new URL("package-lock.json", TOP), "utf8"), /"resolved"|https?:/);
});
