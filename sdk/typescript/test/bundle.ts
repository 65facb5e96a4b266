/** How much does a browser download? The size of a bundle, minified and gzipped. `npm run size` prints it. */

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

/** The top of the package, from where this file is after it was compiled. */
export const TOP = new URL("../../", import.meta.url);

const ONLINE = `
  import { createTallystick } from "@tallystick/client";
  import { groups, ledger, spaces } from "@tallystick/client/services";
  globalThis.tallystick = createTallystick({ baseUrl: "", services: { groups, ledger, spaces } });`;

/**
 * What apps may be: one that signs in and no more; one that keeps books and shares expenses; the same, and it works offline, with all that the
 * offline half has; and one that calls whatever there is, and works offline.
 */
const APPS = {
  "signing in": `
    import { createTallystick } from "@tallystick/client";
    globalThis.tallystick = createTallystick({ baseUrl: "" });`,
  online: ONLINE,
  offline: `${ONLINE}
    import * as offline from "@tallystick/client/offline";
    globalThis.offline = offline;`,
  everything: `
    import * as client from "@tallystick/client";
    import * as services from "@tallystick/client/services";
    import * as offline from "@tallystick/client/offline";
    import * as files from "@tallystick/client/files";
    import * as exported from "@tallystick/client/exports";
    Object.assign(globalThis, { client, services, offline, files, exported });`,
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
