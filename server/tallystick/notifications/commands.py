"""What shall happen to the notifications of a home, and to what its user wants to be told? Run inside the write door."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from tallystick import masks
from tallystick.caller import Caller
from tallystick.errors import NotVisible, Stale
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.ledger.slices import SLICE_MAX, write_in_slices
from tallystick.notifications import queries, rules
from tallystick.notifications.tables import NOTIFICATION, NOTIFICATION_PREFERENCES
from tallystick.store.command import MoreThanOneCommit
from tallystick.store.store import Command, Store
from tallystick.store.tx import WriteTx
from tallystick.times import to_datetime
from tallystick.v1.notification_pb2 import (
    DeleteNotificationRequest,
    DeleteNotificationResponse,
    MarkAllReadRequest,
    MarkAllReadResponse,
    MarkReadRequest,
    MarkReadResponse,
    Notification,
)
from tallystick.v1.notification_preferences_pb2 import (
    UpdateNotificationPreferencesRequest,
    UpdateNotificationPreferencesResponse,
)


async def mark_read(tx: WriteTx, request: MarkReadRequest) -> MarkReadResponse:
    wanted = [UUID(each) for each in request.notification_ids]
    rows = await tx.fetch(queries.EVEN_DELETED(space_id=tx.space_id, ids=wanted))
    if len(rows) < len(wanted):
        raise NotVisible
    found = {row[0]: row for row in rows}
    there = [tx.open(NOTIFICATION, row[:3]) for each in wanted if (row := found[each])[3] is None]
    return MarkReadResponse(notifications=_mark(tx, [each for each in there if not each.HasField("read_at")]))


async def mark_all_read(store: Store, caller: Caller, request: MarkAllReadRequest) -> MarkAllReadResponse:
    """Of more than one commit holds, some after the other."""

    def finish(done: Sequence[MarkAllReadResponse]) -> Command[MarkAllReadRequest, MarkAllReadResponse]:
        return partial(mark_the_rest, marked_before=sum(part.marked for part in done))

    home_id = str(caller.home_id)
    return await write_in_slices(store, caller, home_id, request, _mark_some, finish, MarkAllReadResponse)


async def mark_the_rest(tx: WriteTx, request: MarkAllReadRequest, *, marked_before: int = 0) -> MarkAllReadResponse:
    unread = await _list_unread(tx, request, SLICE_MAX + 1)
    if len(unread) > SLICE_MAX:
        raise MoreThanOneCommit
    return MarkAllReadResponse(marked=marked_before + len(_mark(tx, unread)))


async def _mark_some(tx: WriteTx, request: MarkAllReadRequest) -> MarkAllReadResponse:
    return MarkAllReadResponse(marked=len(_mark(tx, await _list_unread(tx, request, SLICE_MAX))))


async def _list_unread(tx: WriteTx, request: MarkAllReadRequest, limit: int) -> list[Notification]:
    until = await _until(tx, request)
    rows = await tx.fetch(queries.UNREAD_UNTIL(space_id=tx.space_id, until=until, limit=limit))
    return [tx.open(NOTIFICATION, row) for row in rows]


async def _until(tx: WriteTx, request: MarkAllReadRequest) -> datetime:
    if request.HasField("at"):
        return to_datetime(request.at)
    if not request.notification_id:
        return tx.now
    rows = await tx.fetch(queries.EVEN_DELETED(space_id=tx.space_id, ids=[UUID(request.notification_id)]))
    if not rows:
        raise NotVisible
    return to_datetime(tx.open(NOTIFICATION, rows[0][:3]).created_at)


def _mark(tx: WriteTx, unread: Sequence[Notification]) -> list[Notification]:
    return [tx.put(NOTIFICATION, each, rules.as_read(each, tx.now)) for each in unread]


async def delete_notification(tx: WriteTx, request: DeleteNotificationRequest) -> DeleteNotificationResponse:
    rows = await tx.fetch(queries.EVEN_DELETED(space_id=tx.space_id, ids=[UUID(request.notification_id)]))
    if not rows:
        raise NotVisible
    found = tx.open(NOTIFICATION, rows[0][:3])
    is_there = rows[0][3] is None
    return DeleteNotificationResponse(notification=tx.delete(NOTIFICATION, found) if is_there else found)


async def update_notification_preferences(
    tx: WriteTx, request: UpdateNotificationPreferencesRequest
) -> UpdateNotificationPreferencesResponse:
    before = await queries.get_preferences(tx)
    changing = rules.changing_fields(request)
    after = rules.compose_update(before, request, changing)
    base = masks.base_version(request)
    since = await tx.fetch(FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=UUID(before.id), version=base))
    if masks.is_stale(changing, (fields for (fields,) in since)):
        raise Stale(current_version=before.version)
    if after != before:
        after = (
            tx.put(NOTIFICATION_PREFERENCES, before, after)
            if before.version
            else tx.add(NOTIFICATION_PREFERENCES, after)
        )
    return UpdateNotificationPreferencesResponse(preferences=rules.with_every_kind(after))
