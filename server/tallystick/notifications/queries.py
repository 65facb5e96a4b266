"""What is a user told, and what do they want to be told? Every SELECT about notifications in a home."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    DateTime,
    Integer,
    SmallInteger,
    Uuid,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    tuple_,
)

from tallystick.notifications.rules import default_preferences
from tallystick.notifications.tables import (
    NOTIFICATION,
    NOTIFICATION_PREFERENCES,
    notification,
    notification_preferences,
)
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import answer
from tallystick.store.tx import ReadTx
from tallystick.times import to_datetime
from tallystick.v1.notification_pb2 import ListNotificationsRequest, Notification
from tallystick.v1.notification_preferences_pb2 import NotificationPreferences

_SPACE_ID = bindparam("space_id", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_LIMIT = bindparam("limit", type_=Integer)
_KINDS = bindparam("kinds", type_=ARRAY(SmallInteger))
_UNTIL = bindparam("until", type_=DateTime(timezone=True))
_AFTER = bindparam("after", type_=DateTime(timezone=True))
# Above every instant and id, for lists that start at the beginning.
NEWEST = (datetime.max.replace(tzinfo=UTC).isoformat(), str(UUID(int=2**128 - 1)))

_row = select(notification.c.id, notification.c.version, notification.c.body).where(
    notification.c.space_id == _SPACE_ID
)
_is_there = notification.c.deleted_at.is_(None)
_is_unread = and_(_is_there, notification.c.read_at.is_(None))
_newest_first = (notification.c.created_at.desc(), notification.c.id.desc())

LISTED = prepare(
    _row.where(
        _is_there,
        ~notification.c.mail_only,
        or_(~bindparam("unread", type_=Boolean), notification.c.read_at.is_(None)),
        or_(func.cardinality(_KINDS) == 0, notification.c.kind == func.any(_KINDS)),
        tuple_(notification.c.created_at, notification.c.id)
        < tuple_(bindparam("before", type_=DateTime(timezone=True)), bindparam("before_id", type_=Uuid)),
    )
    .order_by(*_newest_first)
    .limit(_LIMIT)
)
UNREAD_COUNT = prepare(
    select(func.count()).select_from(notification).where(notification.c.space_id == _SPACE_ID, _is_unread)
)
EVEN_DELETED = prepare(
    select(notification.c.id, notification.c.version, notification.c.body, notification.c.deleted_at).where(
        notification.c.space_id == _SPACE_ID, notification.c.id == any_(_IDS)
    )
)
UNREAD_UNTIL = prepare(
    _row.where(_is_unread, notification.c.created_at <= _UNTIL).order_by(*_newest_first).limit(_LIMIT)
)
# For a digest: what nobody has read, and what is only mailed.
UNREAD_BETWEEN = prepare(
    _row.where(
        _is_there,
        or_(notification.c.read_at.is_(None), notification.c.mail_only),
        notification.c.created_at > _AFTER,
        notification.c.created_at <= _UNTIL,
    )
    .order_by(notification.c.created_at, notification.c.id)
    .limit(_LIMIT)
)
READ_BEFORE = prepare(
    _row.where(_is_there, notification.c.read_at <= _UNTIL).order_by(notification.c.read_at).limit(_LIMIT)
)
PREFERENCES = prepare(
    select(notification_preferences.c.id, notification_preferences.c.version, notification_preferences.c.body).where(
        notification_preferences.c.space_id == _SPACE_ID
    )
)
# Which of these have been told before: the door answered, whatever became of it since.
TOLD_BEFORE = prepare(
    select(answer.c.request_id).where(answer.c.space_id == _SPACE_ID, answer.c.request_id == any_(_IDS))
)


class Listed(NamedTuple):
    """A page, and how many are unread in all."""

    page: Page[Notification]
    unread: int


async def list_notifications(tx: ReadTx, request: ListNotificationsRequest, after: Sequence[str] | None) -> Listed:
    """The newest first. `after` is the position of the last one of the page before."""
    size = page_size(request.page_size)
    before, before_id = after or NEWEST
    rows, counts = await tx.fetch_all(
        LISTED(
            space_id=tx.space_id,
            unread=request.unread,
            kinds=list(request.kinds),
            before=datetime.fromisoformat(before),
            before_id=UUID(before_id),
            limit=size + 1,
        ),
        UNREAD_COUNT(space_id=tx.space_id),
    )
    found = [(row[0], row[1], row[2]) for row in rows]
    return Listed(page_of(tx, NOTIFICATION, found, size, _position), counts[0][0])


def _position(last: Notification) -> tuple[str, str]:
    return to_datetime(last.created_at).isoformat(), last.id


async def get_preferences(tx: ReadTx) -> NotificationPreferences:
    """As they are kept, or as they are for who never said anything."""
    rows = await tx.fetch(PREFERENCES(space_id=tx.space_id))
    return tx.open(NOTIFICATION_PREFERENCES, rows[0]) if rows else default_preferences(tx.space_id)
