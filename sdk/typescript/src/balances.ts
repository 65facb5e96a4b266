/**
 * Who owes how much in a group, altogether and to whom? The server's own answer, computed on the device from expenses and settlements.
 *
 * Money is counted by currency and never across currencies. An expense counts as its conversion says, or else as what was paid. Nets say
 * what settles everything; debts say between whom it arose, and each member's debts come to their net.
 */

import { type Expense, ExpenseKind } from "./gen/tallystick/v1/group_expenses_pb.js";
import { type Settlement, SettlementState } from "./gen/tallystick/v1/group_settlements_pb.js";
import { allocateShares } from "./splitting.js";

/** Somebody owes somebody more than nothing. */
export interface OpenDebt {
  readonly fromMemberId: string;
  readonly toMemberId: string;
  readonly minor: bigint;
}

/** What is open in one currency. */
export interface OpenBalances {
  readonly currency: string;
  /** Who is owed (above zero) or owes (below), in the order of the members' ids. */
  readonly nets: ReadonlyMap<string, bigint>;
  /** Between whom, after what both owe each other is set off. */
  readonly debts: readonly OpenDebt[];
}

// Drawn for nobody: which of two payers is owed the odd cent moves no net, and has to be the same for an expense and its refund.
const NOBODY = "00000000-0000-0000-0000-000000000000";

/** What is open by currency, of what was booked until the end of that day (YYYY-MM-DD; empty: of all). In whatever order they come. */
export function balancesOf(expenses: Iterable<Expense>, settlements: Iterable<Settlement>, asOf = ""): OpenBalances[] {
  // By currency and pair: what the first, who has the lesser id, owes the second. It may be below zero.
  const pairs = new Map<string, Map<string, bigint>>();
  const owe = (currency = "", { fromMemberId, toMemberId, minor }: OpenDebt) => {
    const isTurned = fromMemberId > toMemberId;
    const pair = isTurned ? `${toMemberId} ${fromMemberId}` : `${fromMemberId} ${toMemberId}`;
    const known = pairs.get(currency) ?? new Map<string, bigint>();
    pairs.set(currency, known.set(pair, (known.get(pair) ?? 0n) + (isTurned ? -minor : minor)));
  };
  const isIn = ({ bookedOn }: { readonly bookedOn: string }) => asOf === "" || bookedOn <= asOf;
  for (const expense of expenses) {
    if (isIn(expense)) {
      const { currency } = expense.conversion?.amount ?? expense.amount ?? {};
      debtsOf(expense).forEach((debt) => owe(currency, debt));
    }
  }
  for (const given of settlements) {
    const counts = given.state === SettlementState.RECORDED || given.state === SettlementState.CONFIRMED;
    if (counts && isIn(given)) {
      // Whoever gives is owed more, or owes less.
      const { fromMemberId: toMemberId, toMemberId: fromMemberId, amount } = given;
      owe(amount?.currency, { fromMemberId, toMemberId, minor: amount?.minor ?? 0n });
    }
  }
  return [...pairs.keys()]
    .sort()
    .map((currency) => openIn(currency, pairs.get(currency) ?? new Map()))
    .filter(({ debts }) => debts.length > 0);
}

/**
 * Who owes whom for one expense, in the currency that it counts as. Those who bear more than they paid owe those who paid more than they
 * bear, in proportion: each debtor takes their part of what is left to every creditor.
 */
export function debtsOf(expense: Expense): OpenDebt[] {
  const nets = netsOf(expense);
  const due = Object.fromEntries(nets.filter(([, net]) => net > 0n));
  // Of what came back, those who got it owe the others.
  const isBack = expense.kind === ExpenseKind.REFUND || expense.kind === ExpenseKind.INCOME;
  const [single = "", ...more] = Object.keys(due);
  const debts: OpenDebt[] = [];
  for (const [debtor, net] of nets.filter(([, net]) => net < 0n)) {
    // Mostly one has paid, to whom all is owed.
    const parts = more.length > 0 ? allocateShares(-net, due, NOBODY) : { [single]: -net };
    for (const [creditor, minor] of Object.entries(parts)) {
      due[creditor] = (due[creditor] ?? 0n) - minor;
      const [fromMemberId, toMemberId] = isBack ? [creditor, debtor] : [debtor, creditor];
      debts.push({ fromMemberId, toMemberId, minor });
    }
  }
  return debts.filter(({ minor }) => minor > 0n);
}

/** What everybody paid above what they bear, in the order of their ids. */
function netsOf({ shares, conversion }: Expense): [string, bigint][] {
  return shares
    .map((share): [string, bigint] => [
      share.memberId,
      conversion ? share.convertedPaidMinor - share.convertedOwedMinor : share.paidMinor - share.owedMinor,
    ])
    .sort(byId);
}

function openIn(currency: string, pairs: ReadonlyMap<string, bigint>): OpenBalances {
  const nets = new Map<string, bigint>();
  const debts: OpenDebt[] = [];
  for (const [pair, owes] of [...pairs].sort(byId)) {
    const [one = "", other = ""] = pair.split(" ");
    nets.set(one, (nets.get(one) ?? 0n) - owes);
    nets.set(other, (nets.get(other) ?? 0n) + owes);
    if (owes !== 0n) {
      const [fromMemberId, toMemberId] = owes > 0n ? [one, other] : [other, one];
      debts.push({ fromMemberId, toMemberId, minor: owes > 0n ? owes : -owes });
    }
  }
  return { currency, nets: new Map([...nets].filter(([, net]) => net !== 0n).sort(byId)), debts };
}

function byId([one]: readonly [string, bigint], [other]: readonly [string, bigint]): number {
  return one < other ? -1 : 1;
}
