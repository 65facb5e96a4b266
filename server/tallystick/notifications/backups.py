"""How does a user hear that a backup of theirs has failed, or that there was none for too long? Once for each."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from tallystick.notifications.notices import NOWHERE, Notice, compose_notice, id_of_thing
from tallystick.times import to_timestamp
from tallystick.v1.notification_details_pb2 import BackupInTrouble, BackupTrouble
from tallystick.v1.notification_pb2 import NotificationKind

Raise = Callable[[Notice], Awaitable[None]]


def telling_failures(raise_notice: Raise) -> Callable[[UUID, UUID, datetime | None], Awaitable[None]]:
    """For whoever makes backups, and knows nothing of notifications."""

    async def tell(user_id: UUID, backup_id: UUID, last_good_at: datetime | None) -> None:
        await raise_notice(compose_failed(user_id, backup_id, last_good_at))

    return tell


def telling_staleness(raise_notice: Raise) -> Callable[[UUID, UUID, datetime | None], Awaitable[None]]:
    """For whoever sees that backups to a target have stopped coming. Once since each that was good."""

    async def tell(user_id: UUID, target_id: UUID, last_good_at: datetime | None) -> None:
        await raise_notice(compose_stale(user_id, target_id, last_good_at))

    return tell


def compose_stale(user_id: UUID, target_id: UUID, last_good_at: datetime | None) -> Notice:
    details = BackupInTrouble(trouble=BackupTrouble.BACKUP_TROUBLE_STALE)
    since = "ever"
    if last_good_at is not None:
        details.last_good_at.CopyFrom(to_timestamp(last_good_at))
        since = last_good_at.isoformat()
    notice_id = id_of_thing(target_id, f"no backup since {since}", user_id)
    return compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_BACKUP, NOWHERE, details)


def compose_failed(user_id: UUID, backup_id: UUID, last_good_at: datetime | None) -> Notice:
    details = BackupInTrouble(trouble=BackupTrouble.BACKUP_TROUBLE_FAILED)
    if last_good_at is not None:
        details.last_good_at.CopyFrom(to_timestamp(last_good_at))
    notice_id = id_of_thing(backup_id, "backup failed", user_id)
    return compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_BACKUP, NOWHERE, details)
