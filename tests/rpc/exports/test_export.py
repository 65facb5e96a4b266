"""What every export promises: parts in order, a size and a digest of what was sent, and a clear word about what cannot be had."""

import hashlib
from typing import Any

from people import BookOf, refusal_of
from rpc.exports.taking import ACCOUNTS, ALL, CSV, EXPENSES, JSON, OFX, QIF, TRANSACTIONS, ZIP, refused
from rpc.ledger.crowded_book import CrowdedBook
from tallystick_client.v1.export_service_pb2 import ExportFilter, ExportRequest, ExportTable


async def test_a_header_comes_first_then_chunks_with_progress_and_an_end_that_tells_all(crowd: CrowdedBook) -> None:
    request = ExportRequest(book_id=crowd.book.id, format=JSON)
    parts = [part async for part in crowd.book.person.exports.Export(request)]
    kinds = [part.WhichOneof("part") for part in parts]
    chunks = [part.chunk for part in parts if part.WhichOneof("part") == "chunk"]
    done = [part.progress.items for part in parts if part.WhichOneof("part") == "progress"]
    assert (kinds[0], kinds[-1], set(kinds[1:-1])) == ("header", "end", {"chunk", "progress"})
    assert len(chunks) > 1
    assert max(map(len, chunks)) <= 64 * 1024
    assert done == sorted(set(done))
    assert done[-1] == parts[0].header.items
    assert parts[-1].end.size_bytes == sum(map(len, chunks))
    assert parts[-1].end.sha256 == hashlib.sha256(b"".join(chunks)).digest()


async def test_whoever_leaves_in_the_middle_holds_nothing_up(crowd: CrowdedBook) -> None:
    for _ in range(5):
        stream = crowd.book.person.exports.Export(ExportRequest(book_id=crowd.book.id, format=JSON))
        assert (await stream.read()).WhichOneof("part") == "header"
        stream.cancel()
    stream = crowd.book.person.exports.Export(ExportRequest(book_id=crowd.book.id, format=JSON))
    assert [part async for part in stream][-1].HasField("end")


async def test_what_is_not_offered_says_so(book: BookOf) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"format": OFX, "content": TRANSACTIONS}, "format"),
        ({"format": CSV, "content": ALL}, "format"),
        ({"format": ZIP}, "format"),
        ({"format": CSV, "content": EXPENSES}, "content"),
    ]
    for fields, field in cases:
        refusal = await refusal_of(refused(book.person, book_id=book.id, **fields))
        assert (refusal.reason, refusal.fields) == ("EXPORT_NOT_OFFERED", (field,)), fields
    refusal = await refusal_of(refused(book.person, book_id=book.id, format=QIF))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("account_id",))
    refusal = await refusal_of(refused(book.person, book_id=book.id, from_on="2026-02-30"))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("from_on",))
    refusal = await refusal_of(refused(book.person, book_id=book.id, from_on="2026-02-03", until_on="2026-02-02"))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("until_on",))


async def test_what_says_nothing_about_the_file_is_refused(book: BookOf) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"account_id": book.account_id}, "account_id"),
        ({"filter": ExportFilter(text="x"), "content": ACCOUNTS}, "filter"),
        ({"from_on": "2026-01-01", "format": JSON}, "from_on"),
        ({"currency": "USD"}, "currency"),
        ({"table": ExportTable(with_bom=True), "format": JSON}, "table"),
    ]
    for fields, field in cases:
        refusal = await refusal_of(refused(book.person, book_id=book.id, **fields))
        assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,)), fields
