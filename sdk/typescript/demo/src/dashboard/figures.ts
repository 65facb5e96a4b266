/** Which figures are there to show, and from when? The server adds up; what it last said is kept for when it cannot be asked. */

import { each, reasonOf } from "@tallystick/client";
import { type Kept, keptInBrowser } from "@tallystick/client/offline";
import type { Budget } from "@tallystick/client/v1/budget";
import type { GetBudgetAnalysisResponse } from "@tallystick/client/v1/budget_analysis";
import { ReportComparison } from "@tallystick/client/v1/report";
import type { Dashboard } from "@tallystick/client/v1/report_dashboard";
import type { NetWorthReport } from "@tallystick/client/v1/report_net_worth";
import type { CategoryBreakdown } from "@tallystick/client/v1/report_spending";

import type { Server } from "../session.js";

/** A budget in force, what its items are called, and what has become of it. */
export interface Progress {
  readonly budget: Budget;
  readonly names: ReadonlyMap<string, string>;
  readonly analysis: GetBudgetAnalysisResponse;
}

export interface Figures {
  readonly bookId: string;
  /** When the server said so, in milliseconds. */
  readonly readAt: number;
  /** As of which day: the last of a month, or empty for the day that it was then. */
  readonly on: string;
  readonly dashboard: Dashboard;
  /** The month and the year before, and what there was a month before. */
  readonly previous: Dashboard | undefined;
  readonly worth: NetWorthReport | undefined;
  readonly breakdown: CategoryBreakdown | undefined;
  readonly budgets: readonly Progress[];
}

// So that somebody whose network is poor soon knows how old the figures are.
const PATIENCE = { timeoutMs: 10_000 };
const NOT_NOW: ReadonlySet<string | undefined> = new Set(["BUDGET_NOT_IN_FORCE", "NO_BUDGET_PERIOD", "NOT_FOUND"]);

export async function readFigures(server: Server, bookId: string, on: string): Promise<Figures> {
  const readAt = Date.now();
  const { reports } = server;
  const compareWith = ReportComparison.PERIOD_BEFORE;
  const [{ report, previous }, worth, breakdown, budgets] = await Promise.all([
    reports.getDashboard({ bookId, on, compareWith }, PATIENCE),
    reports.getNetWorth({ bookId, untilOn: on }, PATIENCE),
    reports.getCategoryBreakdown({ bookId, untilOn: on }, PATIENCE),
    readBudgets(server, bookId, on),
  ]);
  if (report === undefined) {
    throw new Error("the server said nothing");
  }
  return { bookId, readAt, on, dashboard: report, previous, worth: worth.report, breakdown: breakdown.report, budgets };
}

async function readBudgets(server: Server, bookId: string, on: string): Promise<Progress[]> {
  const listed: Budget[] = [];
  const list = (page: { readonly pageToken: string }) => server.budgets.listBudgets({ bookId, ...page }, PATIENCE);
  for await (const budget of each(list, ({ budgets }) => budgets)) {
    if (!budget.template) {
      listed.push(budget);
    }
  }
  const found = await Promise.all(listed.map((budget) => readProgress(server, budget, on)));
  return found.filter((progress) => progress !== undefined);
}

/** Nothing where the budget has no period on that day, or was deleted a moment ago. */
async function readProgress({ budgets }: Server, budget: Budget, on: string): Promise<Progress | undefined> {
  const { bookId, id: budgetId } = budget;
  const names = new Map<string, string>();
  const list = (page: { readonly pageToken: string }) => budgets.listBudgetItems({ bookId, budgetId, ...page }, PATIENCE);
  try {
    const analysis = await budgets.getBudgetAnalysis({ bookId, budgetId, on }, PATIENCE);
    for await (const item of each(list, ({ items }) => items)) {
      names.set(item.id, item.name);
    }
    return { budget, names, analysis };
  } catch (error) {
    if (NOT_NOW.has(reasonOf(error))) {
      return undefined;
    }
    throw error;
  }
}

/** The last figures of this month, for a page that is opened without a network. The number goes up when what is in them changes. */
export function keptFigures(userId: string): Kept<Figures> {
  return keptInBrowser<Figures>(`figures 1 ${userId}`);
}
