"""What BatchCreateExpenses promises."""

from typing import Any

import grpc

import proof
from circle import Circle, money
from people import new_id, refusal_of
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.groups.spending import REFUND, archive, exactly, give_back, listed, nets, take_out
from tallystick_client.v1.group_expenses_pb2 import BatchCreateExpensesRequest, ExpenseDraft


def batch(circle: Circle, *drafts: ExpenseDraft) -> BatchCreateExpensesRequest:
    return BatchCreateExpensesRequest(request_id=new_id(), group_id=circle.id, expenses=drafts)


async def test_a_batch_is_one_commit(circle: Circle) -> None:
    drafts = [circle.draft(3 * minor, expense_id=new_id()) for minor in range(1, 101)]
    request = batch(circle, *drafts)
    answer = await keeps_the_promises_of_a_write(circle, "BatchCreateExpenses", request, expenses=drafts[:1])
    assert list(answer.expense_ids) == [draft.expense_id for draft in drafts]
    assert {each.version for each in await listed(circle, page_size=200)} == {answer.version}
    assert (await nets(circle))[circle.owner_id, "EUR"] == 2 * sum(range(1, 101))


async def test_five_hundred_at_once(circle: Circle) -> None:
    answer = await circle.person.groups.BatchCreateExpenses(batch(circle, *[circle.draft(300)] * 500))
    assert len(set(answer.expense_ids)) == 500
    assert (await nets(circle))[circle.owner_id, "EUR"] == 500 * 200
    too_many = await refusal_of(circle.person.groups.BatchCreateExpenses(batch(circle, *[circle.draft(300)] * 501)))
    assert (too_many.reason, too_many.fields) == ("INVALID_FIELD", ("expenses",))


async def test_of_a_batch_all_or_nothing_is_recorded(circle: Circle, database: proof.Connection) -> None:
    ann, hal = circle.owner_id, circle.guests["Hal"]
    await take_out(circle, hal)
    good = circle.draft(among=[ann])
    bads: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
        ({"split": exactly(**{ann: 1})}, "SPLITS_UNBALANCED", ("expenses[1].split.exact",)),
        ({"among": [hal]}, "MEMBER_INACTIVE", ()),
        ({"amount": money(1, "ZZZ"), "among": [ann]}, "UNKNOWN_CURRENCY", ("expenses[1].amount.currency",)),
    ]
    before = proof.count_rows(database)
    for fields, reason, paths in bads:
        refusal = await refusal_of(
            circle.person.groups.BatchCreateExpenses(batch(circle, good, circle.draft(**fields)))
        )
        assert (refusal.reason, refusal.fields, refusal.metadata["index"]) == (reason, paths, "1")
    assert proof.count_rows(database) == before


async def test_a_batch_names_nothing_twice(circle: Circle) -> None:
    for name, value in (("expense_id", new_id()), ("import_key", "row 7")):
        again = value.upper() if name == "expense_id" else value
        same: list[dict[str, Any]] = [{name: value}, {name: again}]
        drafts = [circle.draft(**fields) for fields in same]
        refusal = await refusal_of(circle.person.groups.BatchCreateExpenses(batch(circle, *drafts)))
        assert (refusal.reason, refusal.fields) == ("DUPLICATE_IN_BATCH", (f"expenses[1].{name}",))


async def test_b30_importing_twice_imports_once(circle: Circle) -> None:
    drafts = [circle.draft(minor, import_key=f"row {minor}") for minor in (300, 600)]
    answer = await circle.person.groups.BatchCreateExpenses(batch(circle, *drafts))
    before = await nets(circle)
    refusal = await refusal_of(circle.person.groups.BatchCreateExpenses(batch(circle, circle.draft(), *drafts)))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "IMPORT_KEY_TAKEN")
    assert (refusal.metadata["index"], refusal.metadata["expense_id"]) == ("1", answer.expense_ids[0])
    assert await nets(circle) == before


async def test_b5_a_batch_may_give_back_what_it_records(circle: Circle) -> None:
    made = circle.draft(1000, expense_id=new_id())
    backs = [
        circle.draft(minor, kind=REFUND, refund_of_id=made.expense_id, split=None, payers=[]) for minor in (333, 667)
    ]
    await circle.person.groups.BatchCreateExpenses(batch(circle, made, *backs))
    assert await nets(circle) == {}
    other = await circle.spend(1000)
    await give_back(circle, other, 500)
    for back in backs:
        back.refund_of_id = other.id
        back.amount.minor = 251
    refusal = await refusal_of(circle.person.groups.BatchCreateExpenses(batch(circle, *backs)))
    assert (refusal.reason, refusal.metadata["index"]) == ("REFUND_EXCEEDS_ORIGINAL", "1")


async def test_an_id_that_is_taken_and_a_group_that_is_archived(circle: Circle) -> None:
    made = await circle.spend()
    drafts = [circle.draft(), circle.draft(expense_id=made.id)]
    assert (await refusal_of(circle.person.groups.BatchCreateExpenses(batch(circle, *drafts)))).reason == "ID_TAKEN"
    await archive(circle)
    refusal = await refusal_of(circle.person.groups.BatchCreateExpenses(batch(circle, circle.draft())))
    assert refusal.reason == "GROUP_ARCHIVED"
