"""What shall happen to comments? One function per writing call, run inside the write door."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.groups.comments import queries
from tallystick.groups.expenses.queries import LIVE_EXPENSES
from tallystick.groups.tables import EXPENSE_COMMENT
from tallystick.ledger.rules import canonical, require_name
from tallystick.store.members import MEMBER, MEMBER_OF_USER
from tallystick.store.refusals import require_role
from tallystick.store.statements import Call
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.group_activity_pb2 import (
    AddCommentRequest,
    AddCommentResponse,
    DeleteCommentRequest,
    DeleteCommentResponse,
    ExpenseComment,
)
from tallystick.v1.role_pb2 import Role


async def add_comment(tx: WriteTx, request: AddCommentRequest) -> AddCommentResponse:
    expenses, members = await tx.fetch_all(*reads_of_add(request, tx.caller.user_id))
    if not expenses:
        raise NotVisible
    comment = ExpenseComment(
        id=canonical(request.comment_id) or str(tx.new_id()),
        group_id=str(tx.space_id),
        expense_id=canonical(request.expense_id),
        member_id=tx.require(MEMBER, [(row[0], row[1], row[2]) for row in members]).id,
        text=require_name("text", request.text),
        created_at=to_timestamp(tx.now),
    )
    return AddCommentResponse(comment=tx.add(EXPENSE_COMMENT, comment))


def reads_of_add(request: AddCommentRequest, user_id: UUID) -> Sequence[Call[*tuple[Any, ...]]]:
    """What the command asks."""
    group_id = UUID(request.group_id)
    return [
        LIVE_EXPENSES(space_id=group_id, ids=[UUID(request.expense_id)]),
        MEMBER_OF_USER(space_id=group_id, user_id=user_id),
    ]


async def delete_comment(tx: WriteTx, request: DeleteCommentRequest) -> DeleteCommentResponse:
    comments, members = await tx.fetch_all(
        queries.COMMENT(space_id=tx.space_id, id=UUID(request.comment_id)),
        MEMBER_OF_USER(space_id=tx.space_id, user_id=tx.caller.user_id),
    )
    comment = tx.require(EXPENSE_COMMENT, [(row[0], row[1], row[2]) for row in comments])
    own = tx.require(MEMBER, [(row[0], row[1], row[2]) for row in members])
    if comment.member_id != own.id:
        require_role(tx.role, Role.ROLE_OWNER)
    return DeleteCommentResponse(comment=tx.delete(EXPENSE_COMMENT, comment))
