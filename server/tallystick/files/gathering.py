"""How does a whole file come in one call? As the calls for its parts would bring it, one after the other.

A repeat asks first what is there: whatever was whole is passed over, so that only what is missing is written again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID, uuid5

from tallystick.caller import Caller
from tallystick.errors import InvalidInput, NotVisible
from tallystick.files import rules
from tallystick.files.uploading import Uploading, hash_of
from tallystick.v1.file_pb2 import File
from tallystick.v1.file_service_pb2 import (
    FinishUploadRequest,
    GetUploadRequest,
    StartUploadRequest,
    StartUploadResponse,
    UploadPartRequest,
    UploadRequest,
)

Start = Callable[[StartUploadRequest], Awaitable[StartUploadResponse]]


class Gathering:
    """One call's file."""

    def __init__(self, uploading: Uploading, caller: Caller, start: Start) -> None:
        self._uploading = uploading
        self._caller = caller
        self._start = start
        self._begun = StartUploadRequest()
        self._part_bytes = rules.PART_BYTES
        self._there: frozenset[int] = frozenset()
        self._is_finished = False
        self._number = 0
        self._waiting = bytearray()

    async def take(self, requests: AsyncIterator[UploadRequest]) -> File:
        async for request in requests:
            step = request.WhichOneof("step")
            if (step == "start") == bool(self._begun.file_id):
                raise InvalidInput.of_field("start", "must come first, and once")
            if step == "start":
                await self._begin(request.start)
            elif step == "data":
                await self._add(request.data)
            else:
                return await self._finish(request.sha256)
        raise InvalidInput.of_field("sha256", "must come last")

    async def _begin(self, request: StartUploadRequest) -> None:
        if not request.file_id:
            raise InvalidInput.of_field("start.file_id", "must be stated")
        started = (await self._start(request)).upload
        self._begun, self._part_bytes = request, started.part_bytes
        asked = GetUploadRequest(space_id=request.space_id, file_id=request.file_id)
        try:
            self._there = frozenset((await self._uploading.get(self._caller, asked)).part_numbers)
        except NotVisible:
            # A repeat of a call that came to its end: its answer is found there.
            self._is_finished = True

    async def _add(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) >= self._part_bytes:
            await self._put(bytes(self._waiting[: self._part_bytes]))
            del self._waiting[: self._part_bytes]

    async def _put(self, data: bytes) -> None:
        number, self._number = self._number, self._number + 1
        if self._is_finished or number in self._there:
            return
        named = {"space_id": self._begun.space_id, "file_id": self._begun.file_id}
        part = UploadPartRequest(**named, number=number, data=data, sha256=await hash_of(data))
        await self._uploading.put_part(self._caller, part)

    async def _finish(self, sha256: bytes) -> File:
        if self._waiting:
            await self._put(bytes(self._waiting))
        request_id = uuid5(UUID(self._begun.request_id), "finish")
        named = {"space_id": self._begun.space_id, "file_id": self._begun.file_id}
        request = FinishUploadRequest(request_id=str(request_id), **named, sha256=sha256)
        return (await self._uploading.finish(self._caller, request)).file
