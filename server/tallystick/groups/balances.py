"""Who owes how much in a group on a day, altogether and to whom? A fold over its expenses and settlements; nothing is kept.

Money is counted by currency and never across currencies. Nets say what settles everything. Debts say between whom it arose, and each
member's debts come to their net, because both are sums over the same steps.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tallystick.groups.allocation import allocate
from tallystick.groups.rules import Shares, require_sum

# Drawn for nobody: which of two payers is owed the odd cent moves no net, and has to be the same for an expense and its refund.
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Expense:
    """What was shared: both sides add up to the same amount, which is below zero for a refund or an income."""

    booked_on: date
    currency: str
    owed: Shares
    paid: Shares


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one member gave another."""

    booked_on: date
    currency: str
    from_id: UUID
    to_id: UUID
    amount_minor: int


class Debt(NamedTuple):
    """Somebody owes somebody more than nothing."""

    from_id: UUID
    to_id: UUID
    amount_minor: int


@dataclass(slots=True)
class Balance:
    """Of one currency: who is owed (above zero) or owes (below), and to whom."""

    nets: Shares = field(default_factory=dict)
    # What the first of a pair owes the second; the first has the lesser id, and the sum may be below zero.
    pairs: dict[tuple[UUID, UUID], int] = field(default_factory=dict)

    def owe(self, from_id: UUID, to_id: UUID, amount_minor: int) -> None:
        """From now on `from_id` owes that much more to `to_id`. The only step there is: what one loses the other gains."""
        self.nets[from_id] = self.nets.get(from_id, 0) - amount_minor
        self.nets[to_id] = self.nets.get(to_id, 0) + amount_minor
        pair, owes = ((from_id, to_id), amount_minor) if from_id < to_id else ((to_id, from_id), -amount_minor)
        self.pairs[pair] = self.pairs.get(pair, 0) + owes

    def debts(self) -> tuple[Debt, ...]:
        """Between whom something is open, after what both owe each other is set off."""
        return tuple(
            Debt(one, other, owes) if owes > 0 else Debt(other, one, -owes)
            for (one, other), owes in sorted(self.pairs.items())
            if owes
        )


def fold(steps: Iterable[Expense | Settlement], as_of: date = date.max) -> dict[str, Balance]:
    """The balances by currency, of what was booked until the end of that day. In whatever order the steps come."""
    balances: dict[str, Balance] = {}
    for step in steps:
        if step.booked_on > as_of:
            continue
        balance = balances.setdefault(step.currency, Balance())
        if isinstance(step, Settlement):
            # Whoever gives is owed more, or owes less.
            balance.owe(step.to_id, step.from_id, step.amount_minor)
        else:
            _add_expense(balance, step)
    return {currency: balances[currency] for currency in sorted(balances)}


def debts_of(expense: Expense) -> tuple[Debt, ...]:
    """Who owes whom for one expense. Those who bear more than they paid owe those who paid more than they bear, in proportion.

    With several payers, each debtor takes their part of what is left to every creditor: so all come out exactly, and nobody is owed
    more than they are due.
    """
    amount = sum(expense.paid.values())
    require_sum("owed", expected=amount, actual=sum(expense.owed.values()))
    members = sorted(expense.owed.keys() | expense.paid.keys())
    nets = {each: expense.paid.get(each, 0) - expense.owed.get(each, 0) for each in members}
    sign = -1 if amount < 0 else 1
    due = {each: sign * net for each, net in nets.items() if sign * net > 0}
    debts: list[Debt] = []
    for debtor, net in nets.items():
        if sign * net >= 0:
            continue
        for creditor, part in allocate(-sign * net, due, _NOBODY).items():
            due[creditor] -= part
            if part:
                debts.append(Debt(debtor, creditor, part) if sign > 0 else Debt(creditor, debtor, part))
    return tuple(debts)


def _add_expense(balance: Balance, expense: Expense) -> None:
    for member_id in expense.owed.keys() | expense.paid.keys():
        balance.nets.setdefault(member_id, 0)
    for debt in debts_of(expense):
        balance.owe(*debt)
