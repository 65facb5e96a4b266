"""Which items does a budget have? Every SELECT about items."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Integer, Uuid, bindparam, func, select, tuple_

from tallystick.budgets.items.rules import CHANGEABLE
from tallystick.budgets.plans.queries import BUDGETS, list_live_ids
from tallystick.budgets.tables import BUDGET_ITEM, budget_item
from tallystick.errors import NotVisible
from tallystick.ledger.nouns.queries import ID_MIN, POSITION_MIN, find_all, noun
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_items_pb2 import BudgetItem, ListBudgetItemsRequest
from tallystick.v1.budget_pb2 import Budget

ITEMS = noun(BUDGET_ITEM, "item_id", CHANGEABLE)

_of_space = select(budget_item.c.id, budget_item.c.version, budget_item.c.body).where(
    budget_item.c.space_id == bindparam("space_id", type_=Uuid)
)
_in_order = _of_space.where(budget_item.c.budget_id == bindparam("budget_id", type_=Uuid)).order_by(
    budget_item.c.position, budget_item.c.id
)
ITEMS_OF_BUDGET = prepare(_in_order.where(budget_item.c.deleted_at.is_(None)))
ITEMS_OF_SPACE = prepare(
    _of_space.where(budget_item.c.deleted_at.is_(None)).order_by(
        budget_item.c.budget_id, budget_item.c.position, budget_item.c.id
    )
)
LISTED = prepare(
    _in_order.where(
        budget_item.c.deleted_at.is_not(None) == bindparam("deleted", type_=Boolean),
        tuple_(budget_item.c.position, budget_item.c.id)
        > tuple_(bindparam("after_position", type_=Integer), bindparam("after_id", type_=Uuid)),
    ).limit(bindparam("limit", type_=Integer))
)
COUNT = prepare(
    select(func.count())
    .select_from(budget_item)
    .where(
        budget_item.c.space_id == bindparam("space_id", type_=Uuid),
        budget_item.c.budget_id == bindparam("budget_id", type_=Uuid),
        budget_item.c.deleted_at.is_(None),
    )
)


async def get_item(tx: ReadTx, request: Any) -> BudgetItem:
    """An item of a budget that is there."""
    budgets, items = await tx.fetch_all(
        BUDGETS.by_id(space_id=tx.space_id, id=BUDGETS.id_of(request)),
        ITEMS.by_id(space_id=tx.space_id, id=ITEMS.id_of(request)),
    )
    if not budgets:
        raise NotVisible
    return require_of(tx.require(BUDGET_ITEM, [(row[0], row[1], row[2]) for row in items]), UUID(request.budget_id))


def require_of(item: BudgetItem, budget_id: UUID) -> BudgetItem:
    """An item of another budget is not there."""
    if UUID(item.budget_id) != budget_id:
        raise NotVisible
    return item


async def get_with_budget(tx: ReadTx, request: Any) -> tuple[Budget, list[BudgetItem]]:
    """A budget and its items in their order."""
    budget_id = BUDGETS.id_of(request)
    budgets, items = await tx.fetch_all(
        BUDGETS.by_id(space_id=tx.space_id, id=budget_id), ITEMS_OF_BUDGET(space_id=tx.space_id, budget_id=budget_id)
    )
    budget = tx.require(BUDGETS.entity, [(row[0], row[1], row[2]) for row in budgets])
    return budget, [tx.open(BUDGET_ITEM, (row[0], row[1], row[2])) for row in items]


async def list_items(tx: ReadTx, request: ListBudgetItemsRequest, after: Sequence[str] | None) -> Page[BudgetItem]:
    """A page by position and id. `after` is the position and id of the last one of the page before."""
    size, budget_id = page_size(request.page_size), UUID(request.budget_id)
    budgets, rows = await tx.fetch_all(
        BUDGETS.by_id(space_id=tx.space_id, id=budget_id),
        LISTED(
            space_id=tx.space_id,
            budget_id=budget_id,
            deleted=request.deleted,
            after_position=int(after[0]) if after else POSITION_MIN,
            after_id=UUID(after[1]) if after else ID_MIN,
            limit=size + 1,
        ),
    )
    if not budgets:
        raise NotVisible
    opened = [(row[0], row[1], row[2]) for row in rows]
    return page_of(tx, BUDGET_ITEM, opened, size, lambda item: (str(item.position), item.id))


async def is_named_by_item(tx: ReadTx, field: str, named_id: str) -> bool:
    """Whether an item of a budget that is there names it. Those of deleted budgets hold nobody up."""
    naming = await find_all(tx, ITEMS, lambda item: named_id in getattr(item, field))
    return bool(naming) and not {UUID(item.budget_id) for item in naming}.isdisjoint(await list_live_ids(tx))
