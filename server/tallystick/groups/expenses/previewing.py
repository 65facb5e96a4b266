"""What would an expense cost each? The same that recording it would find, without recording it."""

from uuid import UUID

from tallystick.groups.expenses import references
from tallystick.groups.expenses.recording import compose_new, naming, require_new_import
from tallystick.groups.profiles.rules import require_in_use, require_unlocked
from tallystick.ledger.rules import require_date
from tallystick.store.tx import ReadTx
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseDraft


async def preview(tx: ReadTx, draft: ExpenseDraft, user_id: UUID, made_id: UUID) -> Expense:
    """`made_id` is the id that it has unless the draft names one: recorded under that, it will cost the same."""
    found = await references.read(tx, references.wanted_of(tx.space_id, [draft]), user_id)
    require_in_use(found.known.group)
    with naming("expense"):
        expense = compose_new(draft, draft.expense_id or str(made_id), found.known)
        require_unlocked(found.known.group, require_date("booked_on", expense.booked_on))
        require_new_import(expense, found)
    return expense
