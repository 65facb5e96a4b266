"""Which budgets are there? Every SELECT about budgets themselves."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.budgets.plans.rules import CHANGEABLE
from tallystick.budgets.tables import BUDGET, budget
from tallystick.ledger.nouns.queries import noun
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_pb2 import Budget

BUDGETS = noun(BUDGET, "budget_id", CHANGEABLE)
_live = select(budget.c.id, budget.c.version, budget.c.body).where(
    budget.c.space_id == bindparam("space_id", type_=Uuid), budget.c.deleted_at.is_(None)
)
LIVE_BUDGETS = prepare(_live.order_by(budget.c.id))


async def list_in_force(tx: ReadTx) -> list[Budget]:
    """All budgets that are no templates."""
    budgets = [tx.open(BUDGET, row) for row in await tx.fetch(LIVE_BUDGETS(space_id=tx.space_id))]
    return [each for each in budgets if not each.template]


async def list_live_ids(tx: ReadTx) -> set[UUID]:
    return {row_id for row_id, _, _ in await tx.fetch(LIVE_BUDGETS(space_id=tx.space_id))}
