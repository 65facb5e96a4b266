// Somebody looks at the book that they have kept for a year: as a whole, by category, against a budget, and without a network.

import { join } from "node:path";

import { countColors, countDrawn } from "./looks.mjs";
import { tell } from "./pages.mjs";
import { keepForAYear } from "./seeding.mjs";

const [, , sdk, , url, folder, email] = process.argv;
const LIMITS = { Housing: "1200.00", Food: "300", Transport: "90,50", Health: "80.00" };
const SCREENS = [
  ["desktop", { width: 1280, height: 900 }],
  ["phone", { width: 390, height: 844 }],
];

await tell(async (someone) => {
  const { tallystick, bookId, toDecimal, exponentOf } = await keepForAYear(sdk, url, email);
  const ann = await someone();
  await ann.signIn(email);
  const { page } = ann;
  const show = ({ currency, minor }) =>
    new Intl.NumberFormat("en-GB", { style: "currency", currency, minimumFractionDigits: exponentOf(currency) }).format(
      toDecimal({ currency, minor }),
    );
  const card = (name) => page.getByRole("region", { name, exact: true });
  const cells = (name) => card(name).getByRole("table").getByRole("cell").allInnerTexts();
  const slices = () =>
    page.getByRole("list", { name: "Categories" }).getByRole("listitem").locator(".name, strong").allInnerTexts();
  const canvases = () =>
    Promise.all(["Net worth", "Spending by category"].map((name) => countDrawn(card(name).locator("canvas"))));
  const seesWorth = (text) => card("Net worth").locator(".big").filter({ hasText: text }).waitFor();
  const seesAge = (text) => page.locator(".age").filter({ hasText: text }).waitFor();

  const scriptsOf = () =>
    page.evaluate(
      () => performance.getEntriesByType("resource").filter(({ initiatorType }) => initiatorType === "script").length,
    );
  const scriptsForTheBook = await scriptsOf();
  await page.getByRole("link", { name: "Overview" }).click();
  await makeBudget(page);
  const api = await ask();
  await seesWorth(api.worth[0]);
  const shown = {
    worth: [
      await card("Net worth").locator(".big").innerText(),
      ...(await card("Net worth").locator(".legend strong").allInnerTexts()),
    ],
    month: await cells("Month"),
    year: await cells("Year"),
    points: await tableOfWorth(),
    categories: await slices(),
    missing: await page.locator(".missing li").allInnerTexts(),
    budget: await page.getByRole("list", { name: "Budget Our plan" }).locator(".item").allInnerTexts(),
  };
  const drawn = await canvases();
  const looks = await takePictures();
  const drilled = await drillDown();

  await page.reload();
  await seesWorth(api.worth[0]);
  const stepped = await stepBack();
  const offline = await goAway();
  return { scriptsForTheBook, api, shown, drawn, looks, drilled, stepped, offline };

  async function ask() {
    const { reports, budgets } = tallystick;
    const [{ report, previous }, worth, breakdown, listed] = await Promise.all([
      reports.getDashboard({ bookId, compareWith: 1 }),
      reports.getNetWorth({ bookId }),
      reports.getCategoryBreakdown({ bookId }),
      budgets.listBudgets({ bookId }),
    ]);
    const budgetId = listed.budgets[0].id;
    const [{ items }, { periods }] = await Promise.all([
      budgets.listBudgetItems({ bookId, budgetId }),
      budgets.getBudgetAnalysis({ bookId, budgetId }),
    ]);
    const sums = (of) =>
      ["income", "spending", "saved"].flatMap((field) => [report, previous].map(({ book }) => show(book[of][field])));
    const { assets, liabilities, net } = report.book.netWorth;
    return {
      worth: [net, assets, liabilities, net].map(show),
      month: sums("month"),
      year: sums("year"),
      points: worth.report.points.toReversed().flatMap((point) => [point.assets, point.liabilities, point.net].map(show)),
      categories: breakdown.report.nodes.flatMap(({ name, total }) => [name, show(total)]),
      missing: [worth.report, report.book.month, report.book.year, breakdown.report].flatMap(({ conversion }) =>
        conversion.unconverted.map(({ amount }) => show(amount)),
      ),
      budget: periods.at(-1).items.map(({ itemId, figures }) => {
        const eur = (minor) => show({ currency: "EUR", minor: minor < 0n ? -minor : minor });
        return {
          name: items.find(({ id }) => id === itemId).name,
          sums: `${eur(figures.actualMinor)} of ${eur(figures.plannedMinor)}`,
          left: `${eur(figures.leftMinor)} ${figures.leftMinor < 0n ? "over" : "left"}`,
        };
      }),
    };
  }

  async function tableOfWorth() {
    await page.getByText("Month by month").click();
    const found = await cells("Net worth");
    await page.getByText("Month by month").click();
    return found;
  }

  /** First on the ring itself, a little after twelve o'clock where the largest begins, then in the list. */
  async function drillDown() {
    const ring = card("Spending by category").locator("canvas");
    const { width, height } = await ring.boundingBox();
    await ring.click({ position: { x: width / 2 + width * 0.05, y: height * 0.09 } });
    const crumbs = page.getByRole("navigation", { name: "Categories above" });
    const [largest] = shown.categories;
    await crumbs.getByText(largest).waitFor();
    const below = await slices();
    await page.screenshot({ path: join(folder, "drilled.png"), fullPage: true });
    await page.getByRole("list", { name: "Categories" }).getByRole("button", { name: below[0] }).click();
    await crumbs.getByText(below[0]).waitFor();
    const transactions = page.getByRole("list", { name: "Transactions of the category" });
    await transactions.filter({ hasText: "Landlord" }).waitFor();
    const spent = await transactions.locator("strong").allInnerTexts();
    await crumbs.getByRole("button", { name: "All" }).click();
    await transactions.waitFor({ state: "detached" });
    return { largest, below, spent, back: await slices() };
  }

  async function stepBack() {
    const months = page.locator(".months");
    const before = await cells("Month");
    await months.getByRole("button", { name: "Month before" }).click();
    await months.getByRole("button", { name: "Next month", disabled: false }).waitFor();
    const after = await cells("Month");
    await months.getByRole("button", { name: "Next month" }).click();
    await months.getByRole("button", { name: "Next month", disabled: true }).waitFor();
    return { before, after, again: await cells("Month") };
  }

  async function goAway() {
    await ann.waitUntilKept();
    const lost = await page.evaluate(listUnkept);
    await ann.goOffline();
    await seesAge("No network. Figures of");
    await page.getByRole("link", { name: "Book" }).click();
    await ann.spend("12.34", "Kiosk");
    await page.screenshot({ path: join(folder, "book.png") });
    await page.getByRole("link", { name: "Overview" }).click();
    await seesAge("One change that waits is not in them");
    await page.reload();
    await seesAge("One change that waits is not in them");
    const worth = await card("Net worth").locator(".big").innerText();
    const drawn = await canvases();
    await page.screenshot({ path: join(folder, "offline.png") });
    await ann.goOnline();
    await page.locator(".age").filter({ hasNotText: "No network" }).filter({ hasNotText: "waits" }).waitFor();
    const now = await ask();
    await seesWorth(now.worth[0]);
    return { lost, worth, drawn, later: now.worth[0] };
  }

  async function takePictures() {
    const taken = {};
    for (const [screen, viewport] of SCREENS) {
      for (const colorScheme of ["light", "dark"]) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        // Two frames: one that the sizes are known in, and one that the charts are drawn in.
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        const png = await page.screenshot({ path: join(folder, `overview-${screen}-${colorScheme}.png`), fullPage: true });
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        const colors = await countColors(ann.context, png, 2, 4);
        taken[`${screen} ${colorScheme}`] = { beyond, colors, drawn: await canvases() };
      }
    }
    await page.setViewportSize(SCREENS[0][1]);
    await page.emulateMedia({ colorScheme: "light" });
    return taken;
  }
});

async function makeBudget(page) {
  await page.getByRole("button", { name: "New budget" }).click();
  const dialog = page.getByRole("dialog", { name: "New budget" });
  await dialog.getByLabel("Name").fill("Our plan");
  for (const [name, limit] of Object.entries(LIMITS)) {
    await dialog.getByRole("listitem").filter({ hasText: name }).getByRole("textbox").fill(limit);
  }
  await dialog.screenshot({ path: join(folder, "new-budget.png") });
  await dialog.getByRole("button", { name: "Make it" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("list", { name: "Budget Our plan" }).getByText("All together").waitFor();
  await page.locator(".budget .item").nth(Object.keys(LIMITS).length).waitFor();
}

/** Runs in the page: which of its files are not kept for a day without a network. A browser's own cache may forget them any time. */
async function listUnkept() {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  const kept = await Promise.all(
    files.filter((name) => name.includes("/assets/")).map(async (name) => [name, await caches.match(name)]),
  );
  return kept.filter(([, file]) => file === undefined).map(([name]) => name);
}
