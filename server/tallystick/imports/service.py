"""What do the calls about imports mean in our words, and back? One short method per RPC."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.caller import Caller, caller
from tallystick.imports import commands, queries
from tallystick.imports.making import COMPARED_AT_ONCE, Making
from tallystick.imports.running import Running
from tallystick.ledger.nouns.queries import list_nouns
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_rows_pb2 import (
    ListImportRowsRequest,
    ListImportRowsResponse,
    UpdateImportRowsRequest,
    UpdateImportRowsResponse,
)
from tallystick.v1.import_service_pb2 import (
    CreateImportRequest,
    CreateImportResponse,
    DeleteImportProfileRequest,
    DeleteImportProfileResponse,
    DeleteImportRequest,
    DeleteImportResponse,
    GetImportRequest,
    GetImportResponse,
    ListImportProfilesRequest,
    ListImportProfilesResponse,
    ListImportsRequest,
    ListImportsResponse,
    ProcessImportRequest,
    ProcessImportResponse,
    RevertImportRequest,
    RevertImportResponse,
    UpdateImportMappingRequest,
    UpdateImportMappingResponse,
)
from tallystick.v1.import_service_pb2_grpc import ImportServiceServicer

Context = ServicerContext[Any, Any]


class ImportService(ImportServiceServicer):
    """The calls about imports."""

    def __init__(self, store: Store, pages: Pages, making: Making, running: Running) -> None:
        self._store = store
        self._pages = pages
        self._making = making
        self._running = running

    async def CreateImport(self, request: CreateImportRequest, context: Context) -> CreateImportResponse:
        import_id = await self._making.create(caller(), request)
        return CreateImportResponse(file_import=await self._as_compared(caller(), request.space_id, import_id))

    async def GetImport(self, request: GetImportRequest, context: Context) -> GetImportResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        return GetImportResponse(file_import=await queries.get_import(tx, UUID(request.import_id)))

    async def ListImports(self, request: ListImportsRequest, context: Context) -> ListImportsResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        page = await queries.list_imports(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListImportsResponse(imports=page.items, next_page_token=token)

    async def UpdateImportMapping(
        self, request: UpdateImportMappingRequest, context: Context
    ) -> UpdateImportMappingResponse:
        import_id = await self._making.answer(caller(), request)
        return UpdateImportMappingResponse(file_import=await self._as_compared(caller(), request.space_id, import_id))

    async def ListImportRows(self, request: ListImportRowsRequest, context: Context) -> ListImportRowsResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        page = await queries.list_rows(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListImportRowsResponse(rows=page.items, next_page_token=token)

    async def UpdateImportRows(self, request: UpdateImportRowsRequest, context: Context) -> UpdateImportRowsResponse:
        return await self._store.write(
            caller(), request.space_id, request, commands.update_import_rows, UpdateImportRowsResponse
        )

    async def ProcessImport(
        self, request: ProcessImportRequest, context: Context
    ) -> AsyncIterator[ProcessImportResponse]:
        async with aclosing(self._running.process(caller(), request)) as steps:
            async for step in steps:
                yield step

    async def RevertImport(self, request: RevertImportRequest, context: Context) -> AsyncIterator[RevertImportResponse]:
        async with aclosing(self._running.revert(caller(), request)) as steps:
            async for step in steps:
                yield step

    async def DeleteImport(self, request: DeleteImportRequest, context: Context) -> DeleteImportResponse:
        return await self._store.write(
            caller(), request.space_id, request, commands.delete_import, DeleteImportResponse
        )

    async def ListImportProfiles(
        self, request: ListImportProfilesRequest, context: Context
    ) -> ListImportProfilesResponse:
        tx = self._store.reader(caller(), request.space_id, request)
        page = await list_nouns(tx, queries.PROFILES, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        return ListImportProfilesResponse(profiles=page.items, next_page_token=token)

    async def DeleteImportProfile(
        self, request: DeleteImportProfileRequest, context: Context
    ) -> DeleteImportProfileResponse:
        return await self._store.write(
            caller(), request.space_id, request, commands.delete_import_profile, DeleteImportProfileResponse
        )

    async def _as_compared(self, by: Caller, space_id: str, import_id: str) -> Import:
        """The import; if it is small and nothing is asked, with its rows compared."""
        request = ProcessImportRequest(space_id=space_id, import_id=import_id)
        tx = self._store.reader(by, space_id, request)
        of_import = await queries.get_import(tx, UUID(import_id))
        if of_import.status != commands.UNREAD or of_import.counts.rows > COMPARED_AT_ONCE:
            return of_import
        async with aclosing(self._running.compare(by, request)) as compared:
            async for _ in compared:
                pass
        return await queries.get_import(tx, UUID(import_id))
