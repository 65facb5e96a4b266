"""What does an expense or a settlement do to the balances of a group? Pure: its message, as the step that `balances` counts with."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from tallystick.groups import balances
from tallystick.groups.balances import Debt, debts_of
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseKind
from tallystick.v1.group_settlements_pb2 import Settlement, SettlementState
from tallystick.v1.group_splits_pb2 import Share

Step = balances.Expense | balances.Settlement
# By member and currency, and by pair and currency.
Moves = tuple[dict[tuple[UUID, str], int], dict[tuple[UUID, UUID, str], int]]

_COUNTING = (SettlementState.SETTLEMENT_STATE_RECORDED, SettlementState.SETTLEMENT_STATE_CONFIRMED)
_BACK = (ExpenseKind.EXPENSE_KIND_REFUND, ExpenseKind.EXPENSE_KIND_INCOME)


def sign_of(kind: ExpenseKind.ValueType) -> int:
    """On the wire all amounts are above zero; money that comes back counts below."""
    return -1 if kind in _BACK else 1


def step_of_expense(expense: Expense) -> balances.Expense:
    """In the currency that it counts as."""
    sign, is_converted = sign_of(expense.kind), expense.HasField("conversion")

    def sums(of: Callable[[Share], int]) -> dict[UUID, int]:
        return {UUID(share.member_id): sign * of(share) for share in expense.shares if of(share)}

    if is_converted:
        owed, paid = sums(lambda share: share.converted_owed_minor), sums(lambda share: share.converted_paid_minor)
    else:
        owed, paid = sums(lambda share: share.owed_minor), sums(lambda share: share.paid_minor)
    currency = (expense.conversion.amount if is_converted else expense.amount).currency
    return balances.Expense(date.fromisoformat(expense.booked_on), currency, owed, paid)


def step_of_settlement(settlement: Settlement) -> balances.Settlement | None:
    """None: it does not count."""
    if settlement.state not in _COUNTING:
        return None
    return balances.Settlement(
        booked_on=date.fromisoformat(settlement.booked_on),
        currency=settlement.amount.currency,
        from_id=UUID(settlement.from_member_id),
        to_id=UUID(settlement.to_member_id),
        amount_minor=settlement.amount.minor,
    )


def change_for(step: Step, member_id: UUID) -> int:
    """How far it moves one member's net."""
    if isinstance(step, balances.Settlement):
        return step.amount_minor * ((step.from_id == member_id) - (step.to_id == member_id))
    return step.paid.get(member_id, 0) - step.owed.get(member_id, 0)


def moves_of(before: Step | None, after: Step | None) -> Moves:
    """How far nets and debts move when one state takes the place of another."""
    nets: dict[tuple[UUID, str], int] = {}
    debts: dict[tuple[UUID, UUID, str], int] = {}
    for step, sign in ((before, -1), (after, 1)):
        if step is None:
            continue
        for from_id, to_id, amount in _debts_of(step):
            moved = sign * amount
            nets[from_id, step.currency] = nets.get((from_id, step.currency), 0) - moved
            nets[to_id, step.currency] = nets.get((to_id, step.currency), 0) + moved
            one, other, owes = (from_id, to_id, moved) if from_id < to_id else (to_id, from_id, -moved)
            debts[one, other, step.currency] = debts.get((one, other, step.currency), 0) + owes
    return {key: moved for key, moved in nets.items() if moved}, {key: moved for key, moved in debts.items() if moved}


def _debts_of(step: Step) -> tuple[Debt, ...]:
    if isinstance(step, balances.Settlement):
        # Whoever gives owes less, or is owed.
        return (Debt(step.to_id, step.from_id, step.amount_minor),)
    return debts_of(step)
