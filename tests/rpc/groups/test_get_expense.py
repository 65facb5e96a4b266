"""What GetExpense promises."""

import grpc

from circle import Circle, make_circle
from people import Person, new_id, refusal_of
from rpc.groups.promises import viewer_of
from rpc.groups.spending import delete, get
from tallystick_client.v1.group_expenses_pb2 import Expense, GetExpenseRequest


async def test_an_expense_is_as_it_was_recorded(circle: Circle) -> None:
    made = await circle.spend(1000)
    assert await get(circle, made) == made
    request = GetExpenseRequest(group_id=circle.id, expense_id=made.id)
    assert (await (await viewer_of(circle)).groups.GetExpense(request)).expense == made


async def test_b19_what_is_not_there_deleted_or_another_group_s(circle: Circle, ann: Person, bob: Person) -> None:
    made, gone = await circle.spend(), await circle.spend()
    await delete(circle, gone)
    other = await make_circle(ann)
    for group, expense in ((circle, Expense(id=new_id())), (circle, gone), (other, made)):
        assert (await refusal_of(get(group, expense))).reason == "NOT_FOUND"
    refusals = []
    for group_id in (circle.id, new_id()):
        request = GetExpenseRequest(group_id=group_id, expense_id=made.id)
        refusals.append(await refusal_of(bob.groups.GetExpense(request)))
    assert {(each.code, each.reason, each.fields) for each in refusals} == {
        (grpc.StatusCode.NOT_FOUND, "NOT_FOUND", ())
    }
