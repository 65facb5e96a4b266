import assert from "node:assert/strict";
import { test } from "node:test";

import { newId } from "../src/index.js";

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an id is a UUID of version 7", () => {
  for (let count = 0; count < 1000; count += 1) {
    assert.match(newId(), UUID_7);
  }
});

test("an id begins with the time in milliseconds", () => {
  const before = Date.now();
  const time = Number.parseInt(newId().replaceAll("-", "").slice(0, 12), 16);
  assert.ok(before <= time && time <= Date.now());
});

test("ids of one millisecond differ, in every random part", () => {
  const ids = Array.from({ length: 5000 }, newId);
  assert.equal(new Set(ids).size, ids.length);
  for (const [start, end, least] of [[15, 18, 1000], [19, 23, 1000], [24, 36, 4990]] as const) {
    assert.ok(new Set(ids.map((id) => id.slice(start, end))).size > least, `characters ${start} to ${end}`);
  }
});
