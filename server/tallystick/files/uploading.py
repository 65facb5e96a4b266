"""How does a content come in, and become a file? Part by part, each sealed before it lies anywhere; then it is read back, and judged by
what it is.

The order makes a crash harmless: the row of an upload is there before its first part, a part is whole or not there, and a file is there
only when its content is.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import LimitReached, NotVisible, Unavailable
from tallystick.files import commands, queries, rules, sealing
from tallystick.files.commands import Inspected
from tallystick.files.queries import THUMBNAIL, Upload, name_of, numbers_of, read_piece
from tallystick.files.rules_types import HEAD_BYTES, type_of
from tallystick.files.storage.storage import FileStorage, Place, StorageAway, StorageFull
from tallystick.files.thumbnails import Thumbnails
from tallystick.store.store import Store
from tallystick.times import to_timestamp
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.file_pb2 import File, FileUpload
from tallystick.v1.file_service_pb2 import (
    CancelUploadRequest,
    CancelUploadResponse,
    FinishUploadRequest,
    FinishUploadResponse,
    GetUploadRequest,
    UploadPartRequest,
)


@contextmanager
def speaking() -> Iterator[None]:
    """Says in the contract's words what the storage says."""
    try:
        yield
    except StorageFull as full:
        raise LimitReached(ErrorReason.ERROR_REASON_STORAGE_FULL, "The server has no room for files left.") from full
    except StorageAway as away:
        raise Unavailable(
            ErrorReason.ERROR_REASON_STORAGE_UNAVAILABLE, "The files are away.", retry_after_s=5.0
        ) from away


class Uploading:
    """Takes contents in."""

    def __init__(self, store: Store, storage: FileStorage, thumbnails: Thumbnails, limits: rules.Limits) -> None:
        self._store = store
        self._storage = storage
        self._thumbnails = thumbnails
        self._limits = limits

    async def get(self, caller: Caller, request: GetUploadRequest) -> FileUpload:
        upload = await self._find(caller, request)
        with speaking():
            numbers = numbers_of(await self._storage.list_names(upload.place))
        row = upload.row
        assert row.remove_at is not None, "an upload has an end"
        return FileUpload(
            file_id=upload.file.id,
            size_bytes=row.size_bytes,
            part_bytes=row.part_bytes,
            part_count=rules.count_parts(row.size_bytes, row.part_bytes),
            part_numbers=numbers,
            expires_at=to_timestamp(row.remove_at),
        )

    async def put_part(self, caller: Caller, request: UploadPartRequest) -> None:
        upload = await self._find(caller, request)
        rules.require_part(request.number, len(request.data), upload.row.size_bytes, upload.row.part_bytes)
        if await hash_of(request.data) != request.sha256:
            raise rules.checksum_mismatch()
        if request.number == 0:
            # Whoever brings something else hears of it before the rest has come.
            rules.require_content(upload.row.size_bytes, type_of(request.data[:HEAD_BYTES]), self._limits)
        name = name_of(request.number)
        with speaking():
            if not await self._put(upload, name, request.data):
                # Somebody has put it before, perhaps this very caller who never heard of it.
                there = await read_piece(self._storage, upload.key, upload.place, name)
                if await hash_of(there) != request.sha256:
                    raise rules.part_differs()

    async def finish(self, caller: Caller, request: FinishUploadRequest) -> FinishUploadResponse:
        first = await self._store.find_answer(caller, request.space_id, request, FinishUploadResponse)
        if first is not None:
            return first
        upload = await self._find(caller, request)
        with speaking():
            inspected = await self._inspect(upload, request.sha256)
        return await self._store.write(
            caller,
            request.space_id,
            request,
            partial(commands.finish_upload, inspected=inspected),
            FinishUploadResponse,
        )

    async def cancel(self, caller: Caller, request: CancelUploadRequest) -> CancelUploadResponse:
        upload = await self._find_unless_done(caller, request)
        place = upload.place if upload else Place(UUID(request.space_id), UUID(int=0))
        cancelled: set[UUID] = set()
        answer = await self._store.write(
            caller,
            request.space_id,
            request,
            partial(commands.cancel_upload, content_id=place.content_id, cancelled=cancelled),
            CancelUploadResponse,
        )
        if place.content_id in cancelled:
            # What does not go now goes with the next sweep: no row speaks of it any more.
            with suppress(StorageAway):
                await self._storage.remove(place)
        return answer

    async def _find_unless_done(self, caller: Caller, request: CancelUploadRequest) -> Upload | None:
        """None: it is not there, any more or at all. The door knows whether it was this request that took it away."""
        try:
            return await self._find(caller, request)
        except NotVisible:
            return None

    async def _find(
        self, caller: Caller, request: GetUploadRequest | UploadPartRequest | FinishUploadRequest | CancelUploadRequest
    ) -> Upload:
        tx = self._store.reader(caller, request.space_id, request)
        return await queries.get_upload(tx, UUID(request.file_id), caller.user_id, self._store.clock.now())

    async def _inspect(self, upload: Upload, sha256: bytes) -> Inspected:
        """Reads back what lies there, and says what it is."""
        row = upload.row
        there = set(numbers_of(await self._storage.list_names(upload.place)))
        rules.require_all_parts(there, row.size_bytes, row.part_bytes)
        digest, kept, content_type = hashlib.sha256(), list[bytes](), ""
        async for plain in self._read_back(upload):
            await asyncio.to_thread(digest.update, plain)
            content_type = content_type or type_of(plain[:HEAD_BYTES])
            if self._thumbnails.can_show(content_type, row.size_bytes):
                kept.append(plain)
        if digest.digest() != sha256:
            raise rules.checksum_mismatch()
        rules.require_content(row.size_bytes, content_type, self._limits)
        found = File()
        found.CopyFrom(upload.file)
        found.content_type, found.sha256 = content_type, sha256
        if kept:
            thumbnail = await self._thumbnails.find(content_type, b"".join(kept))
            if thumbnail is not None:
                # One that is there already was made of the same parts.
                await self._put(upload, THUMBNAIL, thumbnail)
                found.has_thumbnail = True
        return Inspected(row.content_id, upload.key, found)

    async def _read_back(self, upload: Upload) -> AsyncIterator[bytes]:
        row = upload.row
        for number in range(rules.count_parts(row.size_bytes, row.part_bytes)):
            yield await read_piece(self._storage, upload.key, upload.place, name_of(number))

    async def _put(self, upload: Upload, name: str, plain: bytes) -> bool:
        sealed = await asyncio.to_thread(sealing.close, upload.key, upload.place, name, plain)
        return await self._storage.put(upload.place, name, sealed)


async def hash_of(data: bytes) -> bytes:
    return await asyncio.to_thread(lambda: hashlib.sha256(data).digest())
