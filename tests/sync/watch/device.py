"""How does a device watch in tests? It waits for events with a deadline, and never sleeps."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from people import Client, Refusal, read_refusal
from tallystick_client.v1.sync_service_pb2 import GetSyncStatusRequest, WatchRequest, WatchResponse

PATIENCE_S = 10.0


class Watch:
    """One open stream."""

    def __init__(self, call: Any) -> None:
        self.call = call

    async def next(self, timeout_s: float = PATIENCE_S) -> WatchResponse:
        async with asyncio.timeout(timeout_s):
            event = await self.call.read()
        assert event is not grpc.aio.EOF, "the stream ended, and an event was to come"
        assert isinstance(event, WatchResponse)
        return event

    async def expect(self, kind: str) -> Any:
        """The next event that is no heartbeat."""
        while True:
            event = await self.next()
            found = event.WhichOneof("event")
            if found != "heartbeat":
                assert found == kind, event
                return getattr(event, kind)

    async def start(self) -> list[WatchResponse]:
        """What comes before the first heartbeat."""
        events: list[WatchResponse] = []
        while not (event := await self.next()).HasField("heartbeat"):
            events.append(event)
        return events

    async def heartbeat(self) -> list[str]:
        event = await self.next()
        assert event.HasField("heartbeat"), event
        return list(event.heartbeat.cursors)

    async def refusal(self) -> Refusal:
        """How the server ends the stream with an error; what comes before it is passed over."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while await self.call.read() is not grpc.aio.EOF:
                    pass
        except grpc.aio.AioRpcError as error:
            return read_refusal(error)
        raise AssertionError("the stream ended well, and had to be refused")

    async def ends(self) -> None:
        """The server ends the stream well, with nothing more to say."""
        async with asyncio.timeout(PATIENCE_S):
            assert await self.call.read() is grpc.aio.EOF
            assert await self.call.code() is grpc.StatusCode.OK


@asynccontextmanager
async def watching(client: Client, *cursors: str) -> AsyncIterator[Watch]:
    """A stream, that is cancelled at the end whatever happened: one that is only dropped goes on for ever."""
    call = client.streams.Watch(WatchRequest(cursors=cursors))
    try:
        yield Watch(call)
    finally:
        call.cancel()


@asynccontextmanager
async def up_to_date(client: Client, *space_ids: str) -> AsyncIterator[Watch]:
    """A stream of a device whose copies of these spaces are at their heads, past its first heartbeat."""
    async with watching(client, *[await cursor_of(client, space_id) for space_id in space_ids]) as watch:
        told = await watch.start()
        assert {event.WhichOneof("event") for event in told} <= {"added"}
        yield watch


async def cursor_of(client: Client, space_id: str) -> str:
    """Where a copy that is at the head is."""
    status = await client.sync.GetSyncStatus(GetSyncStatusRequest(space_id=space_id))
    return str(status.cursor)


def bodies(changes: Any) -> list[Any]:
    """The entities in an event's changes."""
    return [getattr(change.entity, change.entity.WhichOneof("kind")) for change in changes.changes]
