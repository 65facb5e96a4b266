"""What was said about expenses? Each names the space."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, select, tuple_

from tallystick.errors import NotVisible
from tallystick.groups.expenses.queries import EXPENSES
from tallystick.groups.tables import EXPENSE_COMMENT, expense_comment
from tallystick.spaces.queries import ID_MIN
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.group_activity_pb2 import ExpenseComment, ListCommentsRequest

_comments = select(expense_comment.c.id, expense_comment.c.version, expense_comment.c.body).where(
    expense_comment.c.space_id == bindparam("space_id", type_=Uuid), expense_comment.c.deleted_at.is_(None)
)
COMMENT = prepare(_comments.where(expense_comment.c.id == bindparam("id", type_=Uuid)))
# Nothing changes a comment while it is there, so its version is the place at which it was said.
COMMENTS_AFTER = prepare(
    _comments.where(
        expense_comment.c.expense_id == bindparam("expense_id", type_=Uuid),
        tuple_(expense_comment.c.version, expense_comment.c.id)
        > tuple_(bindparam("after", type_=BigInteger), bindparam("after_id", type_=Uuid)),
    )
    .order_by(expense_comment.c.version, expense_comment.c.id)
    .limit(bindparam("limit", type_=Integer))
)


async def list_comments(tx: ReadTx, request: ListCommentsRequest, after: Sequence[str] | None) -> Page[ExpenseComment]:
    """A page, the oldest first; also of a deleted expense. `after` is the version and id of the last one of the page before."""
    size, expense_id = page_size(request.page_size), UUID(request.expense_id)
    expenses, rows = await tx.fetch_all(
        EXPENSES(space_id=tx.space_id, ids=[expense_id]),
        COMMENTS_AFTER(
            space_id=tx.space_id,
            expense_id=expense_id,
            after=int(after[0]) if after else 0,
            after_id=UUID(after[1]) if after else ID_MIN,
            limit=size + 1,
        ),
    )
    if not expenses:
        raise NotVisible
    opened = [(row[0], row[1], row[2]) for row in rows]
    return page_of(tx, EXPENSE_COMMENT, opened, size, lambda comment: (str(comment.version), comment.id))
