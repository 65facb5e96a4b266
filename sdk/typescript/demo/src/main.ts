/** Which of the two pages is shown? */

import "./style.css";

import { type Home, openHome } from "./home.js";
import { type Place, readPlace } from "./session.js";
import { renderSigning } from "./signing.js";

const app = document.getElementById("app") as HTMLElement;
let home: Home | undefined;

async function show(place: Place | undefined): Promise<void> {
  home?.close();
  home = place && (await openHome(place, () => void show(undefined)));
  app.replaceChildren(home?.element ?? renderSigning((signedIn) => void show(signedIn)));
}

void readPlace().then(show);

// While the page is worked on, its files change too often to be kept.
if (import.meta.env.PROD) {
  void navigator.serviceWorker?.register("/sw.js");
}
