"""What is known of single expenses: as they are, as they were, and what was given back of them? Each names the space."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, or_, select

from tallystick.errors import NotVisible
from tallystick.groups.tables import EXPENSE, expense
from tallystick.store import history
from tallystick.store.pages import Page
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseRevision

SPACE_ID = bindparam("space_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))

_expense = select(expense.c.id, expense.c.version, expense.c.body).where(expense.c.space_id == SPACE_ID)
LIVE_EXPENSES = prepare(_expense.where(expense.c.id == func.any(_IDS), expense.c.deleted_at.is_(None)))
EXPENSES = prepare(
    select(expense.c.id, expense.c.version, expense.c.body, expense.c.deleted_at).where(
        expense.c.space_id == SPACE_ID, expense.c.id == func.any(_IDS)
    )
)
# Expenses that are named by their refunds, and the refunds of expenses.
REFUNDS_AND_ORIGINALS = prepare(
    _expense.where(
        expense.c.deleted_at.is_(None),
        or_(expense.c.id == func.any(_IDS), expense.c.refund_of_id == func.any(_IDS)),
    )
)
IMPORTED = prepare(
    select(expense.c.import_id, expense.c.id).where(
        expense.c.space_id == SPACE_ID, expense.c.import_id == func.any(_IDS), expense.c.deleted_at.is_(None)
    )
)


class Found(NamedTuple):
    """An expense that may be deleted."""

    expense: Expense
    is_deleted: bool


async def get_expense(tx: ReadTx, expense_id: UUID) -> Expense:
    return tx.require(EXPENSE, await tx.fetch(LIVE_EXPENSES(space_id=tx.space_id, ids=[expense_id])))


async def get_with_deleted(tx: ReadTx, expense_id: UUID) -> Found:
    return open_found(tx, await tx.fetch(EXPENSES(space_id=tx.space_id, ids=[expense_id])))


def open_found(tx: ReadTx, rows: Sequence[tuple[UUID, int, bytes, object]]) -> Found:
    if not rows:
        raise NotVisible
    row_id, version, body, deleted_at = rows[0]
    return Found(tx.open(EXPENSE, (row_id, version, body)), deleted_at is not None)


async def list_history(
    tx: ReadTx, expense_id: UUID, requested: int, after: Sequence[str] | None
) -> Page[ExpenseRevision]:
    """A page of revisions, newest first. `after` is the version of the last one of the page before."""
    visible = EXPENSES(space_id=tx.space_id, ids=[expense_id])
    page = await history.list_revisions(tx, EXPENSE, expense_id, visible, requested, after)
    revisions = [
        ExpenseRevision(
            expense=each.message,
            changed_at=to_timestamp(each.changed_at),
            changed_by=str(each.changed_by),
            fields=each.fields,
            deleted=each.is_deleted,
        )
        for each in page.items
    ]
    return Page(revisions, page.last)
