// Two devices change one amount: nothing is overwritten, and either of them can decide.

import { tell } from "./pages.mjs";

await tell(async (someone) => {
  const email = process.argv[5];
  const [ann, second] = [await someone(), await someone()];
  await ann.signUp(email);
  await second.signIn(email);
  const decided = [];
  for (const [payee, choice] of [
    ["Bakery", "Take mine"],
    ["Market", "Keep theirs"],
  ]) {
    await ann.spend("10.00", payee);
    await second.line(payee).waitFor();
    await ann.seesNoMark(payee);
    await ann.goOffline();
    await ann.correct(payee, "11.00");
    await ann.seesLine(payee, "-€11.00");
    await second.correct(payee, "12.00");
    await second.seesLine(payee, "-€12.00");
    await second.seesNoMark(payee);
    await ann.goOnline();
    const conflict = await ann.inbox();
    const told = await conflict.innerText();
    await ann.seesLine(payee, "-€12.00");
    await second.inbox();
    await conflict.getByRole("button", { name: choice }).click();
    const final = choice === "Take mine" ? "-€11.00" : "-€12.00";
    for (const device of [ann, second]) {
      await device.seesLine(payee, final);
      await device.page.getByRole("list", { name: "Conflicts" }).waitFor({ state: "detached" });
    }
    decided.push(told);
  }
  return { decided };
});
