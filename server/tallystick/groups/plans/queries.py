"""Which plans are there, and do they still fit the balances?"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, func, select

from tallystick.groups.plans.rules import OPEN, is_stale
from tallystick.groups.tables import SETTLEMENT_PLAN, settlement_plan, tally
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import Call, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.group_plans_pb2 import SettlementPlan

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ID_MAX = UUID(int=2**128 - 1)

_plan = select(settlement_plan.c.id, settlement_plan.c.version, settlement_plan.c.body).where(
    settlement_plan.c.space_id == _SPACE_ID, settlement_plan.c.deleted_at.is_(None)
)
PLAN_BY_ID = prepare(_plan.where(settlement_plan.c.id == bindparam("id", type_=Uuid)))
# Ids follow time.
_PLANS_BEFORE = prepare(
    _plan.where(settlement_plan.c.id < bindparam("before_id", type_=Uuid))
    .order_by(settlement_plan.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
# The commit that last moved a balance. Its number is no secret, so no cell has to be opened.
NEWEST_SUM = prepare(select(func.coalesce(func.max(tally.c.version), 0)).where(tally.c.space_id == _SPACE_ID))


def asked_of_plan(space_id: UUID, plan_id: str) -> list[Call[*tuple[Any, ...]]]:
    """The plan, and when balances last moved."""
    return [PLAN_BY_ID(space_id=space_id, id=UUID(plan_id)), NEWEST_SUM(space_id=space_id)]


async def get_plan(tx: ReadTx, plan_id: str) -> SettlementPlan:
    found, ((newest,),) = await tx.fetch_all(*asked_of_plan(tx.space_id, plan_id))
    return as_seen(tx.require(SETTLEMENT_PLAN, found), newest)


async def list_plans(tx: ReadTx, requested: int, after: Sequence[str] | None) -> Page[SettlementPlan]:
    """A page, newest first. `after` is the id of the last one of the page before."""
    size = page_size(requested)
    before_id = UUID(after[0]) if after else _ID_MAX
    rows, ((newest,),) = await tx.fetch_all(
        _PLANS_BEFORE(space_id=tx.space_id, before_id=before_id, limit=size + 1), NEWEST_SUM(space_id=tx.space_id)
    )
    page = page_of(tx, SETTLEMENT_PLAN, rows, size, lambda last: (last.id,))
    return Page([as_seen(plan, newest) for plan in page.items], page.last)


def as_seen(plan: SettlementPlan, newest_version: int) -> SettlementPlan:
    """Whether it is stale is said in answers only: what is kept, and synced, would have to change with every expense. A plan that is
    closed asks nothing of anybody any more."""
    seen = SettlementPlan()
    seen.CopyFrom(plan)
    seen.stale = plan.state == OPEN and is_stale(plan, newest_version)
    return seen
