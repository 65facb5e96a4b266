// The whole browser is killed without a network, before anything was sent. Opened again, still without one, it has everything, and
// sends it once when there is a network.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { tell } from "./pages.mjs";

const folder = mkdtempSync(join(tmpdir(), "tallystick-browser-"));
try {
  await tell(async (someone, resident) => {
    const email = process.argv[5];
    const ann = await resident(folder);
    await ann.signUp(email);
    await ann.waitUntilKept();
    await ann.goOffline();
    await ann.spend("12.30", "Bakery");
    await ann.seesLine("Bakery", "waiting");
    await ann.kill();
    const again = await resident(folder);
    await again.context.setOffline(true);
    await again.open();
    await again.seesLine("Bakery", "waiting");
    await again.seesBalance("-€12.30");
    const linesOffline = await again.line("Bakery").count();
    await again.goOnline();
    await again.seesNoMark("Bakery");
    const second = await someone();
    await second.signIn(email);
    await second.seesBalance("-€12.30");
    const lines = await second.line("Bakery").count();
    await again.context.close();
    return { linesOffline, lines };
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
