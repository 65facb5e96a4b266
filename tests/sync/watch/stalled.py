"""How does a device stall that does not go away? Its connection stays and it takes nothing more: bare HTTP/2, whose window nobody opens."""

import asyncio
from typing import cast

from bench import wire
from tallystick_client.v1.sync_service_pb2 import WatchRequest

PATH = "/tallystick.v1.SyncService/Watch"
# A connection's streams share a window of 64 KiB, which is never opened again.
STREAMS_A_CONNECTION = 20


class Stalled(asyncio.Protocol):
    """One connection with so many watches that are read until the window is full, and then not."""

    def __init__(self, port: int, token: str, cursors: list[str], streams: int = STREAMS_A_CONNECTION) -> None:
        self._authority = f"127.0.0.1:{port}"
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._message = WatchRequest(cursors=cursors).SerializeToString()
        self._streams = streams
        self._begun: set[int] = set()
        self._buffer = b""
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        first, later = wire.header_blocks(PATH, self._authority, self._metadata)
        calls = (wire.call(2 * n + 1, first if n == 0 else later, self._message) for n in range(self._streams))
        settings = wire.compose_frame(wire.SETTINGS, 0, 0, wire.HEADER_TABLE_SIZE.to_bytes(2) + (0).to_bytes(4))
        self._transport.write(wire.PREFACE + settings + b"".join(calls))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        for frame in wire.read_frames(self._buffer):
            self._buffer = self._buffer[wire.HEAD_BYTES + len(frame.payload) :]
            self._transport.write(b"".join(wire.replies_to(frame)))
            if frame.kind == wire.DATA:
                self._begun.add(frame.stream)
                self.received += len(frame.payload)
        if len(self._begun) == self._streams and not self.begun.done():
            self.begun.set_result(None)

    def close(self) -> None:
        self._transport.close()


async def stall(port: int, token: str, cursors: list[str], streams: int = STREAMS_A_CONNECTION) -> Stalled:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Stalled(port, token, cursors, streams), "127.0.0.1", port)
    async with asyncio.timeout(30):
        await connection.begun
    return connection
