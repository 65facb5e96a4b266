"""Who owes how much in a group, altogether and to whom? The server's own answer, computed on the device from expenses and settlements.

Money is counted by currency and never across currencies. An expense counts as its conversion says, or else as what was paid. Nets say
what settles everything; debts say between whom it arose, and each member's debts come to their net.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from tallystick_client.splitting import allocate_shares
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseKind
from tallystick_client.v1.group_settlements_pb2 import Settlement, SettlementState
from tallystick_client.v1.group_splits_pb2 import Share

# Drawn for nobody: which of two payers is owed the odd cent moves no net, and has to be the same for an expense and its refund.
_NOBODY = "00000000-0000-0000-0000-000000000000"
_BACK = frozenset({ExpenseKind.EXPENSE_KIND_REFUND, ExpenseKind.EXPENSE_KIND_INCOME})
_COUNTING = frozenset({SettlementState.SETTLEMENT_STATE_RECORDED, SettlementState.SETTLEMENT_STATE_CONFIRMED})


class OpenDebt(NamedTuple):
    """Somebody owes somebody more than nothing."""

    from_member_id: str
    to_member_id: str
    minor: int


class OpenBalances(NamedTuple):
    """What is open in one currency."""

    # Who is owed (above zero) or owes (below), in the order of the members' ids.
    nets: dict[str, int]
    # Between whom, after what both owe each other is set off.
    debts: tuple[OpenDebt, ...]


def balances_of(
    expenses: Iterable[Expense], settlements: Iterable[Settlement], as_of: str = ""
) -> dict[str, OpenBalances]:
    """What is open by currency, of what was booked until the end of that day (YYYY-MM-DD; empty: of all). In whatever order they come."""
    # What the first of a pair owes the second; the first has the lesser id, and the sum may be below zero.
    pairs: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for currency, (one, other, minor) in _steps(expenses, settlements, as_of):
        pair, owes = ((one, other), minor) if one < other else ((other, one), -minor)
        pairs[currency][pair] += owes
    found = {currency: _open_in(pairs[currency]) for currency in sorted(pairs)}
    return {currency: each for currency, each in found.items() if each.debts}


def debts_of(expense: Expense) -> tuple[OpenDebt, ...]:
    """Who owes whom for one expense, in the currency that it counts as. Those who bear more than they paid owe those who paid more than
    they bear, in proportion: each debtor takes their part of what is left to every creditor."""
    nets = _nets_of(expense)
    due = {each: net for each, net in nets.items() if net > 0}
    debts: list[OpenDebt] = []
    for debtor, net in nets.items():
        if net >= 0:
            continue
        # Mostly one has paid, to whom all is owed.
        parts = allocate_shares(-net, due, _NOBODY) if len(due) > 1 else dict.fromkeys(due, -net)
        for creditor, part in parts.items():
            due[creditor] -= part
            if part:
                # Of what came back, those who got it owe the others.
                is_back = expense.kind in _BACK
                debts.append(OpenDebt(creditor, debtor, part) if is_back else OpenDebt(debtor, creditor, part))
    return tuple(debts)


def _steps(
    expenses: Iterable[Expense], settlements: Iterable[Settlement], as_of: str
) -> Iterable[tuple[str, OpenDebt]]:
    for expense in expenses:
        if not as_of or expense.booked_on <= as_of:
            counted = expense.conversion.amount if expense.HasField("conversion") else expense.amount
            yield from ((counted.currency, debt) for debt in debts_of(expense))
    for given in settlements:
        if given.state in _COUNTING and (not as_of or given.booked_on <= as_of):
            # Whoever gives is owed more, or owes less.
            yield given.amount.currency, OpenDebt(given.to_member_id, given.from_member_id, given.amount.minor)


def _nets_of(expense: Expense) -> dict[str, int]:
    """What everybody paid above what they bear, in the order of their ids."""
    is_converted = expense.HasField("conversion")

    def net(share: Share) -> int:
        if is_converted:
            return share.converted_paid_minor - share.converted_owed_minor
        return share.paid_minor - share.owed_minor

    return {share.member_id: net(share) for share in sorted(expense.shares, key=lambda share: share.member_id)}


def _open_in(pairs: dict[tuple[str, str], int]) -> OpenBalances:
    nets: dict[str, int] = defaultdict(int)
    debts = []
    for (one, other), owes in sorted(pairs.items()):
        nets[one] -= owes
        nets[other] += owes
        if owes:
            debts.append(OpenDebt(one, other, owes) if owes > 0 else OpenDebt(other, one, -owes))
    return OpenBalances({each: nets[each] for each in sorted(nets) if nets[each]}, tuple(debts))
