"""What can be decided about single rows?"""

from imports.desk import ACTION, Desk, statement, update
from people import MISSING_ID, new_id, refusal_of
from tallystick_client.v1 import import_rows_pb2

IMPORT, SKIP = ACTION.IMPORT_ROW_ACTION_IMPORT, ACTION.IMPORT_ROW_ACTION_SKIP
TWO = statement("2026-03-01,Shop,-3.50", "2026-03-02,Bar,-4.50")


async def test_a_row_is_left_out_and_another_gets_a_category(desk: Desk) -> None:
    made = await desk.create(TWO)
    decided = await desk.decide(made.id, update(1, action=SKIP), update(2, category_id=desk.book.spending_id))
    assert (decided.counts.new, decided.counts.skipped) == (1, 1)
    await desk.process(made.id)
    (only,) = await desk.transactions()
    assert (only.payee, only.entries[0].category_id) == ("Bar", desk.book.spending_id)


async def test_a_duplicate_is_imported_all_the_same_when_somebody_wants_it(desk: Desk) -> None:
    await desk.take_in(TWO)
    again = await desk.create(TWO)
    decided = await desk.decide(again.id, update(1, action=IMPORT))
    assert (decided.counts.new, decided.counts.duplicates) == (1, 1)
    done = await desk.process(again.id)
    assert done.counts.imported == 1
    assert sorted(each.payee for each in await desk.transactions()) == ["Bar", "Shop", "Shop"]


async def test_what_cannot_be_imported_cannot_be_wanted(desk: Desk) -> None:
    made = await desk.create(statement("2026-03-01,Shop,0.00", "2026-03-01,Shop,-1.00"))
    assert (await refusal_of(desk.decide(made.id, update(1, action=IMPORT)))).fields == ("updates[0].action",)


async def test_a_category_must_be_there_and_of_the_rows_kind(desk: Desk) -> None:
    made = await desk.create(TWO)
    assert (await refusal_of(desk.decide(made.id, update(1, category_id=MISSING_ID)))).reason == "NOT_FOUND"
    refused = await refusal_of(desk.decide(made.id, update(1, category_id=desk.book.earning_id)))
    assert refused.reason == "CATEGORY_KIND_MISMATCH"


async def test_rows_of_nothing_or_named_twice_are_refused_whole(desk: Desk) -> None:
    made = await desk.create(TWO)
    assert (
        await refusal_of(desk.decide(made.id, update(1, action=SKIP), update(9, action=SKIP)))
    ).reason == "NOT_FOUND"
    assert (await refusal_of(desk.decide(made.id, update(1), update(1)))).reason == "DUPLICATE_IN_BATCH"
    assert (await refusal_of(desk.decide(MISSING_ID, update(1)))).reason == "NOT_FOUND"
    assert (await desk.get(made.id)).counts.new == 2


async def test_rows_must_be_known_and_not_imported(desk: Desk) -> None:
    asked = await desk.create(statement("01/02/2026,Shop,-3.50"))
    assert (await refusal_of(desk.decide(asked.id, update(1)))).reason == "IMPORT_NEEDS_ANSWERS"
    done = await desk.take_in(TWO)
    assert (await refusal_of(desk.decide(done.id, update(1)))).reason == "IMPORT_BEGUN"


async def test_a_repeat_is_answered_as_before_and_another_body_is_refused(desk: Desk) -> None:
    made = await desk.create(TWO)
    request = import_rows_pb2.UpdateImportRowsRequest(
        request_id=new_id(), space_id=desk.book.id, import_id=made.id, updates=[update(1, action=SKIP)]
    )
    first = await desk.calls.UpdateImportRows(request)
    assert await desk.calls.UpdateImportRows(request) == first
    request.updates[0].row_no = 2
    assert (await refusal_of(desk.calls.UpdateImportRows(request))).reason == "REQUEST_ID_REUSED"
