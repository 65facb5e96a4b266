// Tells the story of sdk/README.md in a browser: SDK, APP, CHROMIUM, ADDRESS, EMAIL. Prints the lines that the page has gathered.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

const [, , sdk, app, chromium, url, email] = process.argv;
const require = createRequire(`${sdk}/package.json`);
const { chromium: browserType } = require("playwright-core");
const { build } = require("esbuild");

const PATIENCE_MS = 60_000;

const options = { bundle: true, format: "esm", target: "es2022", write: false };
const [script] = (await build({ ...options, entryPoints: [join(app, "page.ts")] })).outputFiles;
const files = {
  "/": ["text/html", '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="/page.js"></script>'],
  "/page.js": ["text/javascript", script.text],
};
// Another origin than the server's, but one on this machine: those it lets call.
const server = createServer(({ url: path }, response) => {
  const [type, text] = files[path];
  response.setHeader("content-type", type).end(text);
});
await new Promise((resolve) => server.listen(0, "localhost", resolve));

// Root may not use the sandbox; and a page of ours is all that is opened.
const browser = await browserType.launch({ executablePath: chromium, args: ["--no-sandbox"] });
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const broken = new Promise((_, reject) => page.once("pageerror", reject));
  await page.exposeFunction("setOffline", (isOffline) => context.setOffline(isOffline));
  await page.goto(`http://localhost:${server.address().port}/#${encodeURIComponent(`${url} ${email}`)}`);
  const lines = page.locator("#told > li");
  await Promise.race([broken, page.locator("#told").waitFor()]);
  console.log((await lines.allTextContents()).join("\n"));
} finally {
  await browser.close();
  server.close();
}
