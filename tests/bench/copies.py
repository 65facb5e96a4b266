"""How fast does a device get its copy? A hundred thousand entities from nothing, and a thousand changes of a large and a small book.

The floor of the first copy is COPY of the same rows' bodies, still sealed: what PostgreSQL itself takes to hand them over.
"""

import asyncio
import statistics
import time
from collections.abc import Collection
from typing import Any
from uuid import UUID

import grpc
import psycopg
from psycopg.sql import SQL, Literal

from bench.books import Book, bearer, fill, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure, at_least, at_most
from bench.place import Place
from people import Person
from tallystick.caller import Caller
from tallystick.runtime.roles import DATABASE
from tallystick.v1.sync_service_pb2 import PullRequest, PullResponse
from tallystick_client import Client
from tallystick_client.offline import OfflineBook
from tallystick_client.tokens import MemoryTokens, Tokens
from tallystick_client.v1.ledger_pb2 import Transaction

NAMES = ("pull_100k_vs_copy", "pull_100k_to_mirror", "pull_delta_100k_vs_1k")
PATH = "/tallystick.v1.SyncService/Pull"
TARGET, DELTA_TARGET = 0.10, 1.2
SMALL = DELTA = 1000


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    large, small = await make_books(place, owner, 2)
    await fill(place, owner, large, effort.large_book)
    await fill(place, owner, small, SMALL)
    await place.analyze()
    figures = []
    floor: list[float] = []
    pulled: list[float] = []
    mirrored: list[float] = []
    for number in range(effort.rounds):
        floor.append(await _copy_out(place, large.id))
        pulled.append(await _pull(place, person, large.id))
        mirrored.append(await asyncio.to_thread(_mirror, place, person, large.id, number))
    figures.append(at_least("pull_100k_vs_copy", pulled, floor, "entities/s", TARGET))
    figures.append(Figure("pull_100k_to_mirror", statistics.median(mirrored), "entities/s"))
    if "pull_delta_100k_vs_1k" in wanted:
        figures.append(await _compare_deltas(place, person, owner, (large, small), effort))
    return figures


async def _compare_deltas(
    place: Place, person: Person, owner: Caller, books: tuple[Book, Book], effort: Effort
) -> Figure:
    cursors = {book: (await _read(place, person, book.id))[2] for book in books}
    for book in books:
        await fill(place, owner, book, DELTA)
    times: dict[Book, list[float]] = {book: [] for book in books}
    for _ in range(effort.page_rounds):
        for book in books:
            started = time.perf_counter()
            changes, _, _ = await _read(place, person, book.id, cursors[book])
            times[book].append((time.perf_counter() - started) * 1000)
            assert changes == DELTA, "a delta has exactly what came after its cursor"
    large, small = books
    return at_most("pull_delta_100k_vs_1k", times[large], times[small], "ms", DELTA_TARGET)


async def _copy_out(place: Place, space_id: UUID) -> float:
    """Bodies a second, as they are kept."""
    query = SQL("COPY (SELECT body FROM journal WHERE space_id = {} AND superseded_by IS NULL) TO STDOUT")
    async with await psycopg.AsyncConnection.connect(place.postgres.superuser_dsn, dbname=DATABASE) as connection:
        started, rows = time.perf_counter(), 0
        async with connection.cursor() as cursor, cursor.copy(query.format(Literal(str(space_id)))) as copy:
            async for part in copy:
                rows += bytes(part).count(b"\n")
        return rows / (time.perf_counter() - started)


async def _pull(place: Place, person: Person, space_id: UUID) -> float:
    """Entities a second that the server sends to somebody who only counts them."""
    started = time.perf_counter()
    changes, size, _ = await _read(place, person, space_id)
    spent = time.perf_counter() - started
    print(f"pull: {changes} entities, {size / 1e6:.1f} MB in {spent:.2f} s: {size / 1e6 / spent:.1f} MB/s", flush=True)
    return changes / spent


async def _read(place: Place, person: Person, space_id: UUID, cursor: str = "") -> tuple[int, int, str]:
    request = PullRequest(space_id=str(space_id), cursor=cursor)
    pages: list[bytes] = []
    async with grpc.aio.insecure_channel(f"127.0.0.1:{place.server.port}") as channel:
        call: Any = channel.unary_stream(PATH)
        async for page in call(request.SerializeToString(), metadata=bearer(person)):
            pages.append(page)  # noqa: PERF401  # an asynchronous comprehension would hide what is timed
    read = [PullResponse.FromString(page) for page in pages]
    return sum(len(page.changes) for page in read), sum(map(len, pages)), read[-1].cursor


def _mirror(place: Place, person: Person, space_id: UUID, number: int) -> float:
    """Entities a second that are in the Python client's mirror, durably."""
    tokens = MemoryTokens(Tokens(access_token=person.tokens.access_token, access_expires_at=2**40))
    path = place.folder / f"mirror-{number}.sqlite"
    with Client(f"127.0.0.1:{place.server.port}", tokens) as client:
        book = OfflineBook.open(path, str(space_id))
        started = time.perf_counter()
        book.pull(client)
        spent = time.perf_counter() - started
        count = len(book.list(Transaction))
        book.close()
    size = path.stat().st_size / 1e6
    print(
        f"mirror: {count} transactions in {spent:.2f} s; the file has {size:.1f} MB: {size / spent:.1f} MB/s",
        flush=True,
    )
    return count / spent
