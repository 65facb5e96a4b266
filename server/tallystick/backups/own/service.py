"""What do the calls about a user's own backups mean in our words, and back? One short method per RPC."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

from grpc.aio import ServicerContext

from tallystick.backups.own import queries
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.looking import Looking
from tallystick.backups.own.making import Making
from tallystick.backups.own.restores.restoring import Restoring
from tallystick.backups.own.schedules.setting import Setting
from tallystick.caller import caller
from tallystick.store.pages import Pages
from tallystick.store.store import Store
from tallystick.v1.backup_restore_pb2 import RestoreBackupRequest, RestoreBackupResponse
from tallystick.v1.backup_service_pb2 import (
    CompleteConnectionRequest,
    CompleteConnectionResponse,
    ConnectTargetRequest,
    ConnectTargetResponse,
    CreateBackupRequest,
    CreateBackupResponse,
    DeleteBackupRequest,
    DeleteBackupResponse,
    GetBackupRequest,
    GetBackupResponse,
    GetBackupScheduleRequest,
    GetBackupScheduleResponse,
    ListBackupsRequest,
    ListBackupsResponse,
    ListTargetsRequest,
    ListTargetsResponse,
    RemoveBackupScheduleRequest,
    RemoveBackupScheduleResponse,
    RemoveTargetRequest,
    RemoveTargetResponse,
    SetBackupScheduleRequest,
    SetBackupScheduleResponse,
    VerifyBackupRequest,
    VerifyBackupResponse,
)
from tallystick.v1.backup_service_pb2_grpc import BackupServiceServicer

Context = ServicerContext[Any, Any]


class BackupService(BackupServiceServicer):
    """Backups of the signed-in user."""

    def __init__(
        self,
        store: Store,
        pages: Pages,
        drives: Drives,
        making: Making,
        looking: Looking,
        restoring: Restoring,
        setting: Setting,
    ) -> None:
        self._store = store
        self._pages = pages
        self._drives = drives
        self._making = making
        self._looking = looking
        self._restoring = restoring
        self._setting = setting

    async def ConnectTarget(self, request: ConnectTargetRequest, context: Context) -> ConnectTargetResponse:
        return await self._drives.connect(caller(), request)

    async def CompleteConnection(
        self, request: CompleteConnectionRequest, context: Context
    ) -> CompleteConnectionResponse:
        return await self._drives.complete(caller(), request)

    async def ListTargets(self, request: ListTargetsRequest, context: Context) -> ListTargetsResponse:
        return ListTargetsResponse(targets=await self._drives.list_targets(caller(), request))

    async def RemoveTarget(self, request: RemoveTargetRequest, context: Context) -> RemoveTargetResponse:
        return await self._drives.remove(caller(), request)

    async def CreateBackup(self, request: CreateBackupRequest, context: Context) -> AsyncIterator[CreateBackupResponse]:
        async with aclosing(self._making.make(caller(), request)) as steps:
            async for step in steps:
                yield step

    async def ListBackups(self, request: ListBackupsRequest, context: Context) -> ListBackupsResponse:
        tx = self._store.reader(caller(), caller().home_id, request)
        page = await queries.list_page(tx, request, self._pages.position(caller(), request))
        token = self._pages.token(caller(), request, *page.last) if page.last else ""
        now = self._store.clock.now()
        return ListBackupsResponse(backups=[row.as_of(now) for row in page.items], next_page_token=token)

    async def GetBackup(self, request: GetBackupRequest, context: Context) -> GetBackupResponse:
        tx = self._store.reader(caller(), caller().home_id, request)
        row = await queries.get_backup(tx, UUID(request.backup_id))
        return GetBackupResponse(backup=row.as_of(self._store.clock.now()))

    async def VerifyBackup(self, request: VerifyBackupRequest, context: Context) -> AsyncIterator[VerifyBackupResponse]:
        async with aclosing(self._looking.verify(caller(), request)) as steps:
            async for step in steps:
                yield step

    async def RestoreBackup(
        self, request: RestoreBackupRequest, context: Context
    ) -> AsyncIterator[RestoreBackupResponse]:
        async with aclosing(self._restoring.restore(caller(), request)) as steps:
            async for step in steps:
                yield step

    async def DeleteBackup(self, request: DeleteBackupRequest, context: Context) -> DeleteBackupResponse:
        return await self._looking.delete(caller(), request)

    async def SetBackupSchedule(self, request: SetBackupScheduleRequest, context: Context) -> SetBackupScheduleResponse:
        return await self._setting.set(caller(), request)

    async def GetBackupSchedule(self, request: GetBackupScheduleRequest, context: Context) -> GetBackupScheduleResponse:
        return await self._setting.get(caller(), request)

    async def RemoveBackupSchedule(
        self, request: RemoveBackupScheduleRequest, context: Context
    ) -> RemoveBackupScheduleResponse:
        return await self._setting.remove(caller(), request)
