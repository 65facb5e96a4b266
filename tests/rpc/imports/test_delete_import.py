"""Which imports can be deleted?"""

from imports.desk import Desk, statement
from people import MISSING_ID, new_id, refusal_of
from tallystick_client.v1 import import_service_pb2

ONE = statement("2026-03-01,Shop,-3.50")


def deletion(desk: Desk, import_id: str) -> import_service_pb2.DeleteImportRequest:
    return import_service_pb2.DeleteImportRequest(request_id=new_id(), space_id=desk.book.id, import_id=import_id)


async def test_one_of_which_nothing_is_in_the_book_goes_with_its_rows(desk: Desk) -> None:
    made = await desk.create(ONE)
    request = deletion(desk, made.id)
    first = await desk.calls.DeleteImport(request)
    assert first.file_import.id == made.id
    assert await desk.calls.DeleteImport(request) == first
    assert (await refusal_of(desk.get(made.id))).reason == "NOT_FOUND"
    assert (await refusal_of(desk.rows(made.id))).reason == "NOT_FOUND"
    request.import_id = MISSING_ID
    assert (await refusal_of(desk.calls.DeleteImport(request))).reason == "REQUEST_ID_REUSED"


async def test_one_that_is_in_the_book_must_be_reverted_first(desk: Desk) -> None:
    done = await desk.take_in(ONE)
    assert (await refusal_of(desk.calls.DeleteImport(deletion(desk, done.id)))).reason == "IMPORT_BEGUN"
    await desk.revert(done.id)
    assert (await desk.calls.DeleteImport(deletion(desk, done.id))).file_import.id == done.id
    again = await desk.take_in(ONE)
    assert again.counts.imported == 1


async def test_one_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert (await refusal_of(desk.calls.DeleteImport(deletion(desk, MISSING_ID)))).reason == "NOT_FOUND"
