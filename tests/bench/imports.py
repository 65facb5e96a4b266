"""How many rows a second does a book take in from a file, next to batches of the same rows? And how much memory does a large file take?

The time is that of all of it: reading the file, comparing it with the book, and recording its rows.
"""

import asyncio
import random
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from bench.books import CURRENCY, Book, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure, at_least
from bench.idle_streams import resident_kb
from bench.place import Place, Served
from files.desk import bring
from people import Person, new_id
from tallystick.caller import Caller
from tallystick.store.journal import CHANGES_MAX
from tallystick_client.v1 import import_service_pb2, ledger_pb2, ledger_transactions_pb2, money_pb2

NAMES = ("import_vs_batch_create", "import_100k_vs_batch_create", "import_100k_memory")
ROWS = 10_000
TARGET = 0.5
# What a file of a hundred thousand rows may take of memory, all of its lines and the book's answers together.
MEMORY_MB_MAX = 400.0
LOOK_EVERY_S = 0.1
CALL_TIMEOUT_S = 300.0
FIRST = date(2016, 1, 1)
DAYS = 3650


class Row(NamedTuple):
    """One of the file, and of the batches."""

    day: date
    payee: str
    minor: int


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures: list[Figure] = []
    # One of its own, whose memory is that of imports.
    async with place.another_server() as served:
        person, owner = await make_owner(served)
        if NAMES[0] in wanted:
            sizes = [await _both(place, served, person, owner, ROWS) for _ in range(effort.rounds)]
            figures.append(
                at_least(NAMES[0], [each.ours for each in sizes], [each.floor for each in sizes], "rows/s", TARGET)
            )
        if not {NAMES[1], NAMES[2]}.isdisjoint(wanted):
            large = await _both(place, served, person, owner, effort.large_book)
            figures.append(at_least(NAMES[1], [large.ours], [large.floor], "rows/s", TARGET))
            figures.append(
                Figure(
                    NAMES[2], large.grown_mb, "MB", target=f"<= {MEMORY_MB_MAX:g}", met=large.grown_mb <= MEMORY_MB_MAX
                )
            )
    return figures


class _Measured(NamedTuple):
    ours: float
    floor: float
    grown_mb: float


async def _both(place: Place, served: Served, person: Person, owner: Caller, count: int) -> _Measured:
    """The same rows into two books: by batches, and from a file."""
    of_batches, of_file = await make_books(place, owner, 2)
    rows = [Row(FIRST + timedelta(random.randrange(DAYS)), f"Shop {at % 1000}", -1 - at) for at in range(count)]
    floor = await _create(person, of_batches, rows)
    lines = ("Date,Payee,Amount", *(f"{row.day.isoformat()},{row.payee},-{-row.minor / 100:.2f}" for row in rows))
    file = await bring(person, str(of_file.id), "\n".join(lines).encode(), name="bank.csv")
    before = await resident_kb(served.pid)
    peak = _Peak(served.pid, before)
    watching = asyncio.create_task(peak.watch())
    try:
        ours = await _import(person, of_file, file.id, count)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    return _Measured(ours, floor, (peak.kb - before) / 1024)


async def _create(person: Person, book: Book, rows: Sequence[Row]) -> float:
    """Rows a second."""
    started = time.perf_counter()
    for start in range(0, len(rows), CHANGES_MAX):
        drafts = [_draft(book, row) for row in rows[start : start + CHANGES_MAX]]
        await person.ledger.BatchCreateTransactions(
            ledger_transactions_pb2.BatchCreateTransactionsRequest(
                request_id=new_id(), book_id=str(book.id), transactions=drafts
            )
        )
    return len(rows) / (time.perf_counter() - started)


def _draft(book: Book, row: Row) -> ledger_pb2.TransactionDraft:
    return ledger_pb2.TransactionDraft(
        kind=ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE,
        account_id=str(book.account_id),
        amount=money_pb2.Money(currency=CURRENCY, minor=-row.minor),
        booked_on=row.day.isoformat(),
        payee=row.payee,
    )


async def _import(person: Person, book: Book, file_id: str, count: int) -> float:
    """Rows a second."""
    started = time.perf_counter()
    made = await person.imports.CreateImport(
        import_service_pb2.CreateImportRequest(
            request_id=new_id(), space_id=str(book.id), file_id=file_id, account_id=str(book.account_id)
        ),
        timeout=CALL_TIMEOUT_S,
    )
    request = import_service_pb2.ProcessImportRequest(
        request_id=new_id(), space_id=str(book.id), import_id=made.file_import.id
    )
    steps = [each async for each in person.importing.ProcessImport(request)]
    assert steps[-1].file_import.counts.imported == count, steps[-1].file_import.counts
    return count / (time.perf_counter() - started)


class _Peak:
    """The most memory that a process had while it was looked at."""

    def __init__(self, pid: int, kb: float) -> None:
        self.kb = kb
        self._pid = pid

    async def watch(self) -> None:
        while True:
            self.kb = max(self.kb, await resident_kb(self._pid))
            await asyncio.sleep(LOOK_EVERY_S)
