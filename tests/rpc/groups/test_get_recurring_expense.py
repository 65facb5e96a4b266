"""What GetRecurringExpense promises."""

import grpc

from circle import Circle
from people import Person, new_id, refusal_of
from recurring_expenses import call, get, make_recurring
from rpc.groups.promises import viewer_of
from tallystick_client.v1 import group_recurring_pb2 as pb


async def test_get_recurring_expense_returns_it_to_every_member(circle: Circle) -> None:
    made = await make_recurring(circle)
    request = pb.GetRecurringExpenseRequest(group_id=circle.id, recurring_id=made.id.upper())
    assert (await (await viewer_of(circle)).groups.GetRecurringExpense(request)).recurring == made


async def test_get_recurring_expense_finds_nothing_that_is_deleted_or_not_there(circle: Circle, bob: Person) -> None:
    made = await make_recurring(circle)
    request = pb.GetRecurringExpenseRequest(group_id=circle.id, recurring_id=made.id)
    stranger = await refusal_of(bob.groups.GetRecurringExpense(request))
    await call("Delete", made, circle)
    deleted = await refusal_of(get(circle, made))
    missing = await refusal_of(get(circle, pb.RecurringExpense(id=new_id())))
    assert stranger == deleted == missing
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
