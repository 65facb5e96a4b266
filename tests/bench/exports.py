"""What do exports cost? A statement of three pages with a chart, and a book of 100,000 as a table and losslessly, with the memory that the
server takes for it: a stream should not care how long it is."""

import asyncio
import resource
import statistics
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from bench.books import Book, fill, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure
from bench.place import Place
from people import Person
from tallystick_client.v1.export_pb2 import ExportFormat
from tallystick_client.v1.export_service_pb2 import ExportRequest

FORMATS = {"csv": ExportFormat.EXPORT_FORMAT_CSV, "json": ExportFormat.EXPORT_FORMAT_JSON}
STATEMENT = "export_statement_pdf_ms"
NAMES = (
    STATEMENT,
    *(f"export_{name}_100k_a_second" for name in FORMATS),
    *(f"export_{name}_100k_mib" for name in FORMATS),
)
STATEMENT_TARGET_MS, MEMORY_TARGET_MIB = 300.0, 32.0
# So many lines are three pages.
LINES = 75
STATEMENTS = 9
SAMPLE_S = 0.01
MIB = 1024 * 1024


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    small, large = await make_books(place, owner, 2)
    await fill(place, owner, small, LINES, months=3)
    figures = [await _statement(person, small)]
    if set(wanted) - {STATEMENT}:
        await fill(place, owner, large, effort.large_book)
        await place.analyze()
        for name, format_ in FORMATS.items():
            figures += await _whole(place, person, large, name, format_, effort.large_book)
    return [figure for figure in figures if figure.name in wanted]


async def _statement(person: Person, book: Book) -> Figure:
    request = ExportRequest(
        book_id=str(book.id),
        account_id=str(book.account_id),
        format=ExportFormat.EXPORT_FORMAT_PDF,
        until_on="2025-12-31",
    )
    # The first one loads fonts.
    await _take(person, request)
    took = []
    for _ in range(STATEMENTS):
        started = time.perf_counter()
        await _take(person, request)
        took.append((time.perf_counter() - started) * 1000)
    median = statistics.median(took)
    return Figure(STATEMENT, median, "ms", target=f"<= {STATEMENT_TARGET_MS:g}", met=median <= STATEMENT_TARGET_MS)


async def _whole(
    place: Place, person: Person, book: Book, name: str, format_: ExportFormat.ValueType, count: int
) -> list[Figure]:
    request = ExportRequest(book_id=str(book.id), format=format_)
    before = _resident_bytes(place.server.pid)
    looking = asyncio.create_task(_peak(place.server.pid))
    started = time.perf_counter()
    await _take(person, request)
    seconds = time.perf_counter() - started
    looking.cancel()
    grown = (await looking - before) / MIB
    return [
        Figure(f"export_{name}_100k_a_second", count / seconds, "transactions/s"),
        Figure(
            f"export_{name}_100k_mib", grown, "MiB", target=f"<= {MEMORY_TARGET_MIB:g}", met=grown <= MEMORY_TARGET_MIB
        ),
    ]


async def _peak(pid: int) -> int:
    """The most that a process held, until this is cancelled."""
    peak = 0
    with suppress(asyncio.CancelledError):
        while True:
            peak = max(peak, _resident_bytes(pid))
            await asyncio.sleep(SAMPLE_S)
    return peak


async def _take(person: Person, request: ExportRequest) -> None:
    last = None
    async for part in person.exports.Export(request):
        last = part.WhichOneof("part")
    assert last == "end"


def _resident_bytes(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize()
