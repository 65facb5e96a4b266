"""What does ListImportRows say of each row?"""

from imports.desk import STATE, Desk, statement
from people import MISSING_ID, refusal_of
from tallystick_client.v1 import import_rows_pb2


async def test_rows_come_in_the_order_of_the_file_by_state_and_by_page(desk: Desk) -> None:
    await desk.take_in(statement("2026-03-02,Bar,-4.50"))
    made = await desk.create(statement("2026-03-03,Shop,-3.50", "2026-03-02,Bar,-4.50", "2026-03-01,Inn,-5.50"))
    assert [row.payee for row in await desk.rows(made.id)] == ["Shop", "Bar", "Inn"]
    assert [row.payee for row in await desk.rows(made.id, STATE.IMPORT_ROW_STATE_DUPLICATE)] == ["Bar"]
    request = import_rows_pb2.ListImportRowsRequest(space_id=desk.book.id, import_id=made.id, page_size=2)
    page = await desk.calls.ListImportRows(request)
    assert [row.row_no for row in page.rows] == [1, 2]
    request.page_token = page.next_page_token
    assert [row.row_no for row in (await desk.calls.ListImportRows(request)).rows] == [3]


async def test_nothing_is_shown_as_imported_before_it_is(desk: Desk) -> None:
    made = await desk.create(statement("2026-03-03,Shop,-3.50"))
    assert [row.transaction_id for row in await desk.rows(made.id)] == [""]
    await desk.process(made.id)
    (row,) = await desk.rows(made.id)
    assert row.transaction_id == (await desk.transactions())[0].id


async def test_rows_of_an_import_that_is_not_there_are_not_found(desk: Desk) -> None:
    assert (await refusal_of(desk.rows(MISSING_ID))).reason == "NOT_FOUND"
