"""Which thresholds of a book's budgets are reached now? For whoever tells people about it."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tallystick.budgets.analysis import Use, reached
from tallystick.budgets.figures.queries import Measured, measure
from tallystick.budgets.figures.rules import Plan
from tallystick.budgets.items.queries import ITEMS_OF_SPACE
from tallystick.budgets.moves.queries import MOVES_OF_BUDGET
from tallystick.budgets.moves.rules import find_own_period
from tallystick.budgets.plans.queries import list_in_force
from tallystick.budgets.plans.rules import thresholds_of
from tallystick.budgets.tables import BUDGET_ITEM, BUDGET_MOVE
from tallystick.ledger.spending.queries import get_sight
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.budget_moves_pb2 import BudgetMove
from tallystick.v1.budget_pb2 import Budget
from tallystick.v1.money_pb2 import Money


class Reached(NamedTuple):
    """An item has come to a part of its plan, in the period that begins on `from_on`."""

    budget_id: UUID
    budget_name: str
    item_id: UUID
    item_name: str
    from_on: date
    threshold_bp: int
    planned: Money
    actual: Money


async def find_reached(tx: ReadTx, today: date) -> list[Reached]:
    """Every threshold that is reached in the current period of every budget in force, as the reader sees it. The lowest of an item first.

    A book without budgets costs one query."""
    budgets = await list_in_force(tx)
    if not budgets:
        return []
    sight, items = await get_sight(tx), await _items_by_budget(tx)
    found: list[Reached] = []
    for budget in budgets:
        plan = Plan(budget, items[budget.id], await _moves(tx, budget))
        period = find_own_period(budget, today)
        if period is not None and any(thresholds_of(budget, item.thresholds_bp) for item in plan.items):
            found += _reached(await measure(tx, plan, sight, period))
    return found


async def _items_by_budget(tx: ReadTx) -> dict[str, list[BudgetItem]]:
    items: dict[str, list[BudgetItem]] = defaultdict(list)
    for row in await tx.fetch(ITEMS_OF_SPACE(space_id=tx.space_id)):
        item = tx.open(BUDGET_ITEM, row)
        items[item.budget_id].append(item)
    return items


async def _moves(tx: ReadTx, budget: Budget) -> list[BudgetMove]:
    rows = await tx.fetch(MOVES_OF_BUDGET(space_id=tx.space_id, budget_id=UUID(budget.id)))
    return [tx.open(BUDGET_MOVE, row) for row in rows]


def _reached(measured: Measured) -> list[Reached]:
    plan, index = measured.plan, measured.window.last_shown
    from_on, currency = measured.window.periods[index].from_on, plan.budget.currency
    found = []
    for slot, (item, standings) in enumerate(zip(plan.items, measured.outcome.standings, strict=True)):
        use = Use(standings[index].planned_minor, measured.actuals.of(slot, index))
        found += [
            Reached(
                UUID(plan.budget.id),
                plan.budget.name,
                UUID(item.id),
                item.name,
                from_on,
                threshold_bp,
                Money(currency=currency, minor=use.planned_minor),
                Money(currency=currency, minor=use.actual_minor),
            )
            for threshold_bp in reached(thresholds_of(plan.budget, item.thresholds_bp), use)
        ]
    return found
