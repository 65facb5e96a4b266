/** What do tests of books begin with? A space on a server, and a device with its copy, on every kind of storage. */

import { afterEach, test } from "node:test";

import type { ErrorReason } from "../../src/gen/tallystick/v1/error_reason_pb.js";
import { TransactionKind } from "../../src/gen/tallystick/v1/ledger_pb.js";
import { CreateTransactionRequestSchema } from "../../src/gen/tallystick/v1/ledger_service_pb.js";
import { newId } from "../../src/index.js";
import { composeCommand } from "../../src/offline/commands.js";
import { OfflineBook, type Storage } from "../../src/offline/index.js";
import { Space } from "./space.js";
import { DEVICES } from "./storages.js";

export const USER_ID = newId();

const opened: Storage[] = [];
afterEach(() => opened.splice(0).forEach((storage) => storage.close()));

export interface Its {
  readonly space: Space;
  readonly storage: Storage;
  readonly book: OfflineBook;
  /** As another tab does, or the app after it was killed. */
  readonly open: () => Promise<{ storage: Storage; book: OfflineBook }>;
}

/** Tests it once for each kind of storage. */
export function on(what: string, run: (its: Its) => Promise<void>): void {
  for (const [name, makeDevice] of Object.entries(DEVICES)) {
    test(`${name}: ${what}`, async () => {
      const device = makeDevice();
      const space = new Space();
      const open = async () => {
        const storage = await device.open();
        opened.push(storage);
        return { storage, book: await OfflineBook.open(storage, space.id, { userId: USER_ID }) };
      };
      await run({ space, open, ...(await open()) });
    });
  }
}

export function draft(space: Space, minor: bigint) {
  return { kind: TransactionKind.EXPENSE, accountId: space.accountId, amount: { currency: "EUR", minor }, bookedOn: "2026-02-03" };
}

export function expense(space: Space, minor: bigint, transactionId = newId()) {
  return composeCommand(CreateTransactionRequestSchema, { ...draft(space, minor), transactionId }, space.id);
}

export async function held(book: OfflineBook): Promise<bigint | undefined> {
  return (await book.balances())[0]?.balance.minor;
}

export function rejected(reason: ErrorReason) {
  return { $typeName: "tallystick.v1.Rejection" as const, reason, message: "", violations: [], metadata: {} };
}
