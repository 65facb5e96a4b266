"""How do users connect Drives of theirs, and how is one opened? What lasts of a permission is sealed in the user's home."""

import hmac
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import UUID

from tallystick.backups.own import commands, memory, queries, rules
from tallystick.backups.own.memory import KeptProgress, PassingProgress
from tallystick.backups.own.steps import find_first, take_step
from tallystick.backups.targets.assembly import compose_own_drive
from tallystick.backups.targets.drive.consent import OAuthClient, compose_consent, exchange_code, revoke
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.drive.grant import Grant
from tallystick.backups.targets.target import Progress, TargetFailed, TargetReason
from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.backup_pb2 import BackupTarget
from tallystick.v1.backup_service_pb2 import (
    CompleteConnectionRequest,
    CompleteConnectionResponse,
    ConnectTargetRequest,
    ConnectTargetResponse,
    CreateBackupRequest,
    ListTargetsRequest,
    RemoveTargetRequest,
    RemoveTargetResponse,
)

Open = Callable[[OAuthClient, Grant, Progress], DriveTarget]


class Drives:
    """Users' Drives."""

    def __init__(self, store: Store, client: OAuthClient | None, open_drive: Open = compose_own_drive) -> None:
        self._store = store
        self.client = client
        self.open_drive = open_drive

    def require_client(self) -> OAuthClient:
        if self.client is None:
            raise rules.not_offered()
        return self.client

    async def connect(self, caller: Caller, request: ConnectTargetRequest) -> ConnectTargetResponse:
        consent = compose_consent(self.require_client())
        command = partial(commands.connect_target, consent=consent)
        return await self._store.write(caller, caller.home_id, request, command, ConnectTargetResponse)

    async def complete(self, caller: Caller, request: CompleteConnectionRequest) -> CompleteConnectionResponse:
        """A code is good once, so a repeat must not bring it to Google again."""
        first = await find_first(self._store, caller, request, CompleteConnectionResponse)
        if first is not None:
            return first
        client = self.require_client()
        target_id, verifier = await self._find_asked(caller, request)
        progress = PassingProgress()
        try:
            grant = await exchange_code(client, request.code, verifier)
            drive = self.open_drive(client, grant, progress)
            await drive.check()
            room = await drive.look()
        except TargetFailed as failed:
            raise rules.error_of(failed) from failed
        command = partial(
            commands.complete_connection,
            user_id=caller.user_id,
            target_id=target_id,
            grant=grant,
            room=room,
            remembered=progress.texts,
        )
        return await self._store.write(caller, caller.home_id, request, command, CompleteConnectionResponse)

    async def list_targets(self, caller: Caller, request: ListTargetsRequest) -> list[BackupTarget]:
        return await queries.list_targets(self._store.reader(caller, caller.home_id, request))

    async def remove(self, caller: Caller, request: RemoveTargetRequest) -> RemoveTargetResponse:
        first = await find_first(self._store, caller, request, RemoveTargetResponse)
        if first is not None:
            return first
        target_id = UUID(request.target_id)
        tx = self._store.reader(caller, caller.home_id, request)
        await queries.get_target(tx, target_id)
        now = self._store.clock.now()
        if any(row.is_worked_on(now) for row in await queries.list_all(tx)):
            raise rules.running()
        revoked = await self._revoke((await queries.list_remembered(tx, memory.GRANT)).get(target_id))
        command = partial(commands.remove_target, revoked=revoked)
        return await self._store.write(caller, caller.home_id, request, command, RemoveTargetResponse)

    async def open(self, caller: Caller, target_id: UUID) -> DriveTarget:
        """TargetFailed: it must be connected again."""
        client = self.require_client()
        tx = self._store.reader(caller, caller.home_id, CreateBackupRequest())
        target = await queries.get_target(tx, target_id)
        grant = (await queries.list_remembered(tx, memory.GRANT)).get(target_id)
        if grant is None or target.state != rules.CONNECTED:
            raise TargetFailed(TargetReason.REAUTH_REQUIRED, "Connect the target again.")
        return self.open_drive(client, Grant.of_text(grant), KeptProgress(self._store, caller, target_id))

    async def note_failure(self, caller: Caller, target_id: UUID, failed: BaseException) -> None:
        """A permission that ended shows at the target, and not only where it was needed."""
        if not isinstance(failed, TargetFailed) or failed.reason is not TargetReason.REAUTH_REQUIRED:
            return

        async def step(tx: WriteTx) -> None:
            target = await queries.get_target(tx, target_id)
            target.state = rules.REAUTH_REQUIRED
            commands.keep_target(tx, target)

        await take_step(self._store, caller, step)

    async def look(self, caller: Caller, target_id: UUID, drive: DriveTarget) -> None:
        """How much room is left. Where the Drive does not say it, what was known stays."""
        with suppress(TargetFailed):
            room = await drive.look()

            async def step(tx: WriteTx) -> None:
                target = await queries.get_target(tx, target_id)
                commands.note_room(target, room, tx.now)
                commands.keep_target(tx, target)

            await take_step(self._store, caller, step)

    async def _find_asked(self, caller: Caller, request: CompleteConnectionRequest) -> tuple[UUID, str]:
        """Which target the user was asked about, and what ties their code to this server."""
        tx = self._store.reader(caller, caller.home_id, request)
        now = self._store.clock.now()
        for target_id, text in (await queries.list_remembered(tx, memory.CONSENT)).items():
            kept = json.loads(text)
            is_it = hmac.compare_digest(kept["state"].encode(), request.state.encode())
            if is_it and datetime.fromisoformat(kept["expires_at"]) > now:
                return target_id, str(kept["verifier"])
        raise rules.connection_expired()

    async def _revoke(self, grant: str | None) -> bool:
        """Without a permission there is none to be given back."""
        if grant is None:
            return True
        if self.client is None:
            return False
        try:
            await revoke(self.client, Grant.of_text(grant))
        except TargetFailed:
            return False
        return True
