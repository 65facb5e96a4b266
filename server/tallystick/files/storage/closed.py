"""How do contents travel with a backup? As they lie: closed, and named `<space>/<content>/<object>`. What opens them is in the rows."""

import errno
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

from tallystick.files.storage.storage import FileStorage, ObjectMissing, Place, StorageAway, StorageFull

# What contents consist of (files/queries.py). Whatever else lies beside them is none of ours.
_OBJECT = re.compile(r"[0-9]{6,}|thumbnail")


class ClosedContents:
    """All that a storage holds, for whoever makes copies of it or brings them back. OSError: it cannot be reached, or is full."""

    def __init__(self, storage: FileStorage) -> None:
        self._storage = storage

    async def list(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """What is taken away meanwhile is passed over: its row says so, too, or will."""
        with _told():
            async for found in self._storage.walk():
                for name in await self._storage.list_names(found.place):
                    if not _OBJECT.fullmatch(name):
                        continue
                    try:
                        sealed = await self._storage.get(found.place, name)
                    except ObjectMissing:
                        continue
                    yield f"{found.place.space_id}/{found.place.content_id}/{name}", _one(sealed)

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Puts an object back, whole or not at all. One that is there already stays as it is. ValueError: it is no name of ours."""
        place, of_object = _read(name)
        with _told():
            await self._storage.put(place, of_object, b"".join([piece async for piece in pieces]))


def _read(name: str) -> tuple[Place, str]:
    """Exactly as `list` writes it: nothing lies in two places, or outside of them."""
    space_id, content_id, of_object = name.split("/")
    place = Place(UUID(space_id), UUID(content_id))
    if (str(place.space_id), str(place.content_id)) != (space_id, content_id) or not _OBJECT.fullmatch(of_object):
        raise ValueError(f"{name} is no object of a content")
    return place, of_object


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except StorageFull as full:
        raise OSError(errno.ENOSPC, "there is no room for them") from full
    except StorageAway as away:
        raise OSError(errno.EIO, str(away)) from away


async def _one(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
