"""Does an expense fit what only its opened body tells? Pure."""

from tallystick.ledger.folding import folded
from tallystick.ledger.rules import canonical
from tallystick.v1.group_expenses_pb2 import Expense, ListExpensesRequest


def is_sealed(request: ListExpensesRequest) -> bool:
    """Whether a filter asks for something that the database cannot see."""
    return bool(request.member_id or request.category or request.text)


def needle_of(request: ListExpensesRequest) -> str:
    return folded(request.text)


def picks(request: ListExpensesRequest, needle: str, expense: Expense) -> bool:
    if request.category and expense.category != request.category:
        return False
    if request.member_id and not _has_part(expense, canonical(request.member_id)):
        return False
    return any(needle in folded(text) for text in (expense.description, expense.note, expense.category))


def _has_part(expense: Expense, member_id: str) -> bool:
    """Bears or paid something."""
    return any(share.member_id == member_id and (share.owed_minor or share.paid_minor) for share in expense.shares)
