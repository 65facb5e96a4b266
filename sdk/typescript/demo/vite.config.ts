import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Straight from the source: the demo needs no build of the package.
  resolve: { tsconfigPaths: true },
  build: {
    target: "es2022",
    // Nothing in the page itself: it is served under a policy that allows files of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // For whoever works on it, beside a server on its usual port.
  server: { proxy: { "^/(tallystick\\.v1\\.|v1/)": "http://127.0.0.1:8080" } },
});
