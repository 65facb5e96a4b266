"""What DeleteExpense promises."""

import grpc

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.groups.spending import archive, delete, get, give_back, listed, lock, nets, update
from tallystick_client.v1.group_expenses_pb2 import DeleteExpenseRequest, Expense


async def test_b16_a_deleted_expense_counts_no_more_also_when_it_is_deleted_twice(circle: Circle) -> None:
    made = await circle.spend()
    request = DeleteExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=made.id)
    answer = await keeps_the_promises_of_a_write(circle, "DeleteExpense", request, expense_id=new_id())
    assert answer.expense.shares == made.shares
    assert await nets(circle) == {}
    assert (await refusal_of(delete(circle, made))).reason == "NOT_FOUND"
    assert (await refusal_of(get(circle, made))).reason == "NOT_FOUND"
    assert await nets(circle) == {}
    assert await listed(circle) == []


async def test_a_refund_can_be_deleted_and_then_its_expense(circle: Circle) -> None:
    made = await circle.spend()
    back = await give_back(circle, made, 1)
    assert (await refusal_of(delete(circle, made))).reason == "REFUNDED"
    await delete(circle, back)
    await delete(circle, made)
    assert await nets(circle) == {}


async def test_b21_what_was_changed_meanwhile_is_not_deleted(circle: Circle) -> None:
    made = await circle.spend()
    noted = await update(circle, made, note="late")
    refusal = await refusal_of(delete(circle, made, base_version=made.version))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    assert refusal.metadata["current_version"] == str(noted.version)
    await delete(circle, made, base_version=noted.version)


async def test_what_is_in_a_locked_period_stays(circle: Circle) -> None:
    made, later = await circle.spend(), await circle.spend(booked_on="2026-02-04")
    await lock(circle, "2026-02-03")
    assert (await refusal_of(delete(circle, made))).reason == "PERIOD_LOCKED"
    await delete(circle, later)


async def test_what_was_wrong_can_be_deleted_from_an_archived_group(circle: Circle) -> None:
    made = await circle.spend()
    await archive(circle)
    await delete(circle, made)


async def test_b19_what_is_not_there(circle: Circle, bob: Person) -> None:
    made = await circle.spend()
    assert (await refusal_of(delete(circle, Expense(id=new_id())))).reason == "NOT_FOUND"
    request = DeleteExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=made.id)
    assert (await refusal_of(bob.groups.DeleteExpense(request))).reason == "NOT_FOUND"
