/** What is there to show? Everything at one moment, read from this browser and nowhere else. */

import { exponentOf, toDecimal } from "@tallystick/client";
import type { Balance, OfflineBook, Refused } from "@tallystick/client/offline";
import { type Category, CategorySchema, type Transaction, TransactionSchema } from "@tallystick/client/v1/ledger";
import type { Money } from "@tallystick/client/v1/money";
import type { Conflict } from "@tallystick/client/v1/sync";

export interface Scene {
  readonly balances: readonly Balance[];
  readonly categories: readonly Category[];
  /** The newest first. */
  readonly transactions: readonly Transaction[];
  readonly pending: ReadonlySet<string>;
  readonly conflicts: readonly Conflict[];
  readonly tray: readonly Refused[];
}

export async function readScene(book: OfflineBook): Promise<Scene> {
  const [balances, categories, transactions, pending, conflicts, tray] = await Promise.all([
    book.balances(),
    book.list(CategorySchema),
    book.list(TransactionSchema),
    book.pending(),
    book.conflicts(),
    book.tray(),
  ]);
  categories.sort((one, other) => one.position - other.position);
  transactions.sort((one, other) => compare(other.bookedOn, one.bookedOn) || compare(other.id, one.id));
  return { balances, categories, transactions, pending, conflicts, tray };
}

/** How far a transaction moves all accounts together; of a transfer, what leaves. */
export function amountOf({ entries }: Transaction): Money | undefined {
  const [first] = entries;
  const amounts = entries.flatMap((entry) =>
    entry.amount?.currency === first?.amount?.currency ? [entry.amount?.minor ?? 0n] : [],
  );
  const sum = amounts.reduce((total, minor) => total + minor, 0n);
  return first?.amount && { ...first.amount, minor: sum === 0n ? first.amount.minor : sum };
}

export function showMoney(money: Money | undefined): string {
  if (money === undefined) {
    return "";
  }
  const { currency } = money;
  return new Intl.NumberFormat(undefined, { style: "currency", currency, minimumFractionDigits: exponentOf(currency) }).format(
    toDecimal(money),
  );
}

export function showDay(on: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${on}T00:00:00Z`));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
