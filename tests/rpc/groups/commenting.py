"""How do tests talk about expenses?"""

from typing import Any

from circle import Circle
from people import Person, new_id
from tallystick_client.v1.group_activity_pb2 import AddCommentRequest, ExpenseComment, ListCommentsRequest
from tallystick_client.v1.group_expenses_pb2 import Expense


def comment_on(circle: Circle, expense: Expense, text: str = "Thanks", **other: Any) -> AddCommentRequest:
    fields: dict[str, Any] = {"request_id": new_id(), "group_id": circle.id, "expense_id": expense.id, "text": text}
    return AddCommentRequest(**fields | other)


async def say(circle: Circle, person: Person, expense: Expense, text: str = "Thanks", **other: Any) -> ExpenseComment:
    answer = await person.groups.AddComment(comment_on(circle, expense, text, **other))
    said: ExpenseComment = answer.comment
    return said


async def comments(circle: Circle, expense: Expense, **other: Any) -> Any:
    request = ListCommentsRequest(group_id=circle.id, expense_id=expense.id, **other)
    return await circle.person.groups.ListComments(request)
