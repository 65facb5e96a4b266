/** Which of several views is shown? The address says so, and a reload stays. */

import { h } from "./dom.js";

/** A view: its name in the address, what it is called, and what happens when it comes and goes. */
export interface View {
  readonly name: string;
  readonly title: string;
  readonly element: HTMLElement;
  readonly onShown?: (isShown: boolean) => void;
}

export interface Views {
  readonly tabs: HTMLElement;
  readonly close: () => void;
}

/** The first is shown where the address names none. */
export function makeViews(views: readonly View[]): Views {
  const links = views.map(({ name, title }) => h("a", { href: `#${name}` }, title));
  const show = () => {
    const wanted = location.hash.slice(1);
    const shown = views.find(({ name }) => name === wanted) ?? views[0];
    for (const [index, view] of views.entries()) {
      view.element.hidden = view !== shown;
      if (view === shown) {
        links[index]?.setAttribute("aria-current", "page");
      } else {
        links[index]?.removeAttribute("aria-current");
      }
      view.onShown?.(view === shown);
    }
  };
  globalThis.addEventListener("hashchange", show);
  show();
  return {
    tabs: h("nav", { class: "tabs", "aria-label": "Views" }, links),
    close: () => globalThis.removeEventListener("hashchange", show),
  };
}
