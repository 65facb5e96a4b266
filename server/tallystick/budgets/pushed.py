"""Which of the commands about budgets may wait in an outbox, and of which entities do devices hold copies?"""

from tallystick.budgets import tables
from tallystick.budgets.items import commands as items
from tallystick.budgets.moves import commands as moves
from tallystick.budgets.plans import commands as plans
from tallystick.budgets.plans import copying
from tallystick.store.command import commands_in

ENTITIES = (tables.BUDGET, tables.BUDGET_ITEM, tables.BUDGET_MOVE)

COMMANDS = commands_in(plans, copying, items, moves)
