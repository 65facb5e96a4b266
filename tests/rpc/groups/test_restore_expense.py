"""What RestoreExpense promises."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.groups.spending import delete, get, give_back, lock, nets, restore, take_out
from tallystick_client.v1.group_expenses_pb2 import Expense, RestoreExpenseRequest


async def test_b29_what_was_deleted_comes_back_with_the_shares_that_it_had(circle: Circle) -> None:
    made = await circle.spend(1000)
    before = await nets(circle)
    await delete(circle, made)
    request = RestoreExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=made.id)
    answer = await keeps_the_promises_of_a_write(circle, "RestoreExpense", request, expense_id=new_id())
    assert (answer.expense.shares, answer.expense.description) == (made.shares, made.description)
    assert (await get(circle, made), await nets(circle)) == (answer.expense, before)


async def test_what_is_not_deleted_stays_as_it_is(circle: Circle) -> None:
    made = await circle.spend()
    assert await restore(circle, made) == made


async def test_what_names_somebody_who_is_gone_does_not_come_back(circle: Circle) -> None:
    made, hal = await circle.spend(), circle.guests["Hal"]
    await delete(circle, made)
    await take_out(circle, hal)
    refusal = await refusal_of(restore(circle, made))
    assert (refusal.reason, refusal.metadata["member_id"]) == ("MEMBER_INACTIVE", hal)


async def test_b5_a_refund_comes_back_only_to_what_is_left(circle: Circle) -> None:
    made = await circle.spend(1000)
    back = await give_back(circle, made, 600)
    await delete(circle, back)
    other = await give_back(circle, made, 500)
    assert (await refusal_of(restore(circle, back))).reason == "REFUND_EXCEEDS_ORIGINAL"
    await delete(circle, other)
    await restore(circle, back)
    await delete(circle, back)
    await delete(circle, made)
    assert (await refusal_of(restore(circle, back))).reason == "NOT_FOUND"


async def test_nothing_comes_back_into_a_locked_period(circle: Circle) -> None:
    made = await circle.spend()
    await delete(circle, made)
    await lock(circle, "2026-02-03")
    assert (await refusal_of(restore(circle, made))).reason == "PERIOD_LOCKED"


async def test_b30_what_was_imported_again_meanwhile_stays_away(circle: Circle) -> None:
    made = await circle.spend(import_key="row 7")
    await delete(circle, made)
    again = await circle.spend(import_key="row 7")
    refusal = await refusal_of(restore(circle, made))
    assert (refusal.reason, refusal.metadata["expense_id"]) == ("IMPORT_KEY_TAKEN", again.id)


async def test_b19_what_is_not_there(circle: Circle, bob: Person) -> None:
    made = await circle.spend()
    assert (await refusal_of(restore(circle, Expense(id=new_id())))).reason == "NOT_FOUND"
    request = RestoreExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=made.id)
    assert (await refusal_of(bob.groups.RestoreExpense(request))).reason == "NOT_FOUND"
