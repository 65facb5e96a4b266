"""What loads the servers? Callers that each wait for their answer and call again, over a few connections, in this process.

The same generator loads the server and its floor, so that what it costs itself weighs on both.
"""

import asyncio
import gc
import statistics
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from bench import wire

OK, ABORTED, UNAVAILABLE = 0, 10, 14
# Statuses after which the same request is simply sent again, as every client would.
RETRIED = frozenset({ABORTED, UNAVAILABLE})
WARM_UP_S = 0.5
# How long answers may take after the last call was sent.
DRAIN_TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 10.0

# Makes the next message; the number is the connection's, so that each can have a user of its own.
Compose = Callable[[int], bytes]
OnAnswer = Callable[[bytes, bytes], None]


@dataclass(frozen=True)
class Target:
    """Where calls go, and as whom: `metadata` of each connection, so that several users can call."""

    port: int
    path: str
    metadata: Sequence[Sequence[tuple[str, str]]] = ((),)


class CallsFailed(Exception):
    """Calls that had to succeed did not."""


@dataclass
class Tally:
    """What came of a run."""

    answered: int = 0
    measured: int = 0
    seconds: float = 0.0
    retries: int = 0
    failures: Counter[int] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.measured / self.seconds

    @property
    def p50_ms(self) -> float:
        return statistics.median(self.latencies_s) * 1000

    def require_no_failures(self) -> None:
        """A rate of refusals is no rate."""
        if self.failures:
            raise CallsFailed(f"calls failed, by their gRPC status: {dict(self.failures)}")


class Connection(asyncio.Protocol):
    """One connection with so many callers on it."""

    def __init__(
        self, target: Target, number: int, callers: int, compose: Compose, tally: Tally, on_answer: OnAnswer | None
    ) -> None:
        metadata = target.metadata[number % len(target.metadata)]
        self._number = number
        self._first, self._later = wire.header_blocks(target.path, f"127.0.0.1:{target.port}", metadata)
        self._callers = callers
        self._compose = compose
        self._tally = tally
        self._on_answer = on_answer
        self._started: dict[int, tuple[float, bytes]] = {}
        self._bodies: dict[int, bytes] = {}
        self._retries: deque[bytes] = deque()
        self._next_stream = 1
        self._buffer = b""
        self._window_bytes = wire.WINDOW_BYTES_DEFAULT
        self._unacknowledged_bytes = 0
        self._measure_from = self._measure_until = 0.0
        self._running = 0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(wire.greeting())

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(wire.WireBroken(f"the connection was lost: {error}"))

    def start(self, measure_from: float, measure_until: float) -> None:
        self._measure_from, self._measure_until = measure_from, measure_until
        self._running = self._callers
        # The first call brings the headers into the server's table, so it must be the first to arrive.
        self._transport.write(b"".join(self._next_call(time.perf_counter()) for _ in range(self._callers)))

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        try:
            out = self._read(self._buffer + data if self._buffer else data)
        except Exception as broken:
            if not self.ended.done():
                self.ended.set_exception(broken)
            self._transport.abort()
            return
        if out:
            self._transport.write(b"".join(out))

    def _read(self, buffer: bytes) -> list[bytes]:
        out: list[bytes] = []
        read_bytes = 0
        now = time.perf_counter()
        for frame in wire.read_frames(buffer):
            kind = frame.kind
            read_bytes += wire.HEAD_BYTES + len(frame.payload)
            if kind == wire.HEADERS:
                if frame.flags & wire.END_STREAM:
                    out += self._answered(frame, now)
            elif kind == wire.DATA:
                self._unacknowledged_bytes += len(frame.payload)
                if self._on_answer:
                    self._bodies[frame.stream] = self._bodies.get(frame.stream, b"") + frame.payload
            else:
                out += self._control(frame)
        self._buffer = buffer[read_bytes:]
        if self._unacknowledged_bytes > wire.WINDOW_BYTES_MAX // 4:
            out.append(wire.compose_frame(wire.WINDOW_UPDATE, 0, 0, self._unacknowledged_bytes.to_bytes(4)))
            self._unacknowledged_bytes = 0
        return out

    def _control(self, frame: wire.Frame) -> list[bytes]:
        if frame.kind == wire.WINDOW_UPDATE and frame.stream == 0:
            self._window_bytes += int.from_bytes(frame.payload)
        return wire.replies_to(frame)

    def _answered(self, frame: wire.Frame, now: float) -> list[bytes]:
        started, message = self._started.pop(frame.stream)
        body = self._bodies.pop(frame.stream, b"")
        tally = self._tally
        status = wire.status_of(frame.payload)
        if status == OK:
            tally.answered += 1
            if self._measure_from <= now < self._measure_until:
                tally.measured += 1
                tally.latencies_s.append(now - started)
            if self._on_answer:
                self._on_answer(message, body[wire.GRPC_HEAD_BYTES :])
        elif status in RETRIED:
            tally.retries += 1
            self._retries.append(message)
        else:
            tally.failures[status] += 1
        if self._retries or now < self._measure_until:
            return [self._next_call(now)]
        self._running -= 1
        if self._running == 0:
            self.ended.set_result(None)
        return []

    def _next_call(self, now: float) -> bytes:
        message = self._retries.popleft() if self._retries else self._compose(self._number)
        stream = self._next_stream
        self._next_stream += 2
        self._started[stream] = (now, message)
        self._window_bytes -= len(message) + wire.GRPC_HEAD_BYTES
        if self._window_bytes < 0:
            raise wire.WireBroken("the server does not read as fast as it answers; this generator cannot wait for that")
        return wire.call(stream, self._first if stream == 1 else self._later, message)


async def run(
    target: Target,
    compose: Compose,
    seconds: float,
    *,
    callers: int,
    connections: int,
    on_answer: OnAnswer | None = None,
    warm_up_s: float = WARM_UP_S,
) -> Tally:
    """Calls for so long after a warm-up, and waits for every answer."""
    tally = Tally(seconds=seconds)
    per_connection, left_over = divmod(callers, connections)
    assert not left_over, "every connection carries as many callers as the others"
    made: list[Connection] = []
    loop = asyncio.get_running_loop()
    # A collection in the middle of a run would be a stall that the server is blamed for.
    gc.disable()
    try:
        for number in range(connections):
            connection = Connection(target, number, per_connection, compose, tally, on_answer)
            made.append(connection)
            await asyncio.wait_for(
                loop.create_connection(lambda one=connection: one, "127.0.0.1", target.port),  # type: ignore[misc]  # a lambda with a default is untyped
                CONNECT_TIMEOUT_S,
            )
        measure_from = time.perf_counter() + warm_up_s
        for connection in made:
            connection.start(measure_from, measure_from + seconds)
        async with asyncio.timeout(warm_up_s + seconds + DRAIN_TIMEOUT_S):
            await asyncio.gather(*(connection.ended for connection in made))
    finally:
        gc.enable()
        for connection in made:
            connection.close()
    return tally
