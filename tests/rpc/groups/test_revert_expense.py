"""What RevertExpense promises."""

from circle import Circle, equally, money
from people import Person, new_id, refusal_of
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.groups.spending import archive, delete, get, give_back, lock, nets, revert, take_out, update
from tallystick_client.v1.group_expenses_pb2 import Expense, RevertExpenseRequest


async def test_an_expense_goes_back_to_what_it_was(circle: Circle) -> None:
    made = await circle.spend(1000)
    before = await nets(circle)
    changed = await update(circle, made, amount=money(9000), split=equally(circle.owner_id), note="late")
    request = RevertExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=made.id, to_version=made.version)
    answer = await keeps_the_promises_of_a_write(circle, "RevertExpense", request, to_version=changed.version)
    back = answer.expense
    assert back.version > changed.version
    back.version = made.version
    assert back == made
    assert await nets(circle) == before


async def test_b29_a_deleted_one_comes_back(circle: Circle) -> None:
    made = await circle.spend(1000)
    await update(circle, made, amount=money(9000))
    await delete(circle, made)
    back = await revert(circle, made, made.version)
    assert (back.amount, back.shares) == (made.amount, made.shares)
    assert await get(circle, made) == back


async def test_what_is_so_already_stays(circle: Circle) -> None:
    made = await circle.spend(1000)
    assert await revert(circle, made, made.version) == made


async def test_money_does_not_go_back_where_it_may_not_change(circle: Circle) -> None:
    made = await circle.spend(1000)
    changed = await update(circle, made, amount=money(900))
    noted = await update(circle, made, note="late")
    back = await give_back(circle, changed, 900)
    assert (await refusal_of(revert(circle, made, made.version))).reason == "REFUNDED"
    assert (await revert(circle, made, changed.version)).note == ""
    lesser = await update(circle, back, amount=money(100))
    assert (await give_back(circle, made, 800)).amount == money(800)
    assert (await refusal_of(revert(circle, lesser, back.version))).reason == "REFUND_EXCEEDS_ORIGINAL"
    await lock(circle, "2026-02-03")
    assert (await refusal_of(revert(circle, lesser, back.version))).reason == "REFUND_EXCEEDS_ORIGINAL"
    other = await circle.spend(1000, booked_on="2026-03-01")
    await update(circle, other, booked_on="2026-03-02")
    await lock(circle, "2026-03-01")
    assert (await refusal_of(revert(circle, other, other.version))).reason == "PERIOD_LOCKED"
    await archive(circle)
    assert (await revert(circle, made, noted.version)).note == "late"


async def test_an_archived_group_keeps_its_money(circle: Circle) -> None:
    made = await circle.spend(1000)
    await update(circle, made, amount=money(900))
    await archive(circle)
    assert (await refusal_of(revert(circle, made, made.version))).reason == "GROUP_ARCHIVED"


async def test_who_left_meanwhile_is_not_named_again(circle: Circle) -> None:
    made, hal = await circle.spend(1000), circle.guests["Hal"]
    await update(circle, made, split=equally(circle.owner_id))
    await take_out(circle, hal)
    refusal = await refusal_of(revert(circle, made, made.version))
    assert (refusal.reason, refusal.metadata["member_id"]) == ("MEMBER_INACTIVE", hal)


async def test_b19_what_is_not_there(circle: Circle, bob: Person) -> None:
    made, other = await circle.spend(), await circle.spend()
    for expense, version in ((Expense(id=new_id()), made.version), (made, other.version)):
        assert (await refusal_of(revert(circle, expense, version))).reason == "NOT_FOUND"
    request = RevertExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=made.id, to_version=made.version)
    assert (await refusal_of(bob.groups.RevertExpense(request))).reason == "NOT_FOUND"
