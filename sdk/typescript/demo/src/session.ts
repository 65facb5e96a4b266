/** Who uses this browser? Their tokens and the book they look at are kept from page to page. */

import { createTallystick, newId, type Tallystick, type Tokens } from "@tallystick/client";
import { keptInBrowser } from "@tallystick/client/offline";
import { budgets, ledger, reports } from "@tallystick/client/services";
import { AccountType } from "@tallystick/client/v1/ledger";

/** What of this browser is shown: whose it is, and which of their books. */
export interface Place {
  readonly userId: string;
  readonly displayName: string;
  readonly bookId: string;
}

const tokens = keptInBrowser<Tokens>("tokens");
const kept = keptInBrowser<Place>("place");

const services = { budgets, ledger, reports };

/** The server, and what of it this page calls. */
export type Server = Tallystick<typeof services>;

export const tallystick: Server = createTallystick({ baseUrl: location.origin, tokens, services });

export function readPlace(): Promise<Place | undefined> {
  return kept.load();
}

export async function signUp(email: string, password: string, displayName: string): Promise<Place> {
  await tallystick.auth.register({ requestId: newId(), email, password, displayName });
  return signIn(email, password);
}

export async function signIn(email: string, password: string): Promise<Place> {
  const user = await tallystick.signIn({ email, password, deviceName: "Browser" });
  const { books } = await tallystick.ledger.listBooks({ pageSize: 1 });
  const bookId = books[0]?.id ?? (await openBook());
  const place = { userId: user.id, displayName: user.displayName, bookId };
  await kept.save(place);
  return place;
}

/** The user goes; what waits in the outbox of this browser stays for when they come back. */
export async function signOut(): Promise<void> {
  await kept.save(undefined);
  await tallystick.signOut().catch(() => undefined);
}

async function openBook(): Promise<string> {
  const bookId = newId();
  const { ledger } = tallystick;
  await ledger.createBook({ requestId: newId(), bookId, name: "Home", baseCurrency: "EUR", locale: navigator.language });
  await ledger.createAccount({ requestId: newId(), bookId, name: "Cash", type: AccountType.CASH, currency: "EUR" });
  await ledger.createAccount({
    requestId: newId(),
    bookId,
    name: "Bank",
    type: AccountType.CHECKING,
    currency: "EUR",
    position: 1,
  });
  return bookId;
}
