"""What is kept of one stream? Where its copies are and what to look at next: newest only, so that a slow reader costs nothing more."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from tallystick.caller import Caller
from tallystick.sync.cursor import Cursor, Head, find_reset
from tallystick.v1.sync_pb2 import ResetReason
from tallystick.v1.sync_service_pb2 import (
    WatchAdded,
    WatchBehind,
    WatchRequest,
    WatchReset,
    WatchResponse,
)

# A copy that is behind is told of newer heads, but not of each.
BEHIND_EVERY_S = 0.5


@dataclass(slots=True)
class Place:
    """Where one copy is, as far as the stream knows."""

    # None: there is none, or none that can go on.
    cursor: Cursor | None
    # The head that the stream told of without the changes that lead to it. From then on the copy moves by pulls that the stream does
    # not see, so it gets no changes any more, but news of newer heads: a pull is right wherever the copy is. 0: not so.
    told: int = 0
    quiet_until: float = 0.0
    is_put_off: bool = False

    @property
    def follows(self) -> bool:
        """Whether changes that follow on the cursor follow on the copy."""
        return self.cursor is not None and not self.told

    def is_at(self, space_id: UUID, head: Head) -> bool:
        return self.cursor == Cursor.at(space_id, head, head.seq)

    def tell(self, space_id: UUID, head: Head, now_s: float) -> WatchResponse | None:
        """What is to be told of a head that the stream does not lead to."""
        event = self._compose(str(space_id), head)
        if event is not None:
            self.told = head.seq
            self.quiet_until = now_s + BEHIND_EVERY_S
        return event

    def _compose(self, space_id: str, head: Head) -> WatchResponse | None:
        if self.cursor is not None and (why := find_reset(self.cursor, head)) != ResetReason.RESET_REASON_UNSPECIFIED:
            self.cursor = None
            return WatchResponse(reset=WatchReset(space_id=space_id, reason=why))
        if self.cursor is None and not self.told:
            return WatchResponse(added=WatchAdded(space_id=space_id))
        if head.seq == (self.told or (self.cursor.seq if self.cursor else 0)):
            return None
        return WatchResponse(behind=WatchBehind(space_id=space_id, head=head.seq))


@dataclass(slots=True, eq=False)
class Watcher:
    """One stream. Others mark what is new; the stream looks at it when its reader has room."""

    caller: Caller
    request: WatchRequest
    places: dict[UUID, Place]
    # Spaces to look at.
    dirty: set[UUID] = field(default_factory=set)
    # The list of spaces is to be read, at the start for the first time.
    list_moved: bool = True
    # The token does not count any more.
    is_ended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def mark(self, space_id: UUID) -> None:
        self.dirty.add(space_id)
        self.news.set()

    def mark_list(self) -> None:
        self.list_moved = True
        self.news.set()

    def end(self) -> None:
        self.is_ended = True
        self.news.set()

    def cursors(self) -> list[str]:
        return [place.cursor.text() for place in self.places.values() if place.cursor is not None]
