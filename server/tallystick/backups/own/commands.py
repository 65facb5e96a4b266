"""What shall happen to a user's targets and backups? One function per writing call, run inside the write door of their home.

What a Drive says was asked before: a command touches nothing but its transaction.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from tallystick.backups.own import memory, queries, rules, writes
from tallystick.backups.own.schedules.commands import resume
from tallystick.backups.own.tables import BACKUP, BACKUP_TARGET
from tallystick.backups.targets.drive.consent import Consent
from tallystick.backups.targets.drive.grant import Grant
from tallystick.backups.targets.drive.room import Room
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.backup_pb2 import Backup, BackupTarget, BackupTargetState
from tallystick.v1.backup_service_pb2 import (
    CompleteConnectionRequest,
    CompleteConnectionResponse,
    ConnectTargetRequest,
    ConnectTargetResponse,
    CreateBackupRequest,
    CreateBackupResponse,
    DeleteBackupRequest,
    DeleteBackupResponse,
    RemoveTargetRequest,
    RemoveTargetResponse,
)

_CONNECTING = BackupTargetState.BACKUP_TARGET_STATE_CONNECTING


async def connect_target(tx: WriteTx, request: ConnectTargetRequest, *, consent: Consent) -> ConnectTargetResponse:
    """One that is connected stays so until the user comes back."""
    if request.target_id:
        target = await queries.get_target(tx, UUID(request.target_id))
    else:
        rules.require_room_for_target(len(await queries.list_targets(tx)))
        target = BackupTarget(id=str(tx.new_id()), state=_CONNECTING)
        keep_target(tx, target)
    expires_at = tx.now + rules.CONSENT_FOR
    kept = {"state": consent.state, "verifier": consent.verifier, "expires_at": expires_at.isoformat()}
    memory.remember(tx, UUID(target.id), memory.CONSENT, json.dumps(kept))
    return ConnectTargetResponse(target=target, consent_url=consent.url, expires_at=to_timestamp(expires_at))


async def complete_connection(
    tx: WriteTx,
    request: CompleteConnectionRequest,
    *,
    user_id: UUID,
    target_id: UUID,
    grant: Grant,
    room: Room,
    remembered: Mapping[str, str],
) -> CompleteConnectionResponse:
    target = await queries.get_target(tx, target_id)
    # It may be another Drive than before, with another folder.
    tx.beside(writes.FORGET_MEMORY(of_space=tx.space_id, of_target=target_id))
    await tx.flush()
    target.state = rules.CONNECTED
    target.connected_at.CopyFrom(to_timestamp(tx.now))
    note_room(target, room, tx.now)
    keep_target(tx, target)
    memory.remember(tx, target_id, memory.GRANT, grant.to_text())
    for key, text in remembered.items():
        memory.remember(tx, target_id, key, text)
    await resume(tx, user_id, target_id)
    tx.audit("backup_target_connected", target_id)
    return CompleteConnectionResponse(target=target)


async def remove_target(tx: WriteTx, request: RemoveTargetRequest, *, revoked: bool) -> RemoveTargetResponse:
    target_id = UUID((await queries.get_target(tx, UUID(request.target_id))).id)
    await require_idle(tx)
    for each in writes.FORGET_TARGET:
        tx.beside(each(of_space=tx.space_id, of_target=target_id))
    tx.audit("backup_target_removed", target_id)
    return RemoveTargetResponse(revoked=revoked)


async def begin_backup(
    tx: WriteTx, request: CreateBackupRequest, *, scheduled: bool = False, before_restore_of: str = ""
) -> CreateBackupResponse:
    """Nobody works on it yet."""
    rules.require_connected(await queries.get_target(tx, UUID(request.target_id)))
    await require_idle(tx)
    started = Backup(
        id=str(tx.new_id()),
        target_id=request.target_id.lower(),
        name=rules.compose_name(tx.now),
        state=rules.RUNNING,
        started_at=to_timestamp(tx.now),
        scheduled=scheduled,
        before_restore_of=before_restore_of,
    )
    keep_backup(tx, started, None, tx.now)
    tx.audit("backup_begun", UUID(started.id))
    return CreateBackupResponse(backup=started)


async def delete_backup(tx: WriteTx, request: DeleteBackupRequest) -> DeleteBackupResponse:
    row = await queries.get_backup(tx, UUID(request.backup_id))
    if row.is_worked_on(tx.now):
        raise rules.running()
    tx.beside(writes.FORGET_BACKUP(of_space=tx.space_id, of_backup=UUID(row.backup.id)))
    tx.audit("backup_deleted", UUID(row.backup.id))
    return DeleteBackupResponse()


async def require_idle(tx: WriteTx, but: UUID | None = None) -> None:
    """One backup at a time: each takes a processor for a while, and as much of the disk as it is large."""
    for row in await queries.list_all(tx):
        if row.is_worked_on(tx.now) and row.backup.id != str(but):
            raise rules.running()


def note_room(target: BackupTarget, room: Room, now: datetime) -> None:
    target.owner_email = room.owner_email
    target.used_bytes = room.used_bytes
    target.ClearField("limit_bytes")
    if room.limit_bytes is not None:
        target.limit_bytes = room.limit_bytes
    target.looked_at.CopyFrom(to_timestamp(now))


def keep_target(tx: WriteTx, target: BackupTarget) -> None:
    tx.keep_cell(BACKUP_TARGET, target.SerializeToString(deterministic=True), target_id=UUID(target.id))


def keep_backup(tx: WriteTx, kept: Backup, lease_id: UUID | None, leased_until: datetime) -> None:
    tx.keep_cell(
        BACKUP,
        kept.SerializeToString(deterministic=True),
        backup_id=UUID(kept.id),
        target_id=UUID(kept.target_id),
        lease_id=lease_id,
        leased_until=leased_until,
    )
