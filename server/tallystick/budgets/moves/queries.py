"""What was assigned and moved in a budget? Every SELECT about moves."""

from sqlalchemy import Date, Uuid, bindparam, select

from tallystick.budgets.tables import budget_move
from tallystick.store.statements import prepare

_of_budget = select(budget_move.c.id, budget_move.c.version, budget_move.c.body).where(
    budget_move.c.space_id == bindparam("space_id", type_=Uuid),
    budget_move.c.budget_id == bindparam("budget_id", type_=Uuid),
)
MOVES_OF_BUDGET = prepare(_of_budget.order_by(budget_move.c.period_from_on, budget_move.c.id))
MOVES_BETWEEN = prepare(
    _of_budget.where(
        budget_move.c.period_from_on.between(bindparam("from_on", type_=Date), bindparam("until_on", type_=Date))
    )
)
