"""What DownloadExport promises: the same file, as it is, with its name and type."""

from people import BookOf, Person, refusal_of
from rpc.exports.taking import CSV, JSON, OFX, take
from tallystick_client.v1.export_service_pb2 import DownloadExportRequest, ExportRequest


async def test_it_is_the_file_of_the_export_with_its_name_and_type(book: BookOf) -> None:
    await book.spend(250, payee="Café")
    request = ExportRequest(book_id=book.id, format=CSV, until_on="2026-12-31")
    call = book.person.exports.DownloadExport(DownloadExportRequest(export=request))
    bodies = [body async for body in call]
    taken = await take(book.person, book_id=book.id, format=CSV, until_on="2026-12-31")
    assert b"".join(body.data for body in bodies) == taken.data
    assert {body.content_type for body in bodies} == {"text/csv; charset=utf-8"}
    metadata = dict(await call.initial_metadata())
    name = "Home-transactions-2026-12-31.csv"
    assert metadata["content-disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    assert metadata["cache-control"] == "no-store"


async def test_it_is_refused_as_the_export_is(book: BookOf, bob: Person) -> None:
    async def read(person: Person, request: ExportRequest) -> None:
        async for _ in person.exports.DownloadExport(DownloadExportRequest(export=request)):
            pass

    for format_ in (CSV, JSON):
        refusal = await refusal_of(read(bob, ExportRequest(book_id=book.id, format=format_)))
        assert refusal.reason == "NOT_FOUND"
    refusal = await refusal_of(read(book.person, ExportRequest(book_id=book.id, format=OFX)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("account_id",))
