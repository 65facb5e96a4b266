import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { IDBFactory } from "fake-indexeddb";

import { IndexedDbStorage, keptInBrowser, OfflineUnavailable, type Storage } from "../../src/offline/index.js";
import { DEVICES } from "./storages.js";

const opened: Storage[] = [];
afterEach(() => opened.splice(0).forEach((storage) => storage.close()));

for (const [name, makeDevice] of Object.entries(DEVICES)) {
  const begin = async () => {
    const device = makeDevice();
    const open = async () => {
      const storage = await device.open();
      opened.push(storage);
      return storage;
    };
    return { open, storage: await open() };
  };
  const draft = (position: number, spaceId = "a") => ({ spaceId, position, body: new Uint8Array([position]) });

  test(`${name}: what was written is there for whoever opens it next`, async () => {
    const { open, storage } = await begin();
    await storage.write(async (tx) => tx.put("drafts", draft(1)));
    storage.close();
    assert.deepEqual(await (await open()).read((tx) => tx.get("drafts", ["a", 1])), draft(1));
  });

  test(`${name}: of a step that fails nothing stays`, async () => {
    const { storage } = await begin();
    const broken = storage.write(async (tx) => {
      tx.put("drafts", draft(1));
      assert.equal((await tx.all("drafts", ["a"])).length, 1);
      throw new Error("no");
    });
    await assert.rejects(broken, /no/);
    assert.deepEqual(await storage.read((tx) => tx.all("drafts", ["a"])), []);
  });

  test(`${name}: rows are listed by the beginnings of their keys, numbers in their order`, async () => {
    const { storage } = await begin();
    await storage.write(async (tx) => [draft(10), draft(2), draft(1, "b")].forEach((row) => tx.put("drafts", row)));
    const positions = async () => (await storage.read((tx) => tx.all("drafts", ["a"]))).map((row) => row.position);
    assert.deepEqual(await positions(), [2, 10]);
    await storage.write(async (tx) => tx.deleteAll("drafts", ["a"]));
    assert.deepEqual(await positions(), []);
    assert.equal((await storage.read((tx) => tx.all("drafts", ["b"]))).length, 1);
  });

  test(`${name}: who runs alone is not joined by another tab`, async () => {
    const { open, storage } = await begin();
    const other = await open();
    const steps: string[] = [];
    const run = (who: string) => async () => {
      steps.push(`${who} in`);
      await storage.read((tx) => tx.all("drafts", ["a"]));
      steps.push(`${who} out`);
    };
    await Promise.all([storage.alone("x", run("one")), other.alone("x", run("two"))]);
    assert.deepEqual(steps, ["one in", "one out", "two in", "two out"]);
  });

  test(`${name}: news reach every tab`, async () => {
    const { open, storage } = await begin();
    const other = await open();
    const heard = Promise.all([storage, other].map((each) => new Promise((resolve) => each.listen(resolve))));
    storage.tell({ spaceId: "a", what: "changed" });
    assert.deepEqual(await heard, [
      { spaceId: "a", what: "changed" },
      { spaceId: "a", what: "changed" },
    ]);
  });
}

test("a browser that cannot keep tabs apart is refused", async () => {
  await assert.rejects(IndexedDbStorage.open("x", {}), OfflineUnavailable);
});

test("a small thing is kept under its name until it is forgotten", async () => {
  const browser = new IDBFactory();
  const kept = keptInBrowser<{ accessToken: string }>("tokens", browser);
  assert.equal(await kept.load(), undefined);
  await kept.save({ accessToken: "a" });
  assert.deepEqual(await keptInBrowser("tokens", browser).load(), { accessToken: "a" });
  assert.equal(await keptInBrowser("other", browser).load(), undefined);
  await kept.save(undefined);
  assert.equal(await kept.load(), undefined);
});
