"""What must a place be able to do that contents of files lie in? Objects that are put once, read, and taken away together.

It is given sealed bytes only. An object never changes, so whatever has read one has read what everybody reads; and what a place does not
hold any more is not there by halves.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID


class Place(NamedTuple):
    """Where one content is. `content_id` is made anew for each upload: what was taken away never comes back under its name."""

    space_id: UUID
    content_id: UUID


class Found(NamedTuple):
    """A content that is there, and when something was last put into it."""

    place: Place
    changed_at: datetime


class StorageFull(Exception):
    """There is no room left. Nothing of what was to be put is there."""


class StorageAway(Exception):
    """It cannot be reached, or not be written to."""


class ObjectMissing(Exception):
    """What the database speaks of is not there. Never the caller's fault; somebody must look."""


class FileStorage(Protocol):
    """A folder, or one day a bucket. Every call may raise StorageAway."""

    async def put(self, place: Place, name: str, sealed: bytes) -> bool:
        """Puts an object so that it outlasts a crash, or does nothing. False: there is one of that name, which stays as it is."""

    async def get(self, place: Place, name: str) -> bytes:
        """An object as it was put. Raises ObjectMissing."""

    async def list_names(self, place: Place) -> list[str]:
        """What a content consists of. Nothing: it is not there."""

    async def list_sizes(self, place: Place) -> Mapping[str, int]:
        """The same, and how many bytes each object has."""

    async def remove(self, place: Place) -> None:
        """Takes a content away, with all its objects. One that is not there is no failure."""

    def walk(self) -> AsyncIterator[Found]:
        """Every content that is there."""

    async def tidy(self, before: datetime) -> int:
        """Takes away what was left behind, before that moment, by whoever died while putting. Returns how many."""
