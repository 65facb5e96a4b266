"""How do expenses and settlements come into a group together, from another program, and how do they go again? Some hundred in a commit.

Both move the same balances: those are read once and written once, whatever is among them. All of it is judged before any of it is
written, so that whoever calls can leave out what is refused, which is named by its index, and call again.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tallystick.groups.expenses import references
from tallystick.groups.expenses.recording import Step, compose_new, naming, require_movable, require_new_import
from tallystick.groups.expenses.references import References, Wanted, wanted_of
from tallystick.groups.profiles.rules import require_in_use, require_unlocked
from tallystick.groups.settlements.rules import require_whole, reversed_
from tallystick.groups.sums.effects import Step as MoneyStep
from tallystick.groups.sums.effects import step_of_expense, step_of_settlement
from tallystick.groups.sums.posting import post
from tallystick.groups.tables import EXPENSE, SETTLEMENT
from tallystick.ledger.rules import require_currency, require_date
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft
from tallystick.v1.group_settlements_pb2 import Settlement


async def take_in(
    tx: WriteTx, things: Sequence[ExpenseDraft | Settlement], *, import_id: str, at: str = ""
) -> list[Expense | Settlement]:
    """Records new expenses, and settlements that happened. Each has its id already."""
    drafts = [each for each in things if isinstance(each, ExpenseDraft)]
    found = await references.read(tx, wanted_of(tx.space_id, drafts), tx.caller.user_id)
    require_in_use(found.known.group)
    made: list[Expense | Settlement] = []
    for index, each in enumerate(things):
        with naming(at, index):
            new = _new_expense(each, found) if isinstance(each, ExpenseDraft) else _new_settlement(each, found)
            new.import_id = import_id
            new.created_at.CopyFrom(to_timestamp(tx.now))
            made.append(new)
    for new in made:
        if isinstance(new, Expense):
            tx.add(EXPENSE, new)
        else:
            tx.add(SETTLEMENT, new)
    if made:
        await post(tx, [(None, _step_of(each)) for each in made], held=found.held)
    return made


async def take_back(tx: WriteTx, things: Sequence[Expense | Settlement], *, at: str = "") -> None:
    """Deletes expenses and reverses settlements."""
    wanted = Wanted()
    for each in things:
        if isinstance(each, Expense):
            wanted.add_expense(each)
    found = await references.read(tx, wanted, tx.caller.user_id)
    for index, each in enumerate(things):
        with naming(at, index):
            if isinstance(each, Expense):
                require_movable(Step(each, None), found.known)
            else:
                require_unlocked(found.known.group, date.fromisoformat(each.booked_on))
    for each in things:
        if isinstance(each, Expense):
            tx.delete(EXPENSE, each)
        else:
            tx.put(SETTLEMENT, each, reversed_(each))
    if things:
        await post(tx, [(_step_of(each), None) for each in things], held=found.held)


def _new_expense(draft: ExpenseDraft, found: References) -> Expense:
    expense = compose_new(draft, draft.expense_id, found.known)
    require_movable(Step(None, expense), found.known)
    require_new_import(expense, found)
    return expense


def _new_settlement(said: Settlement, found: References) -> Settlement:
    require_currency("amount.currency", said.amount.currency)
    day = require_date("booked_on", said.booked_on)
    require_whole(said)
    found.known.roster.require_in((UUID(said.from_member_id), UUID(said.to_member_id)))
    require_unlocked(found.known.group, day)
    settlement = Settlement()
    settlement.CopyFrom(said)
    settlement.group_id = found.known.group.id
    return settlement


def _step_of(thing: Expense | Settlement) -> MoneyStep | None:
    return step_of_expense(thing) if isinstance(thing, Expense) else step_of_settlement(thing)
