"""Which amounts, and which parts of them, may a budget and its items name? The same as on the server."""

from collections.abc import Sequence

from tallystick_client.offline.refusals import CannotApply
from tallystick_client.v1.budget_items_pb2 import Rollover
from tallystick_client.v1.budget_pb2 import Budget
from tallystick_client.v1.money_pb2 import Money

AMOUNT_MAX = 2**63 - 1
_THRESHOLD_BP_MAX = 100_000


def require_amount(budget: Budget, amount: Money) -> None:
    """An amount of the budget, above zero or below, that 64 bits can turn around."""
    if amount.currency != budget.currency or abs(amount.minor) > AMOUNT_MAX:
        raise CannotApply


def require_rollover(budget: Budget, rollover: Rollover) -> None:
    if not rollover.HasField("surplus_max"):
        return
    require_amount(budget, rollover.surplus_max)
    if not rollover.surplus or rollover.surplus_max.minor <= 0:
        raise CannotApply


def require_thresholds(thresholds_bp: Sequence[int]) -> None:
    is_in_range = all(1 <= each <= _THRESHOLD_BP_MAX for each in thresholds_bp)
    if not is_in_range or len(set(thresholds_bp)) < len(thresholds_bp):
        raise CannotApply
