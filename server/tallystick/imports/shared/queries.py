"""Which expenses and settlements of the group may rows of a file be?"""

from sqlalchemy import ARRAY, Date, Uuid, any_, bindparam, select

from tallystick.groups.tables import expense, settlement
from tallystick.store.statements import prepare

_SPACE_ID = bindparam("space_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_FROM_ON, _UNTIL_ON = bindparam("from_on", type_=Date), bindparam("until_on", type_=Date)

# Under the names of rows, live or deleted.
EXPENSES_BY_IMPORT_ID = prepare(
    select(expense.c.import_id, expense.c.id, expense.c.version, expense.c.body, expense.c.deleted_at).where(
        expense.c.space_id == _SPACE_ID, expense.c.import_id == any_(_IDS)
    )
)
EXPENSES_NEAR = prepare(
    select(expense.c.id, expense.c.version, expense.c.body).where(
        expense.c.space_id == _SPACE_ID,
        expense.c.booked_on.between(_FROM_ON, _UNTIL_ON),
        expense.c.deleted_at.is_(None),
    )
)
_settlements = select(settlement.c.id, settlement.c.version, settlement.c.body).where(
    settlement.c.space_id == _SPACE_ID, settlement.c.deleted_at.is_(None)
)
SETTLEMENTS_NEAR = prepare(_settlements.where(settlement.c.booked_on.between(_FROM_ON, _UNTIL_ON)))
SETTLEMENTS_ON = prepare(_settlements.where(settlement.c.booked_on == any_(bindparam("days", type_=ARRAY(Date)))))
# Of what an import made, as it is now.
MADE_EXPENSES = prepare(
    select(expense.c.id, expense.c.version, expense.c.body).where(
        expense.c.space_id == _SPACE_ID, expense.c.id == any_(_IDS), expense.c.deleted_at.is_(None)
    )
)
MADE_SETTLEMENTS = prepare(_settlements.where(settlement.c.id == any_(_IDS)))
