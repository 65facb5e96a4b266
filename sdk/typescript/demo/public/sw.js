/** How does the page open without a network? Its few files are kept whenever it is opened with one. */

const KEPT = "tallystick";
const PAGE = "/";
const FILES = /"(\/assets\/[^"]+|\/favicon\.svg)"/g;

async function keep() {
  const page = await fetch(PAGE, { cache: "no-cache" });
  const names = [...(await page.clone().text()).matchAll(FILES)].map(([, name]) => name);
  const cache = await caches.open(KEPT);
  // The files before the page that names them: what is kept always fits together.
  await cache.addAll(names);
  await cache.put(PAGE, page);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname !== PAGE && !names.includes(pathname)) {
      await cache.delete(url);
    }
  }
}

async function answer(event) {
  const { request } = event;
  const isPage = request.mode === "navigate";
  try {
    const fresh = await fetch(request);
    if (isPage) {
      event.waitUntil(keep());
    }
    // A page that was opened before an update may ask for a file of then.
    return fresh.ok ? fresh : ((await caches.match(request)) ?? fresh);
  } catch (error) {
    const kept = await caches.match(isPage ? PAGE : request);
    if (kept) {
      return kept;
    }
    throw error;
  }
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep());
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isOurs = request.mode === "navigate" || pathname.startsWith("/assets/") || pathname === "/favicon.svg";
  // Calls of the API pass by.
  if (request.method === "GET" && origin === self.location.origin && isOurs) {
    event.respondWith(answer(event));
  }
});
