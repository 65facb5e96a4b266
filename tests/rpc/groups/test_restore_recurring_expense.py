"""What RestoreRecurringExpense promises."""

from circle import Circle
from people import new_id, refusal_of
from recurring import DAILY, days_ago, schedule_of
from recurring_expenses import call, get, make_recurring
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import back
from tallystick_client.v1 import group_recurring_pb2 as pb
from turned_clock import TurnedClock


async def test_restore_recurring_expense_brings_it_back_as_it_was(circle: Circle) -> None:
    made = await make_recurring(circle)
    deleted = await call("Delete", made, circle)
    restored = await call("Restore", made, circle)
    assert (restored.draft, restored.schedule, restored.next_on) == (made.draft, made.schedule, made.next_on)
    assert restored.version > deleted.version
    assert await get(circle, made) == restored


async def test_restore_recurring_expense_skips_what_passed_while_it_was_deleted(
    circle: Circle, clock: TurnedClock
) -> None:
    made = await make_recurring(circle, schedule=schedule_of(days_ago(0), DAILY))
    await call("Delete", made, circle)
    with clock.later(days=5):
        circle.person = await back(circle.person)
        restored = await call("Restore", made, circle)
    assert (restored.handled_until, restored.next_on) == (days_ago(-4), days_ago(-5))


async def test_restore_recurring_expense_leaves_one_that_is_not_deleted_as_it_is(circle: Circle) -> None:
    made = await make_recurring(circle)
    assert await call("Restore", made, circle) == made
    assert (await get(circle, made)).version == made.version


async def test_restore_recurring_expense_keeps_the_promises_of_a_write(circle: Circle) -> None:
    made, other = await make_recurring(circle), await make_recurring(circle)
    await call("Delete", made, circle)
    request = pb.RestoreRecurringExpenseRequest(request_id=new_id(), group_id=circle.id, recurring_id=made.id)
    await keeps_the_promises_of_a_write(circle, "RestoreRecurringExpense", request, recurring_id=other.id)


async def test_restore_recurring_expense_finds_nothing_that_never_was(circle: Circle) -> None:
    assert (await refusal_of(call("Restore", pb.RecurringExpense(id=new_id()), circle))).reason == "NOT_FOUND"
