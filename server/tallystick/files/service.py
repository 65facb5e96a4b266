"""What do the calls about files mean in our words, and back? One short method per RPC."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Any
from uuid import UUID

from google.api.httpbody_pb2 import HttpBody
from grpc.aio import ServicerContext

from tallystick.caller import caller
from tallystick.files import commands, serving
from tallystick.files.gathering import Gathering
from tallystick.files.queries import FILES, FileContent, open_content
from tallystick.files.rules import Limits
from tallystick.files.storage.storage import FileStorage
from tallystick.files.uploading import Uploading
from tallystick.ledger.nouns.queries import get_noun, list_nouns
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.file_pb2 import DeleteFileRequest, DeleteFileResponse, RestoreFileRequest, RestoreFileResponse
from tallystick.v1.file_service_pb2 import (
    CancelUploadRequest,
    CancelUploadResponse,
    DownloadFileRequest,
    DownloadFileResponse,
    FinishUploadRequest,
    FinishUploadResponse,
    GetFileRequest,
    GetFileResponse,
    GetUploadRequest,
    GetUploadResponse,
    ListFilesRequest,
    ListFilesResponse,
    ServeFileRequest,
    ServeFileResponse,
    StartUploadRequest,
    StartUploadResponse,
    UploadPartRequest,
    UploadPartResponse,
    UploadRequest,
    UploadResponse,
)
from tallystick.v1.file_service_pb2_grpc import FileServiceServicer

Context = ServicerContext[Any, Any]


class FileService(FileServiceServicer):
    """Files of homes, books and groups."""

    def __init__(self, store: Store, pages: Pages, storage: FileStorage, uploading: Uploading, limits: Limits) -> None:
        self._store = store
        self._pages = pages
        self._storage = storage
        self._uploading = uploading
        self._limits = limits

    async def StartUpload(self, request: StartUploadRequest, context: Context) -> StartUploadResponse:
        return await self._store.write(
            caller(),
            request.space_id,
            request,
            partial(commands.start_upload, limits=self._limits),
            StartUploadResponse,
        )

    async def GetUpload(self, request: GetUploadRequest, context: Context) -> GetUploadResponse:
        return GetUploadResponse(upload=await self._uploading.get(caller(), request))

    async def UploadPart(self, request: UploadPartRequest, context: Context) -> UploadPartResponse:
        await self._uploading.put_part(caller(), request)
        return UploadPartResponse(number=request.number)

    async def FinishUpload(self, request: FinishUploadRequest, context: Context) -> FinishUploadResponse:
        return await self._uploading.finish(caller(), request)

    async def Upload(self, requests: AsyncIterator[UploadRequest], context: Context) -> UploadResponse:
        gathering = Gathering(self._uploading, caller(), lambda request: self.StartUpload(request, context))
        return UploadResponse(file=await gathering.take(requests))

    async def CancelUpload(self, request: CancelUploadRequest, context: Context) -> CancelUploadResponse:
        return await self._uploading.cancel(caller(), request)

    async def GetFile(self, request: GetFileRequest, context: Context) -> GetFileResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        return GetFileResponse(file=await get_noun(tx, FILES, request))

    async def ListFiles(self, request: ListFilesRequest, context: Context) -> ListFilesResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        page = await list_nouns(tx, FILES, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListFilesResponse(files=page.items, next_page_token=token)

    async def DownloadFile(self, request: DownloadFileRequest, context: Context) -> AsyncIterator[DownloadFileResponse]:
        content = await self._open(request)
        is_first = True
        async with aclosing(serving.pieces_of(content, request)) as pieces:  # type: ignore[type-var]  # an async generator, typed by what it yields
            async for piece in pieces:
                yield DownloadFileResponse(data=piece, file=content.file if is_first else None)
                is_first = False

    async def ServeFile(self, request: ServeFileRequest, context: Context) -> AsyncIterator[ServeFileResponse]:
        content = await self._open(request)
        is_first, thumbnail = True, request.thumbnail
        async with aclosing(serving.pieces_of(content, request)) as pieces:  # type: ignore[type-var]  # as above
            async for piece in pieces:
                if is_first:
                    await context.send_initial_metadata(serving.headers_of(content.file, thumbnail=thumbnail))
                kind = serving.content_type_of(content.file, thumbnail=thumbnail) if is_first else ""
                yield ServeFileResponse(body=HttpBody(content_type=kind, data=piece))
                is_first = False

    async def DeleteFile(self, request: DeleteFileRequest, context: Context) -> DeleteFileResponse:
        return await self._store.write(caller(), request.space_id, request, commands.delete_file, DeleteFileResponse)

    async def RestoreFile(self, request: RestoreFileRequest, context: Context) -> RestoreFileResponse:
        return await self._store.write(caller(), request.space_id, request, commands.restore_file, RestoreFileResponse)

    async def _open(self, request: DownloadFileRequest | ServeFileRequest) -> FileContent:
        tx = self._store.reader(caller(), request.space_id, request)
        return await open_content(tx, UUID(request.file_id), self._storage)
