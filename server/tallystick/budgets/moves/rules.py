"""What is right for money that goes into envelopes and between them? Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from tallystick.budgets.periods import Period, find_period
from tallystick.budgets.plans.rules import ENVELOPE, PERIODS_MAX, first_of, no_period, require_in_force, scheme_of
from tallystick.errors import InvalidInput, RuleBroken
from tallystick.v1.budget_moves_pb2 import BudgetMove
from tallystick.v1.budget_pb2 import Budget
from tallystick.v1.error_reason_pb2 import ErrorReason

# What is in no item is to be assigned.
TO_BE_ASSIGNED = ""


def require_envelopes(budget: Budget) -> None:
    require_in_force(budget)
    if budget.mode != ENVELOPE:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_BUDGET_HAS_LIMITS,
            "The budget has limits. To fix: change the limit of the item.",
            metadata={"budget_id": budget.id},
        )


def find_own_period(budget: Budget, day: date) -> Period | None:
    """The period that holds a day, if it is one of the budget's."""
    period = find_period(scheme_of(budget.periods), day)
    return period if period is not None and period.number >= first_of(budget).number else None


def require_period(budget: Budget, field: str, day: date) -> Period:
    period = find_own_period(budget, day)
    if period is None:
        raise no_period(day)
    if period.number - first_of(budget).number >= PERIODS_MAX:
        raise InvalidInput.of_field(
            field, f"is more than {PERIODS_MAX} periods after the first", ErrorReason.ERROR_REASON_INVALID_DATE
        )
    return period


def require_something(field: str, minor: int) -> None:
    if minor == 0:
        raise InvalidInput.of_field(f"{field}.minor", "must not be zero")


def given(moves: Iterable[BudgetMove]) -> Mapping[str, int]:
    """What each item was given by moves, all taken together."""
    sums: Counter[str] = Counter()
    for move in moves:
        sums[move.from_item_id] -= move.amount.minor
        sums[move.to_item_id] += move.amount.minor
    return sums
