import { fileURLToPath } from "node:url";

import { defineConfig, type HtmlTagDescriptor, type Plugin } from "vite";

/**
 * Names in the page the files that are only fetched when somebody wants them: the browser fetches them when it has nothing else to do, and
 * sw.js keeps them with all others, so that they are there without a network.
 */
function nameLaterFiles(): Plugin {
  return {
    name: "name-later-files",
    transformIndexHtml: {
      order: "post",
      handler: (html, { bundle }) =>
        Object.keys(bundle ?? {})
          .map((name) => `/${name}`)
          .filter((href) => href.startsWith("/assets/") && !html.includes(href))
          .map((href): HtmlTagDescriptor => ({ tag: "link", attrs: { rel: "prefetch", href }, injectTo: "head" })),
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // Straight from the source: the demo needs no build of the package.
  resolve: { tsconfigPaths: true },
  plugins: [nameLaterFiles()],
  build: {
    target: "es2022",
    // Nothing in the page itself: it is served under a policy that allows files of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // For whoever works on it, beside a server on its usual port.
  server: { proxy: { "^/(tallystick\\.v1\\.|v1/)": "http://127.0.0.1:8080" } },
});
