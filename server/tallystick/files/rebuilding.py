"""How do contents come back? Each with a key of its own, as if it had just been brought, and held against what its file says of it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from tallystick.files import queries, rules, sealing, writes
from tallystick.files.queries import THUMBNAIL, name_of
from tallystick.files.rules import PART_BYTES, Limits
from tallystick.files.storage.storage import FileStorage, Place, StorageAway
from tallystick.files.tables import FILE_KEY
from tallystick.files.thumbnails import Thumbnails
from tallystick.files.uploading import speaking
from tallystick.rebuilding.refusals import unsound
from tallystick.store.tx import Snapshot
from tallystick.v1.file_pb2 import File


class Contents:
    """Where contents are kept."""

    def __init__(self, storage: FileStorage, limits: Limits) -> None:
        self.storage = storage
        self.limits = limits
        self.thumbnails = Thumbnails()

    def begin(self, view: Snapshot, user_id: UUID, seq: int, now: datetime) -> "Putting":
        return Putting(self, view, user_id, seq, now)


class Putting:
    """The contents of one space that is brought back."""

    def __init__(self, contents: Contents, view: Snapshot, user_id: UUID, seq: int, now: datetime) -> None:
        self._contents = contents
        self._view = view
        self._user_id = user_id
        self._seq = seq
        self._now = now
        self._places: list[Place] = []

    @property
    def count(self) -> int:
        return len(self._places)

    async def put(self, file: File, pieces: AsyncIterator[bytes]) -> None:
        """One that is there stays, also if it was about to go."""
        file_id = UUID(file.id)
        if await self.is_there(file_id):
            await self._view.fetch_all(writes.REMOVE_AT(of_space=self._view.space_id, of_file=file_id, at=None))
            return
        await self._require_room(file)
        place, key = Place(self._view.space_id, uuid4()), sealing.new_key()
        self._places.append(place)
        with speaking():
            await self._put_parts(file, place, key, pieces)
        cell = self._view.seal.close(FILE_KEY.place, FILE_KEY.row_of({"file_id": file_id}), self._seq, key)
        await self._view.fetch_all(
            writes.BEGIN_CONTENT(
                space_id=place.space_id,
                file_id=file_id,
                content_id=place.content_id,
                user_id=self._user_id,
                size_bytes=file.size_bytes,
                part_bytes=PART_BYTES,
                started_at=self._now,
                finished_at=self._now,
                remove_at=None,
            ),
            FILE_KEY.keep(space_id=place.space_id, file_id=file_id, version=self._seq, amount=cell),
        )

    async def is_there(self, file_id: UUID) -> bool:
        """Held until this is decided: what takes contents away waits, or was faster."""
        held = await self._view.fetch(queries.HOLD_CONTENT(space_id=self._view.space_id, file_id=file_id))
        return bool(held) and held[0][1] is not None

    async def remove_later(self, file_ids: Sequence[UUID]) -> None:
        at = self._now + rules.DELETED_KEPT
        for file_id in file_ids:
            await self._view.fetch_all(writes.REMOVE_AT(of_space=self._view.space_id, of_file=file_id, at=at))

    async def undo(self) -> None:
        for place in self._places:
            # What does not go now goes with the next sweep: no row speaks of it.
            with suppress(StorageAway):
                await self._contents.storage.remove(place)

    async def _require_room(self, file: File) -> None:
        number = int.from_bytes(self._user_id.bytes[:8], signed=True)
        _, ((held,),) = await self._view.fetch_all(
            queries.HOLD_USER(number=number), queries.HELD_BY(user_id=self._user_id)
        )
        rules.require_room(int(held), file.size_bytes, self._contents.limits)

    async def _put_parts(self, file: File, place: Place, key: bytes, pieces: AsyncIterator[bytes]) -> None:
        digest, size, number = hashlib.sha256(), 0, 0
        can_show = file.has_thumbnail and self._contents.thumbnails.can_show(file.content_type, file.size_bytes)
        shown, waiting = bytearray(), bytearray()
        async for piece in pieces:
            size += len(piece)
            if size > file.size_bytes:
                raise unsound("file.size_bytes")
            await asyncio.to_thread(digest.update, piece)
            waiting += piece
            if can_show:
                shown += piece
            while len(waiting) >= PART_BYTES:
                await self._put_object(place, key, name_of(number), bytes(waiting[:PART_BYTES]))
                del waiting[:PART_BYTES]
                number += 1
        if size != file.size_bytes or digest.digest() != file.sha256:
            raise unsound("file.sha256")
        if waiting:
            await self._put_object(place, key, name_of(number), bytes(waiting))
        thumbnail = await self._contents.thumbnails.find(file.content_type, bytes(shown)) if can_show else None
        if thumbnail is not None:
            await self._put_object(place, key, THUMBNAIL, thumbnail)

    async def _put_object(self, place: Place, key: bytes, name: str, plain: bytes) -> None:
        sealed = await asyncio.to_thread(sealing.close, key, place, name, plain)
        await self._contents.storage.put(place, name, sealed)
