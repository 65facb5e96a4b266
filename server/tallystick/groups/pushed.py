"""Which of the commands about groups may wait in an outbox, and of which entities do devices hold copies?"""

from tallystick.groups import tables
from tallystick.groups.comments import commands as comments
from tallystick.groups.expenses import commands as expenses
from tallystick.groups.expenses.together import create_expenses
from tallystick.groups.members import commands as members
from tallystick.groups.plans import commands as plans
from tallystick.groups.profiles import commands as profiles
from tallystick.groups.recurring import commands as recurring
from tallystick.groups.settlements import commands as settlements
from tallystick.store.command import commands_in

ENTITIES = (
    tables.GROUP,
    tables.JOIN_REQUEST,
    tables.EXPENSE,
    tables.EXPENSE_COMMENT,
    tables.RECURRING_EXPENSE,
    tables.SETTLEMENT,
    tables.SETTLEMENT_PLAN,
)

COMMANDS = commands_in(
    *(comments, expenses, members, plans, profiles, recurring, settlements),
    together={"create_expense": create_expenses},
)
