"""What do commands about the items of budgets change?"""

from collections.abc import Iterable, Iterator
from typing import Any

from tallystick_client.offline.budget_amounts import require_amount, require_rollover, require_thresholds
from tallystick_client.offline.composing import canonical
from tallystick_client.offline.making import Making, Rule, shown_name
from tallystick_client.offline.masks import copy_of, overlay, take, touched
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import require_day
from tallystick_client.offline.rows import Row
from tallystick_client.v1.budget_items_pb2 import (
    BudgetItem,
    BudgetLimit,
    CreateBudgetItemRequest,
    DeleteBudgetItemRequest,
    RestoreBudgetItemRequest,
    UpdateBudgetItemRequest,
)
from tallystick_client.v1.budget_pb2 import Budget
from tallystick_client.v1.ledger_pb2 import Account, Category, CategoryKind

_NAMING = ("category_ids", "payee_ids", "tag_ids", "account_ids")
_CHANGEABLE = ("name", "position", "without_children", *_NAMING, "limits", "rollover", "thresholds_bp")
_ITEMS_MAX = 200


def items_of(making: Making, budget_id: str) -> list[BudgetItem]:
    """What the budget is made of, in the order of their ids."""
    rows = [row for row in making.view.rows("budget_item") if not row.deleted and row.message.budget_id == budget_id]
    return [row.message for row in sorted(rows, key=lambda row: row.id)]


def require_spending(making: Making, category_ids: Iterable[str]) -> None:
    """They are for spending, and in use."""
    for category_id in category_ids:
        category: Category = making.require("category", category_id)
        if category.kind != CategoryKind.CATEGORY_KIND_EXPENSE or category.archived:
            raise CannotApply


def _create(making: Making, command: CreateBudgetItemRequest) -> Iterator[Row]:
    budget: Budget = making.require("budget", command.budget_id)
    _require_room(making, budget)
    item = BudgetItem(
        id=making.require_new("budget_item", command.item_id),
        book_id=making.space_id,
        budget_id=budget.id,
        created_at=making.made_at,
    )
    for name in _CHANGEABLE:
        take(item, command, name)
    _tidy(making, item, budget)
    _require_named(making, item, BudgetItem())
    yield Row("budget_item", item.id, item)


def _update(making: Making, command: UpdateBudgetItemRequest) -> Iterator[Row]:
    budget: Budget = making.require("budget", command.budget_id)
    before = _require_of(budget, making.require("budget_item", command.item_id))
    after = overlay(before, command, touched(command.update_mask.paths, command, _CHANGEABLE))
    _tidy(making, after, budget)
    _require_named(making, after, before)
    yield Row("budget_item", after.id, after)


def _delete(making: Making, command: DeleteBudgetItemRequest) -> Iterator[Row]:
    budget: Budget = making.require("budget", command.budget_id)
    item = _require_of(budget, making.require("budget_item", command.item_id))
    yield Row("budget_item", item.id, item, deleted=True)


def _restore(making: Making, command: RestoreBudgetItemRequest) -> Iterator[Row]:
    """Without the categories that are gone. One that named nothing else would count everything then."""
    budget: Budget = making.require("budget", command.budget_id)
    before: BudgetItem | None = making.find_deleted("budget_item", command.item_id)
    if before is None:
        _require_of(budget, making.require("budget_item", command.item_id))
        return
    again = copy_of(_require_of(budget, before))
    _require_room(making, budget)
    again.category_ids[:] = [each for each in before.category_ids if making.live("category", each) is not None]
    if before.category_ids and not again.category_ids:
        raise CannotApply
    yield Row("budget_item", again.id, again)


def _tidy(making: Making, item: BudgetItem, budget: Budget) -> None:
    """Ids and orders that do not depend on who wrote them."""
    item.name = shown_name(item.name)
    for name in _NAMING:
        ids: Any = getattr(item, name)
        ids[:] = sorted({canonical(each) for each in ids})
    if not any(getattr(item, name) for name in _NAMING):
        raise CannotApply
    for limit in item.limits:
        _require_limit(budget, limit)
    if len({limit.from_on for limit in item.limits}) < len(item.limits):
        raise CannotApply
    item.limits.sort(key=lambda limit: limit.from_on)
    if item.HasField("rollover"):
        require_rollover(budget, item.rollover)
    require_thresholds(item.thresholds_bp)
    item.thresholds_bp.sort()


def _require_limit(budget: Budget, limit: BudgetLimit) -> None:
    if limit.from_on:
        require_day(limit.from_on)
    require_amount(budget, limit.amount)
    if limit.amount.minor < 0:
        raise CannotApply


def _require_named(making: Making, item: BudgetItem, before: BudgetItem) -> None:
    """Only what was not named before is held against how things are now."""
    require_spending(making, set(item.category_ids) - set(before.category_ids))
    for kind in ("payee", "tag"):
        for each in set(getattr(item, f"{kind}_ids")) - set(getattr(before, f"{kind}_ids")):
            making.require(kind, each)
    for account_id in set(item.account_ids) - set(before.account_ids):
        account: Account = making.require("account", account_id)
        if account.private_to:
            # Every member sees the item, and would learn of the account.
            raise CannotApply


def _require_of(budget: Budget, item: BudgetItem) -> BudgetItem:
    """An item of another budget is not there."""
    if item.budget_id != budget.id:
        raise CannotApply
    return item


def _require_room(making: Making, budget: Budget) -> None:
    if len(items_of(making, budget.id)) >= _ITEMS_MAX:
        raise CannotApply


ITEM_RULES: dict[str, Rule] = {
    "create_budget_item": _create,
    "update_budget_item": _update,
    "delete_budget_item": _delete,
    "restore_budget_item": _restore,
}
