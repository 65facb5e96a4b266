/** What does somebody see who looks at their book as a whole? Figures of the server, and how old they are. */

import "./style.css";

import { TallystickError } from "@tallystick/client";
import type { OfflineBook, WatcherState } from "@tallystick/client/offline";

import { coalesced } from "../coalesced.js";
import { h } from "../dom.js";
import { type Place, tallystick } from "../session.js";
import { makeBudgetsCard } from "./budgets.js";
import { makeCategoriesCard } from "./categories.js";
import { type Figures, keptFigures, readFigures } from "./figures.js";
import { makeMonths } from "./months.js";
import { makeMonthCard, makeYearCard } from "./summary.js";
import { showMoment } from "./telling.js";
import { makeWorthCard } from "./worth.js";

export interface Overview {
  readonly element: HTMLElement;
  /** Nothing is read while nobody looks. */
  readonly show: (isShown: boolean) => void;
  readonly note: (state: WatcherState) => void;
  readonly close: () => void;
}

const AGAIN_MS = 15_000;

export async function openOverview(book: OfflineBook, place: Place): Promise<Overview> {
  const kept = keptFigures(place.userId);
  const cards = [makeWorthCard(), makeMonthCard(), makeYearCard(), makeCategoriesCard(book), makeBudgetsCard(book)];
  const age = h("p", { class: "age", "aria-live": "polite" });
  const grid = h(
    "div",
    { class: "cards", hidden: true },
    cards.map((card) => card.element),
  );
  const stored = await kept.load().catch(() => undefined);
  let figures: Figures | undefined = stored?.bookId === place.bookId ? stored : undefined;
  let failure: TallystickError | undefined;
  let [isShown, isStale, isOpen] = [false, true, true];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const tell = async () => {
    const waiting = (await book.pending()).size;
    age.replaceChildren(tellAge(figures, failure, waiting));
    age.dataset["kind"] = failure || isAway(failure) ? "away" : "live";
    months.update(figures, isAway(failure));
  };
  const render = () => {
    grid.hidden = figures === undefined;
    for (const card of figures ? cards : []) {
      card.update(figures as Figures);
    }
  };
  const ask = async () => {
    isStale = false;
    try {
      const read = await readFigures(tallystick, place.bookId, months.on());
      [figures, failure] = [read, undefined];
      return true;
    } catch (error) {
      [failure, isStale] = [TallystickError.from(error), true];
      timer = setTimeout(wake, AGAIN_MS);
      return false;
    }
  };
  const read = coalesced(async () => {
    clearTimeout(timer);
    if (isOpen && isShown && navigator.onLine && (await ask()) && isOpen) {
      render();
      if (figures?.on === "") {
        await kept.save(figures).catch((error: unknown) => console.warn(error));
      }
    }
    if (isOpen) {
      await tell();
    }
  });
  const wake = () => void read().catch((error: unknown) => isOpen && console.error(error));
  const onMoved = () => {
    isStale = true;
    wake();
  };
  const months = makeMonths(onMoved);
  const stopListening = book.subscribe(onMoved);
  globalThis.addEventListener("online", wake);
  globalThis.addEventListener("offline", wake);
  render();
  await tell();
  return {
    element: h("div", { class: "overview" }, h("div", { class: "titled" }, months.element, age), grid),
    show: (now) => {
      isShown = now;
      if (isShown && isStale) {
        wake();
      }
    },
    note: (state) => {
      if (state === "live" && isStale) {
        wake();
      }
    },
    close: () => {
      isOpen = false;
      clearTimeout(timer);
      stopListening();
      globalThis.removeEventListener("online", wake);
      globalThis.removeEventListener("offline", wake);
      for (const card of cards) {
        card.close?.();
      }
    },
  };
}

/** No reason means that no server of ours answered. */
function isAway(failure: TallystickError | undefined): boolean {
  return !navigator.onLine || (failure !== undefined && failure.reason === undefined);
}

function tellAge(figures: Figures | undefined, failure: TallystickError | undefined, waiting: number): string {
  const why = isAway(failure) ? "No network" : failure ? `Not read: ${failure.message}` : "";
  if (figures === undefined) {
    return why ? `${why}: the figures have to be read once with one.` : "Reading …";
  }
  const age = `Figures of ${showMoment(figures.readAt)}.`;
  const late = ["", " One change that waits is not in them."][waiting] ?? ` ${waiting} changes that wait are not in them.`;
  return why ? `${why}. ${age}${late}` : `${age}${late}`;
}
