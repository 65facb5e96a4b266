"""What do commands about budgets themselves change?"""

from collections.abc import Iterable, Iterator
from uuid import UUID, uuid5

from tallystick_client.offline.applying_items import items_of, require_spending
from tallystick_client.offline.applying_nouns import Noun, rules_of
from tallystick_client.offline.budget_amounts import require_amount, require_rollover, require_thresholds
from tallystick_client.offline.budget_periods import fill_in_periods
from tallystick_client.offline.making import Making, Rule, shown_name
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import require_day, today_in
from tallystick_client.offline.rows import Row
from tallystick_client.v1.budget_items_pb2 import BudgetItem
from tallystick_client.v1.budget_pb2 import Budget, BudgetMode, CopyBudgetRequest
from tallystick_client.v1.ledger_pb2 import Book

_CHANGEABLE = ("name", "periods", "starts_on", "rollover", "thresholds_bp", "template", "opening")


def _tidy(making: Making, budget: Budget) -> None:
    """What it leaves to the book is filled in: what the book says later does not change it."""
    book: Book = making.require("book", making.space_id)
    budget.currency = budget.currency or book.base_currency
    if not budget.mode:
        raise CannotApply
    if budget.starts_on:
        require_day(budget.starts_on)
    fill_in_periods(budget, book, today_in(book, making))
    if budget.HasField("rollover"):
        require_rollover(budget, budget.rollover)
    require_thresholds(budget.thresholds_bp)
    budget.thresholds_bp.sort()
    if budget.HasField("opening"):
        require_amount(budget, budget.opening)
        if budget.mode != BudgetMode.BUDGET_MODE_ENVELOPE:
            raise CannotApply


def _copy(making: Making, command: CopyBudgetRequest) -> Iterator[Row]:
    """With the items, and with nothing assigned."""
    source: Budget = making.require("budget", command.budget_id)
    items = items_of(making, source.id)
    require_spending(making, _categories_of(items))
    budget = copy_of(source)
    budget.id = making.require_new("budget", command.new_budget_id)
    budget.name = shown_name(command.name or source.name)
    budget.template, budget.starts_on = command.template, command.starts_on
    budget.created_at.CopyFrom(making.made_at)
    budget.ClearField("opening")
    if command.HasField("periods"):
        budget.periods.CopyFrom(command.periods)
    _tidy(making, budget)
    yield Row("budget", budget.id, budget)
    for each in items:
        item = copy_of(each)
        item.id, item.budget_id = str(uuid5(UUID(budget.id), each.id)), budget.id
        item.created_at.CopyFrom(making.made_at)
        yield Row("budget_item", item.id, item)


def _categories_of(items: Iterable[BudgetItem]) -> set[str]:
    return {category_id for item in items for category_id in item.category_ids}


BUDGET_RULES: dict[str, Rule] = rules_of(
    Noun("budget", Budget, (*_CHANGEABLE, "currency", "mode"), _CHANGEABLE, _tidy)
) | {"copy_budget": _copy}
