/** What sees somebody who is signed in? Their book, kept up to date while the page is open. */

import { IndexedDbStorage, OfflineBook, Watcher, type WatcherState } from "@tallystick/client/offline";

import { coalesced } from "./coalesced.js";
import { h } from "./dom.js";
import { makeExpenseForm } from "./expense.js";
import { type Later, openLater } from "./later.js";
import { renderBalances, renderInbox, renderTransactions } from "./lists.js";
import { readScene } from "./scene.js";
import { type Place, signOut, tallystick } from "./session.js";
import { makeViews } from "./views.js";

/** The element, and how to end what runs behind it. */
export interface Home {
  readonly element: HTMLElement;
  readonly close: () => void;
}

export async function openHome(place: Place, onSignedOut: () => void): Promise<Home> {
  // So that a browser that runs out of space takes other things first.
  void navigator.storage?.persist();
  const storage = await IndexedDbStorage.open(`tallystick ${place.userId}`);
  const book = await OfflineBook.open(storage, place.bookId, { userId: place.userId });
  const badge = h("span", { class: "badge", role: "status" });
  const form = makeExpenseForm(book);
  const [balances, inbox, transactions] = [h("div"), h("div"), h("div")];
  let state: WatcherState = "connecting";
  let waiting = 0;
  const showState = () => {
    const [text, kind] = wordsFor(state, waiting);
    badge.textContent = text;
    badge.dataset["kind"] = kind;
  };
  let isOpen = true;
  const overview: Later = openLater(book, place);
  const show = coalesced(async () => {
    const scene = isOpen ? await readScene(book).catch(unless(() => isOpen)) : undefined;
    if (scene === undefined) {
      return;
    }
    waiting = scene.pending.size;
    form.update(scene);
    balances.replaceChildren(renderBalances(scene));
    inbox.replaceChildren(...renderInbox(book, scene));
    transactions.replaceChildren(renderTransactions(book, scene));
    showState();
  });
  const watcher = new Watcher(tallystick, storage, {
    onState: (now) => {
      state = now;
      showState();
      overview.note(state);
    },
    onError: (error) => console.error(error),
  });
  const stopListening = book.subscribe(show);
  globalThis.addEventListener("online", showState);
  globalThis.addEventListener("offline", showState);
  const close = () => {
    isOpen = false;
    watcher.stop();
    stopListening();
    views.close();
    overview.close();
    globalThis.removeEventListener("online", showState);
    globalThis.removeEventListener("offline", showState);
    storage.close();
  };
  const leave = h("button", { type: "button", class: "quiet", click: () => signOut().finally(onSignedOut) }, "Sign out");
  show();
  watcher.add(book);
  void watcher.run();
  const recent = h("section", {}, h("h2", {}, "Lately"), transactions);
  const bookView = h("div", { class: "view book" }, balances, inbox, form.element, recent);
  const views = makeViews([
    { name: "book", title: "Book", element: bookView },
    { name: "overview", title: "Overview", element: overview.element, onShown: overview.show },
  ]);
  const who = h("span", { class: "who" }, place.displayName);
  const header = h("header", {}, h("h1", {}, "Tallystick"), badge, who, leave);
  return { element: h("main", {}, header, views.tabs, bookView, overview.element), close };
}

function wordsFor(state: WatcherState, waiting: number): [string, string] {
  const rest = waiting > 0 ? `, ${waiting} waiting` : "";
  if (!navigator.onLine || state === "away") {
    return [`Offline${rest}`, "away"];
  }
  switch (state) {
    case "live":
      return [`Live${rest}`, "live"];
    case "following":
      return [`Open in another tab${rest}`, "live"];
    case "ended":
      return ["Signed out", "away"];
    default:
      return [`Connecting${rest}`, "connecting"];
  }
}

/** What fails because everything is being closed is no failure. */
function unless(matters: () => boolean): (error: unknown) => undefined {
  return (error) => {
    if (matters()) {
      throw error;
    }
  };
}
