// A tab crashes without a network, before anything was sent: another tab of the browser has it all, takes over and sends it once.

import { tell } from "./pages.mjs";

await tell(async (someone) => {
  const email = process.argv[5];
  const ann = await someone();
  await ann.signUp(email);
  const [first] = ann.context.pages();
  const other = await ann.context.newPage();
  await other.goto(first.url());
  await ann.goOffline();
  await ann.spend("12.30", "Bakery");
  await ann.seesLine("Bakery", "waiting");
  // No warning, no last words.
  const session = await ann.context.newCDPSession(first);
  session.send("Page.crash").catch(() => undefined);
  await first.waitForEvent("crash");
  ann.page = other;
  await ann.seesLine("Bakery", "waiting");
  await first.close();
  await ann.goOnline();
  // The page that is left takes over, and sends.
  await ann.seesBadge("Live");
  await ann.seesNoMark("Bakery");
  const second = await someone();
  await second.signIn(email);
  await second.seesBalance("-€12.30");
  return { lines: await second.line("Bakery").count() };
});
