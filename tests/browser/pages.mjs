// What do people do with the demo page? Each function is one thing that somebody does or looks for, by what is written on the page.

import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [, , sdk, chromium, url] = process.argv;
const { chromium: browserType } = createRequire(`${sdk}/package.json`)("playwright-core");

export const PASSWORD = "correct horse battery";
// How long something may take to show up before the test fails.
const PATIENCE_MS = 10_000;

// Root may not use the sandbox; and a page of ours is all that is opened.
const LAUNCH = { executablePath: chromium, args: ["--no-sandbox"] };

/** Runs a story, and prints what it found as JSON. `someone()` has a fresh browser; that of `resident(folder)` keeps its data there. */
export async function tell(story) {
  const browser = await browserType.launch(LAUNCH);
  const problems = [];
  const someone = async () => {
    const context = await browser.newContext({ locale: "en-GB" });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Visitor(context, problems);
  };
  const resident = async (folder) => {
    const context = await browserType.launchPersistentContext(folder, { ...LAUNCH, locale: "en-GB" });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Visitor(context, problems, folder);
  };
  try {
    console.log(JSON.stringify({ ...(await story(someone, resident)), problems }));
  } finally {
    await browser.close();
  }
}

/** Somebody with a browser of their own. */
class Visitor {
  constructor(context, problems, folder) {
    this.folder = folder;
    this.context = context;
    this.problems = problems;
  }

  async open() {
    this.page = await this.context.newPage();
    // What the page's policy forbids, or what breaks in it, is told here.
    this.page.on("pageerror", (error) => this.problems.push(String(error)));
    this.page.on("console", (message) => {
      if (message.type() === "error" && !message.text().includes("ERR_INTERNET_DISCONNECTED")) {
        this.problems.push(message.text());
      }
    });
    await this.page.goto(url);
    return this.page;
  }

  async signUp(email) {
    await this.open();
    await this.page.getByRole("button", { name: "I am new here" }).click();
    await this.page.getByLabel("Your name").fill("Ann");
    await this.#sign(email, "Sign up");
  }

  async signIn(email) {
    await this.open();
    await this.#sign(email, "Sign in");
  }

  async signOut() {
    await this.page.getByRole("button", { name: "Sign out" }).click();
  }

  async signInAgain(email) {
    await this.#sign(email, "Sign in");
  }

  async #sign(email, button) {
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(PASSWORD);
    await this.page.getByRole("button", { name: button }).click();
    await this.seesBadge("Live");
  }

  async spend(amount, payee) {
    const form = this.page.getByRole("form", { name: "New expense" });
    await form.getByLabel("Amount").fill(amount);
    await form.getByLabel("Paid to").fill(payee);
    await form.getByRole("button", { name: "Add" }).click();
    await this.line(payee).waitFor();
  }

  async correct(payee, amount) {
    await this.line(payee).click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByLabel("Amount").fill(amount);
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.waitFor({ state: "detached" });
  }

  async goOffline() {
    await this.context.setOffline(true);
    await this.seesBadge("Offline");
  }

  async goOnline() {
    await this.context.setOffline(false);
  }

  /** Until the page can be opened without a network. */
  async waitUntilKept() {
    await this.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  }

  /** As a crash or an empty battery does it: nobody is told. */
  async kill() {
    const gone = new Promise((resolve) => this.context.once("close", resolve));
    for (const pid of listProcesses(this.folder)) {
      process.kill(pid, "SIGKILL");
    }
    await gone;
  }

  line(payee) {
    return this.page.getByRole("button", { name: `Correct ${payee}` });
  }

  /** Waits until the line says so. */
  async seesLine(payee, text) {
    await this.line(payee).filter({ hasText: text }).waitFor();
  }

  async seesNoMark(payee) {
    await this.line(payee).filter({ hasNotText: "waiting" }).waitFor();
  }

  async seesBadge(text) {
    await this.page.getByRole("status").filter({ hasText: text }).waitFor();
  }

  async seesBalance(text) {
    await this.page.getByRole("list", { name: "Balances" }).filter({ hasText: text }).waitFor();
  }

  async inbox() {
    const item = this.page.getByRole("list", { name: "Conflicts" }).getByRole("listitem");
    await item.first().waitFor();
    return item;
  }
}

/** The processes that were started on that folder. */
function listProcesses(folder) {
  const numbers = readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name));
  return numbers.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
    } catch {
      return false;
    }
  });
}
