import assert from "node:assert/strict";
import { test } from "node:test";

import { Code } from "@connectrpc/connect";

import { TransactionKind, TransactionSchema } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import {
  DeleteTransactionRequestSchema,
  RestoreTransactionRequestSchema,
  UpdateTransactionRequestSchema,
} from "../../src/gen/tallystick/v1/ledger_transactions_pb.js";
import { MemoryDisk, MemoryStorage, OfflineBook } from "../../src/offline/index.js";
import { failure } from "../server.js";
import { Space } from "./space.js";

const WALKS = 12;
const STEPS = 50;
const DEVICES = 3;

/** The same numbers for the same seed. */
function dice(seed: number) {
  let state = seed;
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

interface Device {
  disk: MemoryDisk;
  book: OfflineBook;
}

async function openDevice(space: Space, disk = new MemoryDisk()): Promise<Device> {
  return { disk, book: await OfflineBook.open(new MemoryStorage(disk), space.id) };
}

async function act(space: Space, { book }: Device, roll: (sides: number) => number): Promise<void> {
  const shown = await book.list(TransactionSchema);
  const transactionId = shown[roll(shown.length)]?.id;
  const amount = { currency: "EUR", minor: BigInt(1 + roll(1000)) };
  const choice = transactionId === undefined ? 0 : roll(4);
  if (choice === 0) {
    const accountId = space.accountId;
    await book.do(CreateTransactionRequestSchema, { kind: TransactionKind.EXPENSE, accountId, amount, bookedOn: "2026-02-03" });
  } else if (choice === 1) {
    await book.do(UpdateTransactionRequestSchema, { transactionId: transactionId ?? "", change: { amount } });
  } else if (choice === 2) {
    await book.do(UpdateTransactionRequestSchema, { transactionId: transactionId ?? "", change: { note: `${roll(1000)}` } });
  } else {
    await book.do(DeleteTransactionRequestSchema, { transactionId: transactionId ?? "" });
    if (roll(2) === 0) {
      await book.do(RestoreTransactionRequestSchema, { transactionId: transactionId ?? "" });
    }
  }
}

/** A call that may be cut half-way, for good as far as this try is concerned. */
async function call(space: Space, run: () => Promise<unknown>, roll: (sides: number) => number): Promise<void> {
  const gone = failure(Code.PermissionDenied, { info: { domain: "tallystick", reason: "ROLE_TOO_LOW" } });
  space.failures = roll(3) === 0 ? ["cut", gone] : [];
  await run().catch(() => undefined);
  space.failures = [];
}

async function state(book: OfflineBook) {
  const transactions = await book.list(TransactionSchema);
  const minor = transactions.reduce((sum, each) => sum + (each.entries[0]?.amount?.minor ?? 0n), 0n);
  assert.deepEqual(
    (await book.balances()).map((each) => each.balance.minor),
    [minor],
  );
  return transactions.map(({ id, note, version, entries }) => [id, note, version, entries[0]?.amount?.minor]);
}

test("whatever happens in whichever order, all devices end up with the same, and nothing is lost or done twice", async () => {
  for (let seed = 1; seed <= WALKS; seed += 1) {
    const roll = dice(seed);
    const space = new Space();
    space.pageSize = 1 + roll(4);
    const devices = await Promise.all(Array.from({ length: DEVICES }, () => openDevice(space)));
    for (const { book } of devices) {
      await book.pull(space.server);
    }
    for (let step = 0; step < STEPS; step += 1) {
      const index = roll(DEVICES);
      const device = devices[index] as Device;
      switch (roll(6)) {
        case 0:
          await call(space, () => device.book.push(space.server), roll);
          break;
        case 1:
          await call(space, () => device.book.pull(space.server), roll);
          break;
        case 2:
          devices[index] = await openDevice(space, device.disk);
          break;
        default:
          await act(space, device, roll);
          await state(device.book);
      }
    }
    for (const { book } of [...devices, ...devices]) {
      await book.sync(space.server);
    }
    const fresh = await openDevice(space);
    await fresh.book.pull(space.server);
    const expected = await state(fresh.book);
    for (const { book } of devices) {
      assert.deepEqual(await state(book), expected, `seed ${seed}`);
      assert.deepEqual([[...(await book.pending())], await book.tray()], [[], []], `seed ${seed}`);
    }
    const created = space.pushed.flat().filter((each) => each.command.case === "createTransaction");
    const made = space.journal
      .filter((each) => each.entity?.kind.case === "transaction")
      .map((each) => each.entity?.kind.value?.id);
    assert.equal(new Set(made).size, new Set(created.map((each) => each.command.value?.requestId)).size, `seed ${seed}`);
  }
});

test("what a device shows after its own mutations arrive is what it showed before", async () => {
  for (let seed = 1; seed <= WALKS; seed += 1) {
    const roll = dice(seed);
    const space = new Space();
    const device = await openDevice(space);
    await device.book.pull(space.server);
    for (let step = 0; step < 20; step += 1) {
      await act(space, device, roll);
    }
    const withoutVersions = async () => (await state(device.book)).map(([id, note, , minor]) => [id, note, minor]);
    const before = await withoutVersions();
    await device.book.push(space.server);
    assert.deepEqual(await withoutVersions(), before, `seed ${seed}`);
    await device.book.pull(space.server);
    assert.deepEqual(await withoutVersions(), before, `seed ${seed}`);
  }
});
