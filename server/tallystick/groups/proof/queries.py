"""Which rows of a group are proven besides its entities?"""

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select

from tallystick.files import queries as files
from tallystick.groups.proof.rules import NAMED_BY
from tallystick.groups.tables import expense, settlement, tally
from tallystick.proof.walking import CellWalk, Walk, existing
from tallystick.store.statements import prepare

_SPACE_ID = bindparam("space_id", type_=Uuid)

# Expenses and settlements that are not deleted.
BOOKED_COUNT = prepare(
    select(
        select(func.count()).where(expense.c.space_id == _SPACE_ID, expense.c.deleted_at.is_(None)).scalar_subquery()
        + select(func.count())
        .where(settlement.c.space_id == _SPACE_ID, settlement.c.deleted_at.is_(None))
        .scalar_subquery()
    )
)
EXPENSES = prepare(
    select(expense.c.id, expense.c.version, expense.c.body).where(
        expense.c.space_id == _SPACE_ID, expense.c.id == any_(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
EXISTING = existing(NAMED_BY.values())
CELLS = (CellWalk(files.KEYS),)
TALLIES = Walk(tally, [tally.c.currency], tally.c.version, tally.c.amount)
