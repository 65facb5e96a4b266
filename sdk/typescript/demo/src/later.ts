/** How does the overview come without making the book wait? It is fetched when somebody first looks at it. */

import type { OfflineBook, WatcherState } from "@tallystick/client/offline";

import type { Overview } from "./dashboard/overview.js";
import { h } from "./dom.js";
import type { Place } from "./session.js";

/** Where the overview is going to be. */
export interface Later {
  readonly element: HTMLElement;
  readonly show: (isShown: boolean) => void;
  /** How the network is by now. */
  readonly note: (state: WatcherState) => void;
  readonly close: () => void;
}

export function openLater(book: OfflineBook, place: Place): Later {
  const element = h("div", { class: "view" });
  let fetched: Promise<Overview | undefined> | undefined;
  let isOpen = true;
  let isWanted = false;
  const fetchIt = async () => {
    element.replaceChildren(h("p", { class: "empty" }, "Opening …"));
    try {
      const { openOverview } = await import("./dashboard/overview.js");
      // Somebody may have signed out meanwhile.
      if (!isOpen) {
        return undefined;
      }
      const overview = await openOverview(book, place);
      element.replaceChildren(overview.element);
      return overview;
    } catch (error) {
      console.warn(error);
      // A browser does not fetch again in the same page what once failed.
      const again = h("button", { type: "button", click: () => location.reload() }, "Load the page again");
      element.replaceChildren(h("div", { class: "card" }, h("p", {}, "The overview could not be fetched."), again));
      return undefined;
    }
  };
  return {
    element,
    show: (isShown) => {
      isWanted = isShown;
      if (isShown) {
        fetched ??= fetchIt();
      }
      void fetched?.then((overview) => overview?.show(isWanted && isOpen));
    },
    note: (state) => void fetched?.then((overview) => overview?.note(state)),
    close: () => {
      isOpen = false;
      void fetched?.then((overview) => overview?.close());
    },
  };
}
