"""Which expenses and settlements moved the balances of a group, by date? Only what the database can see: where they are, not what."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, false, select, true, union_all

from tallystick.groups.tables import expense, settlement
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx

_SPACE_ID = bindparam("space_id", type_=Uuid)
_DAYS = (bindparam("from_on", type_=Date), bindparam("until_on", type_=Date))


class Moving(NamedTuple):
    """An expense or a settlement."""

    booked_on: date
    id: UUID
    is_settlement: bool


_both = union_all(
    select(expense.c.booked_on, expense.c.id, false().label("is_settlement")).where(
        expense.c.space_id == _SPACE_ID, expense.c.deleted_at.is_(None), expense.c.booked_on.between(*_DAYS)
    ),
    select(settlement.c.booked_on, settlement.c.id, true().label("is_settlement")).where(
        settlement.c.space_id == _SPACE_ID, settlement.c.deleted_at.is_(None), settlement.c.booked_on.between(*_DAYS)
    ),
).subquery("both")
_MOVING = prepare(select(_both.c.booked_on, _both.c.id, _both.c.is_settlement).order_by(_both.c.booked_on, _both.c.id))


async def list_moving(tx: ReadTx, from_on: date, until_on: date) -> list[Moving]:
    """All of some days, the oldest first."""
    rows = await tx.fetch(_MOVING(space_id=tx.space_id, from_on=from_on, until_on=until_on))
    return [Moving(*row) for row in rows]
