"""How does a schedule come to be without anybody remembering the passphrase? It becomes a public key before anything is written."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID

from google.protobuf.message import Message

from tallystick.backups.archive.passphrase import USUAL, Cost
from tallystick.backups.archive.recipient import Recipient
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.queries import get_target
from tallystick.backups.own.rules import read_passphrase
from tallystick.backups.own.schedules import commands, rules
from tallystick.backups.own.schedules.queries import find_schedule
from tallystick.backups.own.steps import find_first
from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.v1.backup_service_pb2 import (
    GetBackupScheduleRequest,
    GetBackupScheduleResponse,
    RemoveBackupScheduleRequest,
    RemoveBackupScheduleResponse,
    SetBackupScheduleRequest,
    SetBackupScheduleResponse,
)

# In which time zone a user's profile says that they are.
ZoneOf = Callable[[Caller, Message], Awaitable[str]]

# Each takes 128 MiB for a second.
AT_ONCE = 2


class Setting:
    """Sets schedules, shows them, and ends them."""

    def __init__(self, store: Store, drives: Drives, zone_of: ZoneOf) -> None:
        self._store = store
        self._drives = drives
        self._zone_of = zone_of
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.cost: Cost = USUAL

    async def set(self, caller: Caller, request: SetBackupScheduleRequest) -> SetBackupScheduleResponse:
        """The salt is new each time, so a repeat must not come to the door with another key."""
        first = await find_first(self._store, caller, request, SetBackupScheduleResponse)
        if first is not None:
            return first
        self._drives.require_client()
        await get_target(self._store.reader(caller, caller.home_id, request), UUID(request.target_id))
        cron = rules.read_cron(request.cron, caller.user_id)
        command = partial(
            commands.set_schedule,
            user_id=caller.user_id,
            cron=cron,
            zone=rules.read_zone(request.time_zone, await self._zone_of(caller, request)),
            recipient=await self._close_for(request.passphrase),
        )
        return await self._store.write(caller, caller.home_id, request, command, SetBackupScheduleResponse)

    async def get(self, caller: Caller, request: GetBackupScheduleRequest) -> GetBackupScheduleResponse:
        tx = self._store.reader(caller, caller.home_id, request)
        target_id = UUID((await get_target(tx, UUID(request.target_id))).id)
        kept = await find_schedule(tx, target_id)
        return GetBackupScheduleResponse(schedule=kept.compose(target_id) if kept else None)

    async def remove(self, caller: Caller, request: RemoveBackupScheduleRequest) -> RemoveBackupScheduleResponse:
        command = commands.remove_schedule
        return await self._store.write(caller, caller.home_id, request, command, RemoveBackupScheduleResponse)

    async def _close_for(self, text: str) -> Recipient | None:
        """All that is left of a passphrase."""
        if not text:
            return None
        passphrase = read_passphrase(text)
        async with self._turns:
            return await asyncio.to_thread(Recipient.of, passphrase, self.cost)
