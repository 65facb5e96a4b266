// Somebody's first minutes with the SDK, over grpc-web as in a browser or over native gRPC: TRANSPORT, ADDRESS, EMAIL. Says JSON.

import { createTallystick, newId, TallystickError, toDecimal } from "@tallystick/client";
import * as services from "@tallystick/client/services";
import { AccountType, CategoryKind, TransactionKind } from "@tallystick/client/v1/ledger";
import { createGrpcTransport } from "@connectrpc/connect-node";

const [, , transport, baseUrl, email] = process.argv;
const password = "correct horse battery";
const currency = "KWD";

let accessToken;
const way = transport === "grpc" ? { transport: createGrpcTransport({ baseUrl }) } : { baseUrl };
const { auth, spaces, ledger, status } = createTallystick({ ...way, services, accessToken: () => accessToken });

async function failureOf(call) {
  try {
    await call;
  } catch (error) {
    const isOurs = error instanceof TallystickError;
    return { isOurs, code: error.code, reason: error.reason, violations: error.violations };
  }
  return { isOurs: false, reason: "it was answered" };
}

const nobody = await failureOf(auth.getMe({}));
await auth.register({ requestId: newId(), email, password, displayName: "Ann" });
const wrong = await failureOf(auth.login({ requestId: newId(), email, password: "wrong horse" }));
({ tokens: { accessToken } } = await auth.login({ requestId: newId(), email, password }));

const [bookId, accountId, categoryId, transactionId] = [newId(), newId(), newId(), newId()];
await ledger.createBook({ requestId: newId(), bookId, name: "Home", baseCurrency: currency });
await ledger.createAccount({ requestId: newId(), bookId, accountId, name: "Cash", type: AccountType.CASH, currency });
await ledger.createCategory({ requestId: newId(), bookId, categoryId, name: "Food", kind: CategoryKind.EXPENSE });
const expense = {
  requestId: newId(),
  bookId,
  transactionId,
  kind: TransactionKind.EXPENSE,
  accountId,
  categoryId,
  amount: { currency, minor: 2n ** 53n + 1n },
  bookedOn: "2026-02-03",
};
const first = await ledger.createTransaction(expense);
const repeated = await ledger.createTransaction(expense);
const page = await ledger.listTransactions({ bookId });

console.log(
  JSON.stringify({
    bookId,
    transactionId,
    balances: [first, repeated].map((answer) => toDecimal(answer.balance.balance)),
    listed: page.transactions.map((transaction) => transaction.id),
    spaces: (await spaces.listSpaces({})).spaces.map((space) => space.id),
    health: (await status.getHealth({})).state,
    failures: {
      nobody,
      wrong,
      missing: await failureOf(ledger.getTransaction({ bookId, transactionId: newId() })),
      invalid: await failureOf(ledger.createTransaction({ ...expense, requestId: "1", bookedOn: "soon" })),
      reused: await failureOf(ledger.createTransaction({ ...expense, note: "another" })),
    },
  }),
);
