"""What shall happen to a schedule? One function per writing call, and for what its job notes; run inside the write door of a home.

The row by which the job finds it is written in the same transaction, so that neither is ever without the other.
"""

from collections.abc import Callable
from uuid import UUID
from zoneinfo import ZoneInfo

from tallystick.backups.archive.recipient import Recipient
from tallystick.backups.cron import Cron
from tallystick.backups.own import rules as of_backups
from tallystick.backups.own import writes
from tallystick.backups.own.queries import get_target
from tallystick.backups.own.schedules import rules
from tallystick.backups.own.schedules.kept import Kept
from tallystick.backups.own.schedules.queries import find_schedule
from tallystick.backups.own.tables import BACKUP_SCHEDULE
from tallystick.store.tx import WriteTx
from tallystick.v1.backup_service_pb2 import (
    RemoveBackupScheduleRequest,
    RemoveBackupScheduleResponse,
    SetBackupScheduleRequest,
    SetBackupScheduleResponse,
)

Change = Callable[[Kept], Kept]


async def set_schedule(
    tx: WriteTx,
    request: SetBackupScheduleRequest,
    *,
    user_id: UUID,
    recipient: Recipient | None,
    cron: Cron,
    zone: ZoneInfo,
) -> SetBackupScheduleResponse:
    """Without a recipient the one from before stays."""
    target_id = UUID(request.target_id)
    of_backups.require_connected(await get_target(tx, target_id))
    before = await find_schedule(tx, target_id)
    set_at = tx.now
    if recipient is None:
        if before is None:
            raise rules.passphrase_missing()
        recipient, set_at = before.recipient, before.passphrase_set_at
    coming = cron.next_after(tx.now, zone)
    kept = Kept(
        recipient=recipient,
        passphrase_set_at=set_at,
        cron=cron,
        zone=zone,
        keep=rules.read_keep(request),
        since=before.since if before else tx.now,
        slot=coming,
        try_at=coming,
        is_told_stale=before.is_told_stale if before else False,
        last_verified_at=before.last_verified_at if before else None,
        problem=before.problem if before else of_backups.NO_PROBLEM,
    )
    keep_schedule(tx, user_id, target_id, kept)
    tx.audit("backup_schedule_set", target_id)
    return SetBackupScheduleResponse(schedule=kept.compose(target_id))


async def remove_schedule(tx: WriteTx, request: RemoveBackupScheduleRequest) -> RemoveBackupScheduleResponse:
    target_id = UUID((await get_target(tx, UUID(request.target_id))).id)
    if await find_schedule(tx, target_id):
        for each in writes.FORGET_SCHEDULE:
            tx.beside(each(of_space=tx.space_id, of_target=target_id))
        tx.audit("backup_schedule_removed", target_id)
    return RemoveBackupScheduleResponse()


async def change_schedule(tx: WriteTx, user_id: UUID, target_id: UUID, change: Change) -> Kept | None:
    """None: there is none any more."""
    before = await find_schedule(tx, target_id)
    if before is None:
        return None
    after = change(before)
    keep_schedule(tx, user_id, target_id, after)
    return after


async def resume(tx: WriteTx, user_id: UUID, target_id: UUID) -> None:
    """After its target was connected again."""
    before = await find_schedule(tx, target_id)
    if before is not None and before.is_paused:
        keep_schedule(tx, user_id, target_id, rules.after_connecting(before, tx.now))


def keep_schedule(tx: WriteTx, user_id: UUID, target_id: UUID, kept: Kept) -> None:
    """Whoever works on it has to look again."""
    tx.keep_cell(BACKUP_SCHEDULE, kept.to_text().encode(), target_id=target_id)
    tx.beside(writes.BACKUP_DUES.compose(tx.space_id, target_id, user_id, rules.due_at(kept), afresh=True))
