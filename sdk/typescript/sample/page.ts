/**
 * Tells the story in a browser, over grpc-web, with a copy in IndexedDB. The page's address says to whom and for whom:
 * `#http://127.0.0.1:8080 ann@example.com`. Whoever drives the browser cuts its network.
 */

import { createTallystick } from "@tallystick/client";
import { IndexedDbStorage } from "@tallystick/client/offline";
import { groups, ledger } from "@tallystick/client/services";

import { tell } from "./story.js";

declare global {
  /** Given by whoever drives the browser. */
  function setOffline(isOffline: boolean): Promise<void>;
}

const [baseUrl = "", email = ""] = decodeURIComponent(location.hash.slice(1)).split(" ");
const lines = document.body.appendChild(document.createElement("ol"));

function say(line: string): void {
  lines.appendChild(document.createElement("li")).textContent = line;
}

await tell(
  {
    tallystick: createTallystick({ baseUrl, services: { groups, ledger } }),
    storage: await IndexedDbStorage.open("story"),
    say,
    setOffline: (isOffline) => globalThis.setOffline(isOffline),
  },
  email,
);
lines.id = "told";
