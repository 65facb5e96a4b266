/**
 * What does an app do with Tallystick? This tells the story of sdk/README.md: somebody signs up, keeps a book, shares a dinner, spends without
 * a network, and is paid back. node.ts tells it in Node, page.ts in a browser.
 */

import { newId, parseMoney, type Tallystick, toDecimal } from "@tallystick/client";
import { OfflineBook, type Storage, Watcher } from "@tallystick/client/offline";
import type { groups, ledger } from "@tallystick/client/services";
import { type Expense, ExpenseSchema } from "@tallystick/client/v1/group_expenses";
import { type Account, AccountType, TransactionKind } from "@tallystick/client/v1/ledger";
import { CreateTransactionRequestSchema } from "@tallystick/client/v1/ledger_service";

/** What the story needs of where it is told. */
export interface Scene {
  readonly tallystick: Tallystick<{ groups: typeof groups; ledger: typeof ledger }>;
  readonly storage: Storage;
  readonly say: (line: string) => void;
  /** Cuts the network, and mends it. */
  readonly setOffline: (isOffline: boolean) => void | Promise<void>;
}

/** A group, and what its members are called, by their ids. */
interface Trip {
  readonly id: string;
  readonly names: ReadonlyMap<string, string>;
}

const password = "correct horse battery";

export async function tell(scene: Scene, email: string): Promise<void> {
  const { tallystick, say } = scene;
  await tallystick.auth.register({ requestId: newId(), email, password, displayName: "Ann" });
  const user = await tallystick.signIn({ email, password, deviceName: "sample" });
  say(`signed in: ${user.displayName}`);
  const account = await keepABook(scene);
  const trip = await shareADinner(scene, user.id);
  await spendOffline(scene, account);
  await settle(scene, trip);
  await tallystick.signOut();
  say("signed out");
}

async function keepABook({ tallystick: { ledger }, say }: Scene): Promise<Account> {
  const { book } = await ledger.createBook({ requestId: newId(), name: "Home", baseCurrency: "EUR" });
  say(`book: ${book?.name} ${book?.baseCurrency}`);
  const { account } = await ledger.createAccount({
    requestId: newId(),
    bookId: there(book).id,
    name: "Cash",
    type: AccountType.CASH,
    currency: "EUR",
    openingBalance: parseMoney("100", "EUR"),
    openingOn: "2026-02-01",
  });
  say(`account: ${account?.name}`);
  const spent = await ledger.createTransaction({
    requestId: newId(),
    bookId: there(book).id,
    kind: TransactionKind.EXPENSE,
    accountId: there(account).id,
    amount: parseMoney("12.30", "EUR"),
    bookedOn: "2026-02-03",
    payee: "Bakery",
  });
  say(`expense: ${spent.transaction?.payee} leaves ${toDecimal(there(spent.balance?.balance))}`);
  return there(account);
}

async function shareADinner(scene: Scene, userId: string): Promise<Trip> {
  const guests = ["Bob", "Cleo"];
  const made = await scene.tallystick.groups.createGroup({ requestId: newId(), name: "Trip", defaultCurrency: "EUR", guests });
  const names = new Map(made.members.map((member) => [member.id, member.displayName]));
  const trip = { id: there(made.group).id, names };
  scene.say(`group: ${made.group?.name} of ${names.size}`);
  const arrived = await seeItArrive(scene, trip.id, userId);
  const amount = there(arrived.amount);
  scene.say(`arrived: ${arrived.description} ${toDecimal(amount)}`);
  const shares = arrived.shares.map(
    ({ memberId, owedMinor }) => `${names.get(memberId)} bears ${toDecimal({ currency: amount.currency, minor: owedMinor })}`,
  );
  shares.sort().forEach(scene.say);
  return trip;
}

/** Watches a copy of the group, adds the expense once that is whole, and returns it as the stream brings it. */
async function seeItArrive({ tallystick, storage }: Scene, groupId: string, userId: string): Promise<Expense> {
  const copy = await OfflineBook.open(storage, groupId, { userId });
  await copy.pull(tallystick);
  const watcher = new Watcher(tallystick, storage);
  watcher.add(copy);
  const watching = watcher.run();
  const arrived = new Promise<Expense>((resolve) => {
    copy.subscribe(async () => {
      const [expense] = await copy.list(ExpenseSchema);
      if (expense !== undefined) {
        resolve(expense);
      }
    });
  });
  const expense = { bookedOn: "2026-02-03", description: "Dinner", amount: parseMoney("30", "EUR") };
  await tallystick.groups.createExpense({ requestId: newId(), groupId, expense });
  try {
    return await arrived;
  } finally {
    watcher.stop();
    await watching;
  }
}

/** Spends from a copy of the book while there is no network. */
async function spendOffline({ tallystick, storage, say, setOffline }: Scene, { bookId, id: accountId }: Account): Promise<void> {
  const copy = await OfflineBook.open(storage, bookId);
  await copy.sync(tallystick);

  await setOffline(true);
  const kiosk = { kind: TransactionKind.EXPENSE, accountId, amount: parseMoney("3.50", "EUR"), bookedOn: "2026-02-04", payee: "Kiosk" };
  await copy.do(CreateTransactionRequestSchema, kiosk);
  const shown = (await copy.balances()).find(({ account }) => account.id === accountId);
  say(`offline: ${kiosk.payee} leaves ${toDecimal(there(shown).balance)}`);

  await setOffline(false);
  await copy.sync(tallystick);
  const held = await tallystick.ledger.getAccountBalance({ bookId, accountId });
  say(`online: ${kiosk.payee} leaves ${toDecimal(there(held.balance?.balance))}`);
}

/** Pays what is owed, debt by debt, and looks whether anything is left. */
async function settle({ tallystick: { groups }, say }: Scene, { id: groupId, names }: Trip): Promise<void> {
  const paid: string[] = [];
  for (const { fromMemberId, toMemberId, amount } of (await groups.getBalances({ groupId })).debts) {
    const settled = { fromMemberId, toMemberId, amount: there(amount), bookedOn: "2026-02-04" };
    await groups.recordSettlement({ requestId: newId(), groupId, ...settled });
    paid.push(`${names.get(fromMemberId)} pays ${names.get(toMemberId)} ${toDecimal(settled.amount)}`);
  }
  paid.sort().forEach(say);
  say(`open debts: ${(await groups.getBalances({ groupId })).debts.length}`);
}

/** The contract calls messages optional that the server always sends. */
function there<T>(message: T | undefined): T {
  if (message === undefined) {
    throw new Error("the server has left something out");
  }
  return message;
}
