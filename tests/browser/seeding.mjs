// What does a book look like that somebody has kept for a year? Made through the API: three currencies, one of them without a rate.

import { join } from "node:path";

import { PASSWORD } from "./pages.mjs";

const MONTHS = 12;
const eur = (minor) => ({ currency: "EUR", minor: BigInt(minor) });
const usd = (minor) => ({ currency: "USD", minor: BigInt(minor) });
const kwd = (minor) => ({ currency: "KWD", minor: BigInt(minor) });

/** Signs up, fills a book, and returns who did it and where. */
export async function keepForAYear(sdk, url, email) {
  const load = (name) => import(join(sdk, "dist", "src", `${name}.js`));
  const { createTallystick, newId, ...tools } = await load("index");
  const services = await load("services");
  const { AccountType, TransactionKind } = await load("gen/tallystick/v1/ledger_pb");
  const { EXPENSE, INCOME, TRANSFER } = TransactionKind;
  const tallystick = createTallystick({ baseUrl: url, services });
  const { auth, ledger } = tallystick;
  const requestId = newId;
  await auth.register({ requestId: requestId(), email, password: PASSWORD, displayName: "Ann" });
  await tallystick.signIn({ email, password: PASSWORD });

  const bookId = newId();
  await ledger.createBook({ requestId: requestId(), bookId, name: "Home", baseCurrency: "EUR", locale: "en" });
  const openingOn = firstOf(-MONTHS);
  const open = async (name, type, openingBalance) => {
    const accountId = newId();
    const { currency } = openingBalance;
    await ledger.createAccount({ requestId: requestId(), bookId, accountId, name, type, currency, openingBalance, openingOn });
    return accountId;
  };
  const bank = await open("Bank", AccountType.CHECKING, eur(412_055));
  const card = await open("Card", AccountType.CREDIT_CARD, eur(-21_090));
  const loan = await open("Loan", AccountType.LOAN, eur(-360_000));
  const dollars = await open("Dollars", AccountType.SAVINGS, usd(150_000));
  const purse = await open("Purse", AccountType.CASH, kwd(250_500));
  await ledger.setRate({ requestId: requestId(), bookId, base: "USD", quote: "EUR", on: openingOn, rate: "0.9134" });

  const { categories } = await ledger.listCategories({ bookId, pageSize: 200 });
  const category = (name) => categories.find((each) => each.name === name).id;
  for (let month = -MONTHS; month <= 0; month += 1) {
    const wave = (month * month * 37) % 100;
    const bookedOn = firstOf(month);
    const spend = (payee, name, amount, accountId = card) => ({
      payee,
      kind: EXPENSE,
      accountId,
      amount,
      categoryId: category(name),
      bookedOn,
    });
    const move = (toAccountId, amount, toAmount) => ({
      kind: TRANSFER,
      accountId: bank,
      toAccountId,
      amount,
      toAmount,
      bookedOn,
    });
    const transactions = [
      { kind: INCOME, accountId: bank, amount: eur(318_045), categoryId: category("Salary"), bookedOn, payee: "Employer" },
      spend("Landlord", "Rent and mortgage", eur(98_000), bank),
      spend("Power station", "Utilities", eur(11_240 + wave * 13), bank),
      spend("Market", "Groceries", eur(23_415 + wave * 71)),
      spend("Bakery", "Groceries", eur(6_180 + wave * 9)),
      spend("Osteria", "Eating out", eur(14_890 - wave * 31)),
      spend("Railway", "Public transport", eur(5_900)),
      spend("Cinema", "Culture and entertainment", eur(2_450 + wave * 17)),
      spend("Pharmacy", "Health", eur(1_995 + wave * 7)),
      spend("Bookshop", "Gifts and donations", usd(3_120 + wave * 11), dollars),
      spend("Souk", "Travel", kwd(4_125 + wave), purse),
      move(card, eur(52_000 + wave * 50)),
      move(loan, eur(25_000)),
      move(dollars, eur(20_000), usd(21_896)),
      ...(month % 4 === 0 ? [spend("Airline", "Travel", eur(48_730), card)] : []),
    ];
    await ledger.batchCreateTransactions({ requestId: requestId(), bookId, transactions });
  }
  return { tallystick, bookId, ...tools };
}

/** The first day of the month that is so many months from now. */
function firstOf(months) {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1)).toISOString().slice(0, 10);
}
