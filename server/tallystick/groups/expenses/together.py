"""How are many new expenses recorded at once, when each was asked for by a request of its own?"""

from collections.abc import Sequence

from tallystick.groups.expenses.recording import record
from tallystick.ledger.rules import canonical
from tallystick.store.command import OneByOne
from tallystick.store.tx import WriteTx
from tallystick.v1.group_expenses_pb2 import CreateExpenseRequest, CreateExpenseResponse


async def create_expenses(tx: WriteTx, requests: Sequence[CreateExpenseRequest]) -> list[CreateExpenseResponse]:
    """As a batch."""
    ids = [canonical(request.expense.expense_id) for request in requests if request.expense.expense_id]
    if len(set(ids)) < len(ids):
        raise OneByOne
    recorded = await record(tx, [request.expense for request in requests])
    return [CreateExpenseResponse(expense=expense) for expense in recorded]
