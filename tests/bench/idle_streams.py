"""What does a client cost that only waits? The server's memory for each open stream on which nothing happens.

The streams are those of grpc.health.v1.Health/Watch, which every server has: one message, and then silence.
"""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import cast

from grpc_health.v1.health_pb2 import HealthCheckRequest

from bench import wire
from bench.effort import Effort
from bench.figures import Figure
from bench.place import Place

NAMES = ("idle_stream_kb",)
PATH = "/grpc.health.v1.Health/Watch"
STREAMS_A_CONNECTION = 100
# Opened first and not counted: what the server keeps once for all streams.
FIRST_STREAMS = 200
OPEN_TIMEOUT_S = 60.0


class Watching(asyncio.Protocol):
    """One connection with so many streams that are never ended."""

    def __init__(self, port: int, streams: int) -> None:
        self._port = port
        self._streams = streams
        self._waiting = streams
        self._buffer = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class.
        self._transport = cast("asyncio.Transport", transport)
        first, later = wire.header_blocks(PATH, f"127.0.0.1:{self._port}", ())
        message = HealthCheckRequest().SerializeToString()
        calls = (wire.call(2 * n + 1, first if n == 0 else later, message) for n in range(self._streams))
        self._transport.write(wire.greeting() + b"".join(calls))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for frame in wire.read_frames(self._buffer):
            self._buffer = self._buffer[wire.HEAD_BYTES + len(frame.payload) :]
            try:
                self._transport.write(b"".join(wire.replies_to(frame)))
            except wire.WireBroken as broken:
                self.connection_lost(broken)
            if frame.kind == wire.DATA:
                self._waiting -= 1
        if self._waiting == 0 and not self.opened.done():
            self.opened.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(wire.WireBroken(f"the connection was lost: {error}"))

    def close(self) -> None:
        self._transport.close()


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    port, pid = place.server.port, place.server.pid
    opened: list[Watching] = []
    try:
        await _open(port, FIRST_STREAMS, opened)
        before_kb = await resident_kb(pid)
        await _open(port, effort.streams, opened)
        after_kb = await resident_kb(pid)
    finally:
        for connection in opened:
            connection.close()
    return [Figure(NAMES[0], (after_kb - before_kb) / effort.streams, "kB")]


async def _open(port: int, streams: int, opened: list[Watching]) -> None:
    """One connection after the other: gRPC refuses at random when more than a thousand calls wait to be taken up at once."""
    loop = asyncio.get_running_loop()
    for start in range(0, streams, STREAMS_A_CONNECTION):
        connection = Watching(port, min(STREAMS_A_CONNECTION, streams - start))
        await loop.create_connection(lambda one=connection: one, "127.0.0.1", port)  # type: ignore[misc]  # a lambda with a default is untyped
        opened.append(connection)
        async with asyncio.timeout(OPEN_TIMEOUT_S):
            await connection.opened


async def resident_kb(pid: int) -> float:
    """The memory of a process that is in RAM."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return float(line.split()[1])
    ps = await asyncio.create_subprocess_exec("ps", "-o", "rss=", "-p", str(pid), stdout=asyncio.subprocess.PIPE)
    return float((await ps.communicate())[0])
