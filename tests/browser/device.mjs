// What has somebody who runs the SDK outside of a browser? A client, a book in memory, and what it shows as plain JSON.

import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";

const [, , sdk, url, email] = process.argv;
const load = (name) => import(join(sdk, "dist", "src", `${name}.js`));
const { createTallystick, newId } = await load("index");
const services = await load("services");
const { MemoryStorage, OfflineBook } = await load("offline/index");
const { toJson } = await import(createRequire(`${sdk}/package.json`).resolve("@bufbuild/protobuf"));
const names = [
  ..."_service _accounts _books _categories _labels _rules _templates _transactions".split(" ").map((part) => `ledger${part}`),
  ...["ledger", "sync", "sync_conflicts", "role", "budget", "budget_items", "budget_moves"],
  ...["identity", "notification", "notification_preferences", "settings", "settings_client_values", "settings_displays"],
];
export const c = Object.assign({}, ...(await Promise.all(names.map((name) => load(`gen/tallystick/v1/${name}_pb`)))));
export { newId };

const PASSWORD = "correct horse battery";
const OF_LEDGER = "Book Account Category Payee PaymentMethod Tag Transaction Template Rule".split(" ");
const OF_HOME = "User Preferences Display ClientValue Notification NotificationPreferences".split(" ");
const KINDS = [...OF_LEDGER, "Budget", "BudgetItem", "BudgetMove", ...OF_HOME, "Conflict"];
// What only the server can know before the mutation has arrived.
const UNKNOWN_BEFORE = new Set(["version", "createdAt", "nextOn", "handledUntil"]);

export class Person {
  constructor(name = randomUUID().slice(0, 8)) {
    this.email = `${name}-${email}`;
    this.tallystick = createTallystick({ baseUrl: url, services });
  }

  async signUp() {
    await this.tallystick.auth.register({ requestId: newId(), email: this.email, password: PASSWORD, displayName: "Ann" });
    this.user = await this.tallystick.signIn({ email: this.email, password: PASSWORD });
    return this;
  }

  async signInElsewhere() {
    await createTallystick({ baseUrl: url }).signIn({ email: this.email, password: PASSWORD });
  }

  async openBook() {
    const bookId = newId();
    await this.tallystick.ledger.createBook({ requestId: newId(), bookId, name: "Home", baseCurrency: "EUR", locale: "en" });
    return bookId;
  }

  /** Another device of theirs, up to date. */
  async device(bookId) {
    const book = await OfflineBook.open(new MemoryStorage(), bookId, { userId: this.user.id });
    await book.pull(this.tallystick);
    return book;
  }
}

/** All that a book shows, without what is the server's to say. */
export async function picture(book) {
  const shown = {};
  for (const kind of KINDS) {
    const schema = c[`${kind}Schema`];
    for (const entity of await book.list(schema)) {
      const json = toJson(schema, entity, { alwaysEmitImplicit: true });
      for (const name of UNKNOWN_BEFORE) {
        delete json[name];
      }
      if (json.readAt) {
        json.readAt = "it was read";
      }
      const isOpening = json.kind === "TRANSACTION_KIND_OPENING";
      // The server gives an opening balance an id of its own.
      const name = isOpening ? `opening of ${json.entries[0].accountId}` : json.id;
      delete json.id;
      if (json.openingTransactionId) {
        json.openingTransactionId = "there is one";
      }
      shown[`${kind} ${name}`] = json;
    }
  }
  for (const { account, balance } of await book.balances()) {
    shown[`balance of ${account.id}`] = `${balance.minor} ${balance.currency}`;
  }
  return shown;
}

/** The names of what is not the same in both. */
export function differing(one, other) {
  const all = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...all]
    .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
    .map((name) => [name, one[name], other[name]]);
}
