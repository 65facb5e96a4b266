"""How does a user hear that a backup of theirs has failed, or that none came for too long, or that a space of theirs was put back to one?
Once for each.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from tallystick.caller import Caller
from tallystick.groups.profiles.queries import get_group_name
from tallystick.ledger.books.queries import get_book_name
from tallystick.notifications.notices import NOWHERE, Notice, Place, compose_notice, id_of_thing
from tallystick.spaces.queries import list_members
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.notification_details_pb2 import BackupInTrouble, BackupTrouble, SpacePutBack
from tallystick.v1.notification_pb2 import NotificationKind
from tallystick.v1.space_pb2 import Member, MemberState, SpaceKind
from tallystick.v1.space_service_pb2 import ListMembersRequest

Raise = Callable[[Notice], Awaitable[None]]
RaiseAll = Callable[[Sequence[Notice]], Awaitable[None]]
_NAME_OF = {SpaceKind.SPACE_KIND_BOOK: get_book_name, SpaceKind.SPACE_KIND_GROUP: get_group_name}


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


def telling_restores(
    store: Store, raise_notices: RaiseAll
) -> Callable[[Caller, UUID, SpaceKind.ValueType, UUID], Awaitable[None]]:
    """For whoever puts spaces back. Everybody in it is told, but for who did it."""

    async def tell(caller: Caller, space_id: UUID, kind: SpaceKind.ValueType, restore_id: UUID) -> None:
        async with store.reader(caller, space_id, ListMembersRequest()).snapshot() as tx:
            place, members = Place(space_id, await _NAME_OF[kind](tx)), await _list_all(tx)
        names = [each.display_name for each in members if each.user_id == str(caller.user_id)]
        others = [UUID(each.user_id) for each in members if each.user_id not in ("", str(caller.user_id))]
        await raise_notices([compose_put_back(each, restore_id, place, names) for each in others])

    return tell


def compose_put_back(user_id: UUID, restore_id: UUID, place: Place, names: Sequence[str]) -> Notice:
    notice_id = id_of_thing(restore_id, "put back", user_id)
    details = SpacePutBack(actor_name=names[0] if names else "")
    return compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_BACKUP, place, details)


async def _list_all(tx: ReadTx) -> list[Member]:
    """Who is in a space now."""
    found: list[Member] = []
    after: Sequence[str] | None = None
    while True:
        page = await list_members(tx, 0, after)
        found += [each for each in page.items if each.state == MemberState.MEMBER_STATE_ACTIVE]
        if not page.last:
            return found
        after = page.last
