// Somebody spends without a network, and goes back to it: how soon is it on their other device?

import { tell } from "./pages.mjs";

await tell(async (someone) => {
  const email = process.argv[5];
  const [ann, second] = [await someone(), await someone()];
  await ann.signUp(email);
  await second.signIn(email);
  await ann.goOffline();
  await ann.spend("12.30", "Bakery");
  await ann.seesLine("Bakery", "waiting");
  await ann.seesBalance("-€12.30");
  await ann.seesBadge("Offline, 1 waiting");
  const sent = ann.page.waitForRequest((request) => request.url().endsWith("SyncService/Push"));
  await ann.goOnline();
  await sent;
  const sentAt = performance.now();
  await second.line("Bakery").waitFor();
  const afterOfflineMs = performance.now() - sentAt;
  await ann.seesNoMark("Bakery");
  await second.seesBalance("-€12.30");
  const liveMs = [];
  for (let count = 0; count < 10; count += 1) {
    const spentAt = performance.now();
    await ann.spend("1.00", `Coffee ${count}`);
    await second.line(`Coffee ${count}`).waitFor();
    liveMs.push(performance.now() - spentAt);
  }
  await ann.seesBalance("-€22.30");
  await second.seesBalance("-€22.30");
  await ann.signOut();
  await ann.signInAgain(email);
  await ann.seesBalance("-€22.30");
  return { afterOfflineMs, liveMs };
});
