/** Prints how much a browser downloads. */

import { apps, bundle, gzippedBytes } from "./bundle.js";

for (const app of apps) {
  const contents = await bundle(app);
  console.log(`${app.padEnd(12)}${kilobytes(contents.length)} minified${kilobytes(gzippedBytes(contents))} gzipped`);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(8)} kB`;
}
