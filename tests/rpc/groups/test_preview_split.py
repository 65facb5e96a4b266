"""What PreviewSplit promises."""

from typing import Any

import proof
from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.promises import viewer_of
from rpc.groups.spending import REFUND, archive, exactly, give_back, lock
from tallystick_client.v1.group_expenses_pb2 import CreateExpenseRequest, Expense, ExpenseDraft, PreviewSplitRequest


async def preview(circle: Circle, draft: ExpenseDraft) -> Expense:
    answer = await circle.person.groups.PreviewSplit(PreviewSplitRequest(group_id=circle.id, expense=draft))
    shown: Expense = answer.expense
    return shown


def as_recorded(expense: Expense) -> Expense:
    plain = Expense()
    plain.CopyFrom(expense)
    plain.ClearField("version")
    plain.ClearField("created_at")
    return plain


async def record(circle: Circle, draft: ExpenseDraft) -> Expense:
    request = CreateExpenseRequest(request_id=new_id(), group_id=circle.id, expense=draft)
    made: Expense = (await circle.person.groups.CreateExpense(request)).expense
    return made


async def test_b1_a_preview_is_what_will_be_stored_and_stores_nothing(
    circle: Circle, database: proof.Connection
) -> None:
    before = proof.count_rows(database)
    cases: list[dict[str, Any]] = [
        {},
        {"payers": [], "split": None},
        {"currency": "USD", "convert_with": "0.917"},
    ]
    for fields in cases:
        draft = circle.draft(1000, expense_id=new_id(), **fields)
        shown = await preview(circle, draft)
        assert proof.count_rows(database) == before
        assert as_recorded(await record(circle, draft)) == shown
        before = proof.count_rows(database)


async def test_b6_recording_what_a_preview_answers_is_accepted(circle: Circle) -> None:
    made = await circle.spend(1000, currency="USD", convert_with="0.917")
    cases: list[dict[str, Any]] = [
        {"payers": [], "split": None},
        {"currency": "USD", "convert_with": "0.917", "split": None},
        {"currency": "USD", "kind": REFUND, "refund_of_id": made.id, "split": None},
    ]
    for fields in cases:
        shown = await preview(circle, circle.draft(500, **fields))
        draft = ExpenseDraft(
            expense_id=shown.id,
            kind=shown.kind,
            booked_on=shown.booked_on,
            description=shown.description,
            amount=shown.amount,
            payers=shown.payers,
            split=shown.split if shown.HasField("split") else None,
            conversion=shown.conversion if shown.HasField("conversion") else None,
            refund_of_id=shown.refund_of_id,
        )
        assert as_recorded(await record(circle, draft)) == shown


async def test_who_may_look_may_ask(circle: Circle, bob: Person) -> None:
    viewer = await viewer_of(circle)
    request = PreviewSplitRequest(group_id=circle.id, expense=circle.draft(payers=[]))
    shown = (await viewer.groups.PreviewSplit(request)).expense
    assert shown.payers[0].member_id not in circle.everybody
    assert (await refusal_of(bob.groups.PreviewSplit(request))).reason == "NOT_FOUND"


async def test_a_preview_is_refused_as_the_expense_would_be(circle: Circle) -> None:
    ann = circle.owner_id
    made = await circle.spend(1000, import_key="row 7")
    await give_back(circle, made, 900)
    cases: list[tuple[dict[str, Any], str, tuple[str, ...]]] = [
        ({"split": exactly(**{ann: 3167})}, "SPLITS_UNBALANCED", ("expense.split.exact",)),
        ({"booked_on": "2026-02-30"}, "INVALID_DATE", ("expense.booked_on",)),
        ({"among": [new_id()]}, "NOT_FOUND", ()),
        ({"import_key": "row 7"}, "IMPORT_KEY_TAKEN", ()),
        ({"kind": REFUND, "refund_of_id": made.id, "split": None}, "REFUND_EXCEEDS_ORIGINAL", ()),
    ]
    for fields, reason, paths in cases:
        refusal = await refusal_of(preview(circle, circle.draft(**fields)))
        assert (refusal.reason, refusal.fields) == (reason, paths)
    await lock(circle, "2026-02-03")
    assert (await refusal_of(preview(circle, circle.draft()))).reason == "PERIOD_LOCKED"
    await archive(circle)
    assert (await refusal_of(preview(circle, circle.draft()))).reason == "GROUP_ARCHIVED"
