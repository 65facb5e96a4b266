"""How are budgets kept?"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Index, Integer, Uuid

from tallystick.merging import money_in
from tallystick.store.entity import Entity
from tallystick.store.metadata import entity_table
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.budget_moves_pb2 import BudgetMove
from tallystick.v1.budget_pb2 import Budget

budget = entity_table("budget")

# Lists are served by position; of envelopes, the first item that fits an entry takes it.
budget_item = entity_table(
    "budget_item",
    Column("budget_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Index("ix_budget_item_order", "space_id", "budget_id", "position", "id"),
)

budget_move = entity_table(
    "budget_move",
    Column("budget_id", Uuid, nullable=False),
    Column("period_from_on", Date, nullable=False),
    Index("ix_budget_move_budget", "space_id", "budget_id", "period_from_on"),
)


def _of_item(message: BudgetItem) -> dict[str, Any]:
    return {"budget_id": UUID(message.budget_id), "position": message.position}


def _of_move(message: BudgetMove) -> dict[str, Any]:
    return {"budget_id": UUID(message.budget_id), "period_from_on": date.fromisoformat(message.period_from_on)}


BUDGET = Entity(budget, Budget, merging=money_in("periods", "starts_on", "rollover", "opening"))
BUDGET_ITEM = Entity(budget_item, BudgetItem, _of_item, merging=money_in("limits", "rollover"))
BUDGET_MOVE = Entity(budget_move, BudgetMove, _of_move)
