/** How much does a browser download? The size of a bundle, minified and gzipped. `npm run size` prints it. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

/** The top of the package, from where this file is after it was compiled. */
export const TOP = new URL("../../", import.meta.url);

/** What an app may import: the ledger alone over grpc-web, all of the core, or all that works offline, with the core under it. */
const APPS = {
  ledger: `
    import { createClient } from "@connectrpc/connect";
    import { createGrpcWebTransport } from "@connectrpc/connect-web";
    import { LedgerService } from "@tallystick/client/v1/ledger_service";
    globalThis.ledger = createClient(LedgerService, createGrpcWebTransport({ baseUrl: "" }));`,
  core: `
    import * as client from "@tallystick/client";
    globalThis.tallystick = client;`,
  offline: `
    import { createTallystick } from "@tallystick/client";
    import * as offline from "@tallystick/client/offline";
    globalThis.tallystick = { createTallystick, offline };`,
};

export type App = keyof typeof APPS;
export const apps = Object.keys(APPS) as App[];

export async function bundle(app: App): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: APPS[app], resolveDir: fileURLToPath(TOP) },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
  });
  const [file] = outputFiles;
  if (file === undefined) {
    throw new Error("esbuild made no file");
  }
  return file.contents;
}

export function gzippedBytes(contents: Uint8Array): number {
  return gzipSync(contents, { level: 9 }).length;
}
