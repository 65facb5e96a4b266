"""How soon does a device hear of a change, and what does one cost that only waits?

From the moment when somebody calls to the moment when the event is at a watcher of the same space; on the same server, and on
another one over the same database. Meanwhile a thousand others wait. The floor is when the caller has their own answer.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import cast

from bench import wire
from bench.effort import Effort
from bench.figures import Figure
from bench.idle_streams import resident_kb
from bench.place import Place, Served
from people import BookOf, Client, Person, make_book, new_id, sign_up
from tallystick_client.v1.ledger_service_pb2 import CreateBookRequest
from tallystick_client.v1.space_service_pb2 import ListSpacesRequest
from tallystick_client.v1.sync_service_pb2 import GetSyncStatusRequest, WatchRequest, WatchResponse

HERE, THERE = "watch_same_process", "watch_other_process"
KB, CPU = "idle_watch_kb", "idle_watch_cpu"
NAMES = (HERE, THERE, KB, CPU)
PATH = "/tallystick.v1.SyncService/Watch"
# Each connection is one user's, and each user has a home and a book.
STREAMS_A_USER = 10
# Opened first and not counted: what the server keeps once for all streams.
FIRST_STREAMS = 200
OPEN_TIMEOUT_S = 60.0
# So many wait, so many listen, and so many changes come in a second.
WAITING, LISTENING, CHANGES_A_S = 1000, 10, 50
# What is on its way when the writing ends.
LAST_S = 2.0
TARGET_S = {HERE: 0.050, THERE: 0.400}
TARGET_KB, TARGET_CPU = 40.0, 10.0

Key = tuple[str, int]


class Watches(asyncio.Protocol):
    """One connection of one user with so many watches. Events are kept as they come, and read when all is over."""

    def __init__(self, port: int, person: Person, cursors: Sequence[str], streams: int) -> None:
        self._port = port
        self._metadata = (("authorization", f"Bearer {person.tokens.access_token}"),)
        self._message = WatchRequest(cursors=cursors).SerializeToString()
        self._streams = streams
        self._begun: set[int] = set()
        self._buffer = b""
        self.came: list[tuple[float, bytes]] = []
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class.
        self._transport = cast("asyncio.Transport", transport)
        first, later = wire.header_blocks(PATH, f"127.0.0.1:{self._port}", self._metadata)
        calls = (wire.call(2 * n + 1, first if n == 0 else later, self._message) for n in range(self._streams))
        self._transport.write(wire.greeting() + b"".join(calls))

    def data_received(self, data: bytes) -> None:
        now_s = time.perf_counter()
        self._buffer += data
        for frame in wire.read_frames(self._buffer):
            self._buffer = self._buffer[wire.HEAD_BYTES + len(frame.payload) :]
            try:
                self._transport.write(b"".join(wire.replies_to(frame)))
            except wire.WireBroken as broken:
                self.connection_lost(broken)
            if frame.kind == wire.DATA:
                self._begun.add(frame.stream)
                self.came.append((now_s, frame.payload[wire.GRPC_HEAD_BYTES :]))
        if len(self._begun) == self._streams and not self.opened.done():
            self.opened.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(wire.WireBroken(f"the connection was lost: {error}"))

    def close(self) -> None:
        self._transport.close()

    def arrivals(self) -> dict[Key, float]:
        """When each change came, by its space and version."""
        found: dict[Key, float] = {}
        for at_s, payload in self.came:
            changes = WatchResponse.FromString(payload).changes
            for change in changes.changes:
                found.setdefault((changes.space_id, change.version), at_s)
        return found


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures: list[Figure] = []
    if HERE in wanted or THERE in wanted:
        figures += await _measure_news(place, effort, wanted)
    if KB in wanted or CPU in wanted:
        figures += await _measure_waiting(place, effort)
    return figures


async def _measure_news(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    figures = []
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(place.another_server())
        there = await stack.enter_async_context(place.another_server())
        await _open_many(stack, server, WAITING)
        books = [await make_book(await sign_up(server.client, "Listener")) for _ in range(LISTENING)]
        listening = [await _open(stack, server, book.person, 1) for book in books]
        for name, writes_to in ((HERE, server), (THERE, there)):
            if name not in wanted:
                continue
            sent = await _write(books, writes_to, effort.watch_s)
            arrived = {key: at_s for watch in listening for key, at_s in watch.arrivals().items()}
            news_s = [arrived[key] - started_s for key, (started_s, _) in sent.items()]
            figures += _tell(name, news_s, [answered_s - started_s for started_s, answered_s in sent.values()])
    return figures


async def _write(books: Sequence[BookOf], server: Served, seconds: float) -> dict[Key, tuple[float, float]]:
    """So many changes a second, spread over the books. Returns when each was asked for, and when it was answered."""
    clients = [_over(server, book.person) for book in books]
    sent: dict[Key, tuple[float, float]] = {}

    async def write(number: int) -> None:
        book, client = books[number % len(books)], clients[number % len(books)]
        started_s = time.perf_counter()
        answer = await client.ledger.CreateTransaction(book.expense(100))
        sent[book.id, answer.transaction.version] = started_s, time.perf_counter()

    async with asyncio.TaskGroup() as group:
        started_s = time.perf_counter()
        for number in range(round(CHANGES_A_S * seconds)):
            await asyncio.sleep(max(0.0, started_s + number / CHANGES_A_S - time.perf_counter()))
            group.create_task(write(number))
    await asyncio.sleep(LAST_S)
    return sent


def _over(server: Served, person: Person) -> Client:
    """The same session at this server."""
    return server.client.with_token(person.tokens.access_token)


def _tell(name: str, news_s: Sequence[float], answers_s: Sequence[float]) -> list[Figure]:
    target_ms = TARGET_S[name] * 1000
    p50, p99 = _parts(news_s)
    own_p50, own_p99 = _parts(answers_s)
    return [
        Figure(f"{name}_p50", p50, "ms", own_p50),
        Figure(f"{name}_p99", p99, "ms", own_p99, target=f"<= {target_ms:g}", met=p99 <= target_ms),
    ]


def _parts(took_s: Sequence[float]) -> tuple[float, float]:
    """The median and what only one in a hundred exceeds, in milliseconds."""
    hundredths = statistics.quantiles(took_s, n=100)
    return hundredths[49] * 1000, hundredths[98] * 1000


async def _measure_waiting(place: Place, effort: Effort) -> list[Figure]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(place.another_server())
        await _open_many(stack, server, FIRST_STREAMS)
        before_kb = await resident_kb(server.pid)
        await _open_many(stack, server, effort.watches)
        each_kb = (await resident_kb(server.pid) - before_kb) / effort.watches
        figures = [Figure(KB, each_kb, "kB", target=f"<= {TARGET_KB:g}", met=each_kb <= TARGET_KB)]
        busy = await _busy_part(server.pid, effort.watch_s)
        if busy is not None:
            figures.append(
                Figure(CPU, busy * 100, "% of a core", target=f"<= {TARGET_CPU:g}", met=busy * 100 <= TARGET_CPU)
            )
    return figures


async def _open_many(stack: AsyncExitStack, server: Served, streams: int) -> None:
    """Watches of users with a home and a book each, one connection after the other: of a burst of calls gRPC refuses some at random."""
    for _ in range(streams // STREAMS_A_USER):
        person = await sign_up(server.client, "Waiter")
        await person.ledger.CreateBook(CreateBookRequest(request_id=new_id(), name="Home", base_currency="EUR"))
        await _open(stack, server, person, STREAMS_A_USER)


async def _open(stack: AsyncExitStack, server: Served, person: Person, streams: int) -> Watches:
    spaces = [space.id for space in (await person.spaces.ListSpaces(ListSpacesRequest())).spaces]
    statuses = [await person.sync.GetSyncStatus(GetSyncStatusRequest(space_id=space_id)) for space_id in spaces]
    cursors = [status.cursor for status in statuses]
    loop = asyncio.get_running_loop()
    _, watches = await loop.create_connection(
        lambda: Watches(server.port, person, cursors, streams), "127.0.0.1", server.port
    )
    stack.callback(watches.close)
    async with asyncio.timeout(OPEN_TIMEOUT_S):
        await watches.opened
    return watches


async def _busy_part(pid: int, seconds: float) -> float | None:
    """Which part of a core a process takes. None: this system does not tell."""
    status = Path(f"/proc/{pid}/stat")
    if not status.exists():
        return None
    before = _ticks(status)
    started_s = time.perf_counter()
    await asyncio.sleep(seconds)
    return (_ticks(status) - before) / os.sysconf("SC_CLK_TCK") / (time.perf_counter() - started_s)


def _ticks(status: Path) -> int:
    # The name of the program, in brackets, may have spaces in it.
    fields = status.read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
