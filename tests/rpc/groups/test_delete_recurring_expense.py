"""What DeleteRecurringExpense promises."""

from circle import Circle
from people import new_id, refusal_of
from recurring_expenses import call, get, make_recurring, pause
from rpc.groups.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import group_recurring_pb2 as pb


async def test_delete_recurring_expense_hides_it(circle: Circle) -> None:
    made = await make_recurring(circle)
    deleted = await call("Delete", made, circle)
    assert (deleted.draft, deleted.next_on) == (made.draft, made.next_on)
    assert (await refusal_of(get(circle, made))).reason == "NOT_FOUND"


async def test_delete_recurring_expense_keeps_the_promises_of_a_write(circle: Circle) -> None:
    made, other = await make_recurring(circle), await make_recurring(circle)
    request = pb.DeleteRecurringExpenseRequest(request_id=new_id(), group_id=circle.id, recurring_id=made.id)
    await keeps_the_promises_of_a_write(circle, "DeleteRecurringExpense", request, recurring_id=other.id)


async def test_nothing_can_be_done_with_a_deleted_recurring_expense(circle: Circle) -> None:
    made = await make_recurring(circle)
    await call("Delete", made, circle)
    for doing in (call("Delete", made, circle), pause(circle, made)):
        assert (await refusal_of(doing)).reason == "NOT_FOUND"
