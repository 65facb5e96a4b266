"""How do contents travel with a backup? As they lie: closed, and named `<space>/<content>/<object>`. What opens them is in the rows."""

import errno
from collections.abc import AsyncIterator
from uuid import UUID

from tallystick.files.storage.storage import FileStorage, ObjectMissing, Place, StorageAway, StorageFull


class ClosedContents:
    """All that a storage holds, for whoever makes copies of it or brings them back."""

    def __init__(self, storage: FileStorage) -> None:
        self._storage = storage

    async def list(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """What is taken away meanwhile is passed over: its row says so, too, or will."""
        async for found in self._storage.walk():
            for name in await self._storage.list_names(found.place):
                try:
                    sealed = await self._storage.get(found.place, name)
                except ObjectMissing:
                    continue
                yield f"{found.place.space_id}/{found.place.content_id}/{name}", _one(sealed)

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Puts an object back, whole or not at all. One that is there already stays as it is. ValueError: it is no name of ours."""
        space_id, content_id, of_object = name.split("/")
        place = Place(UUID(space_id), UUID(content_id))
        try:
            await self._storage.put(place, of_object, b"".join([piece async for piece in pieces]))
        except StorageFull as full:
            raise OSError(errno.ENOSPC, "There is no room for the contents of files") from full
        except StorageAway as away:
            raise OSError(errno.EIO, f"The contents of files cannot be put back: {away}") from away


async def _one(piece: bytes) -> AsyncIterator[bytes]:
    yield piece
