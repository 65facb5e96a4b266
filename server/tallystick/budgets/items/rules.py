"""What is right for an item of a budget, and what may be spent on it? Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from tallystick.budgets.analysis import require_thresholds
from tallystick.budgets.periods import Span
from tallystick.budgets.plans.rules import require_amount, require_rollover
from tallystick.errors import InvalidInput, RuleBroken
from tallystick.ledger.rules import canonical, require_date, require_name
from tallystick.v1.budget_items_pb2 import BudgetItem, BudgetLimit
from tallystick.v1.budget_pb2 import Budget
from tallystick.v1.error_reason_pb2 import ErrorReason

CHANGEABLE = (
    "name",
    "position",
    "category_ids",
    "without_children",
    "payee_ids",
    "tag_ids",
    "account_ids",
    "limits",
    "rollover",
    "thresholds_bp",
)
NAMING = ("category_ids", "payee_ids", "tag_ids", "account_ids")
ITEMS_MAX = 200


def require_usable(item: BudgetItem, budget: Budget) -> None:
    """Brings an item into its one form: ids and orders that do not depend on who wrote them."""
    item.name = require_name("name", item.name)
    for name in NAMING:
        ids = getattr(item, name)
        ids[:] = sorted({canonical(each) for each in ids})
    if not any(getattr(item, name) for name in NAMING):
        raise InvalidInput.of_field("category_ids", "must name something, or payees, tags or accounts must be named")
    _require_limits(item, budget)
    require_rollover("rollover", budget, item.rollover if item.HasField("rollover") else None)
    require_thresholds("thresholds_bp", item.thresholds_bp)
    item.thresholds_bp.sort()


def _require_limits(item: BudgetItem, budget: Budget) -> None:
    for number, limit in enumerate(item.limits):
        if limit.from_on:
            require_date(f"limits[{number}].from_on", limit.from_on)
        require_amount(f"limits[{number}].amount", budget, limit.amount)
    days = [limit.from_on for limit in item.limits]
    if len(set(days)) < len(days):
        raise InvalidInput.of_field("limits", "has two from the same day on")
    # ISO dates are in the order of their texts, and none comes before all of them.
    item.limits.sort(key=lambda limit: limit.from_on)


def limits_of(limits: Iterable[BudgetLimit], periods: Sequence[Span]) -> list[int]:
    """What may be spent in each period: the limit that was set last before its end. Before the first there is none."""
    known = [(limit.from_on, limit.amount.minor) for limit in limits]
    days = [from_on for from_on, _ in known]
    found = []
    for period in periods:
        in_force = bisect_right(days, period.until_on.isoformat())
        found.append(known[in_force - 1][1] if in_force else 0)
    return found


def require_room(items: int) -> None:
    """Whether the budget can have one more."""
    if items >= ITEMS_MAX:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_BUDGET_FULL,
            "The budget has as many items as it can have.",
            metadata={"items_max": str(ITEMS_MAX)},
        )


def keep_categories(item: BudgetItem, present: Iterable[str]) -> None:
    """Forgets the categories that are gone. One that named nothing else would count everything then, and is refused."""
    kept = [each for each in item.category_ids if each in set(present)]
    if item.category_ids and not kept:
        raise RuleBroken(ErrorReason.ERROR_REASON_CATEGORY_GONE, "The categories of the item are gone.")
    item.category_ids[:] = kept
