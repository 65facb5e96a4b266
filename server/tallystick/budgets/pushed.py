"""Which of the commands about budgets may wait in an outbox, and of which entities do devices hold copies?"""

from tallystick.budgets import tables
from tallystick.budgets.items import commands as items
from tallystick.budgets.moves import commands as moves
from tallystick.budgets.plans import commands as plans
from tallystick.budgets.plans import copying
from tallystick.store.command import commands_in

ENTITIES = (tables.BUDGET, tables.BUDGET_ITEM, tables.BUDGET_MOVE)

# They name their budget first.
_ABOUT = {
    **dict.fromkeys((f"{verb}_budget_item" for verb in ("create", "update", "delete", "restore")), "item_id"),
    **dict.fromkeys(("assign_money", "move_money"), "move_id"),
    "copy_budget": "new_budget_id",
}

COMMANDS = commands_in(plans, copying, items, moves, about=_ABOUT)
