"""How does a device hear of what happens? One stream for all its spaces, which may be lost at any time: the truth is Pull.

A stream that waits holds neither a connection nor a transaction, and nothing is queued for it.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from uuid import UUID

from google.protobuf.duration_pb2 import Duration

from tallystick.caller import Caller
from tallystick.errors import InvalidInput, NotVisible, Unavailable
from tallystick.identity.credentials import Credentials
from tallystick.identity.rules import invalid_token
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.sync import queries
from tallystick.sync.audience import Audience
from tallystick.sync.cursor import Head, read_cursor
from tallystick.sync.heads import Heads
from tallystick.sync.pulling import Pulling
from tallystick.sync.queries_watching import SPACES_AND_HEADS
from tallystick.sync.watcher import Place, Watcher
from tallystick.sync.wire import compose_watched
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.sync_service_pb2 import (
    WatchChanges,
    WatchForget,
    WatchGoodbye,
    WatchHeartbeat,
    WatchRequest,
    WatchResponse,
)

INLINE_BYTES_MAX = 64 * 1024
HEARTBEAT_S = 20.0
# So that streams that began together do not end together.
LIFETIME_JITTER = 0.1
AGAIN_AFTER_MAX_S = 2.0
# Watches share what they may take of the pool: however many wake up at once, writers do not wait for them.
READS_AT_ONCE = 4

Event = WatchResponse | bytes


class Watching:
    """The streams of this process."""

    def __init__(
        self,
        store: Store,
        apart: Apart,
        heads: Heads,
        pulling: Pulling,
        credentials: Credentials,
        *,
        lifetime_s: float,
    ) -> None:
        self.audience = Audience(apart, credentials, store.clock)
        self._store = store
        self._apart = apart
        self._heads = heads
        self._pulling = pulling
        self._lifetime_s = lifetime_s
        self._free = asyncio.Semaphore(READS_AT_ONCE)
        self._is_leaving = False

    def drain(self) -> None:
        """Says goodbye to all streams, as soon as their readers have room, and takes no new ones."""
        self._is_leaving = True
        for watcher in self.audience:
            watcher.news.set()

    async def stream(self, caller: Caller, request: WatchRequest) -> AsyncIterator[Event]:
        """What happens in the caller's spaces, until one side ends it."""
        if self._is_leaving:
            raise Unavailable(ErrorReason.ERROR_REASON_SHUTTING_DOWN, "The server is shutting down.", retry_after_s=1.0)
        watcher = Watcher(caller, request, _read_places(request.cursors))
        # A copy of a space that is not in the caller's list is looked at through the door, which says whether it is to be forgotten.
        watcher.dirty.update(watcher.places)
        clock = asyncio.get_running_loop().time
        ends_at = clock() + self._lifetime_s * random.uniform(1 - LIFETIME_JITTER, 1 + LIFETIME_JITTER)
        # The first heartbeat comes as soon as nothing else is to be told, however soon that is.
        has_begun, heartbeat_at = False, ends_at
        self.audience.admit(watcher)
        try:
            while True:
                watcher.news.clear()
                if watcher.is_ended:
                    raise invalid_token()
                if self._is_leaving or clock() >= ends_at:
                    yield _goodbye(watcher)
                    return
                if watcher.list_moved:
                    await self._read_list(watcher)
                if watcher.dirty:
                    event = await self._tell(watcher, watcher.dirty.pop())
                elif not has_begun or clock() >= heartbeat_at:
                    has_begun = True
                    event = WatchResponse(heartbeat=WatchHeartbeat(cursors=watcher.cursors()))
                else:
                    await _rest(watcher, min(heartbeat_at, ends_at))
                    continue
                if event is not None:
                    heartbeat_at = clock() + HEARTBEAT_S
                    yield event
        finally:
            # Also when the reader goes away, which ends a stream that waits in a `yield` by GeneratorExit.
            self.audience.leave(watcher)
            self._heads.leave(watcher, watcher.places)

    async def _read_list(self, watcher: Watcher) -> None:
        """Follows what the caller is in, and marks what is new. A space that they lost is marked by its head, which moved when they did."""
        watcher.list_moved = False
        caller = watcher.caller
        async with self._free:
            rows = await self._apart.fetch(SPACES_AND_HEADS(user_id=caller.user_id))
        self.audience.know_list(caller.user_id, (row[1] for row in rows))
        listed = {space_id: Head(*head) for space_id, _, *head in rows if caller.may_reach(space_id)}
        for space_id, head in listed.items():
            place = watcher.places.setdefault(space_id, Place(None))
            if place.is_at(space_id, head):
                watcher.dirty.discard(space_id)
            elif not place.told:
                watcher.dirty.add(space_id)
            self._heads.follow(watcher, space_id, head.seq)

    async def _tell(self, watcher: Watcher, space_id: UUID) -> Event | None:
        """What is new in a space, if anything is. Every look passes the door, so nobody hears of a space that they left."""
        place = watcher.places.get(space_id)
        if place is None or _is_put_off(watcher, space_id, place):
            return None
        try:
            async with self._free:
                if place.cursor is not None and place.follows:
                    stretch = await self._pulling.stretch(
                        watcher.caller, watcher.request, place.cursor, INLINE_BYTES_MAX
                    )
                    if stretch is not None:
                        if stretch.seq == place.cursor.seq:
                            return None
                        place.cursor = replace(place.cursor, seq=stretch.seq)
                        # Also without changes: they may all be private to others, and the next ones follow on this cursor.
                        event = WatchChanges(space_id=str(space_id), cursor=place.cursor.text())
                        return compose_watched(stretch.changes, event)
                tx = self._store.reader(watcher.caller, space_id, watcher.request)
                head = Head(*(await tx.fetch(queries.HEAD(space_id=space_id)))[0])
        except NotVisible:
            del watcher.places[space_id]
            self._heads.leave(watcher, [space_id])
            self.audience.doubt_list(watcher.caller.user_id)
            return WatchResponse(forget=WatchForget(space_id=str(space_id)))
        return place.tell(space_id, head, asyncio.get_running_loop().time())


def _read_places(cursors: Sequence[str]) -> dict[UUID, Place]:
    places: dict[UUID, Place] = {}
    for number, text in enumerate(cursors):
        field = f"cursors[{number}]"
        cursor = read_cursor(field, text)
        if cursor.space_id in places:
            reason = ErrorReason.ERROR_REASON_INVALID_CURSOR
            raise InvalidInput.of_field(field, "is of the same space as one before it", reason)
        places[cursor.space_id] = Place(cursor)
    return places


def _is_put_off(watcher: Watcher, space_id: UUID, place: Place) -> bool:
    """Whether so much was told of the space a moment ago that the next news can wait."""
    loop = asyncio.get_running_loop()
    if place.is_put_off or loop.time() >= place.quiet_until:
        return place.is_put_off

    def go_on() -> None:
        place.is_put_off = False
        watcher.mark(space_id)

    place.is_put_off = True
    loop.call_at(place.quiet_until, go_on)
    return True


async def _rest(watcher: Watcher, until: float) -> None:
    try:
        async with asyncio.timeout_at(until):
            await watcher.news.wait()
    except TimeoutError:
        return


def _goodbye(watcher: Watcher) -> WatchResponse:
    again_after = Duration()
    again_after.FromMilliseconds(int(random.uniform(0, AGAIN_AFTER_MAX_S) * 1000))
    return WatchResponse(goodbye=WatchGoodbye(cursors=watcher.cursors(), again_after=again_after))
