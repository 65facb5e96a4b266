"""How are notifications kept, and what says which spaces and things are to be looked at?"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Table, Uuid, and_, column

from tallystick.store.entity import Entity
from tallystick.store.metadata import entity_table, metadata, small_enum
from tallystick.times import to_datetime
from tallystick.v1.notification_pb2 import Notification
from tallystick.v1.notification_preferences_pb2 import NotificationPreferences

_is_there = column("deleted_at").is_(None)

# `read_at` is since when nobody waits for it: what is only mailed, nobody reads.
notification = entity_table(
    "notification",
    small_enum("kind"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("mail_only", Boolean, nullable=False),
    Index("ix_notification_newest", "space_id", "created_at", "id", postgresql_where=_is_there),
    Index(
        "ix_notification_unread",
        *("space_id", "created_at", "id"),
        postgresql_where=and_(_is_there, column("read_at").is_(None)),
    ),
    Index("ix_notification_read", "space_id", "read_at", postgresql_where=_is_there),
)

notification_preferences = entity_table("notification_preferences", small_enum("digest"))

# How far the journal of each space was read for what somebody should know. It says no more than that, and stands outside row-level
# security, so that one query finds what is behind. `leased_until` keeps two servers from working on the same space at the same time.
notice_follow = Table(
    "notice_follow",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("followed_seq", BigInteger, nullable=False),
    Column("leased_until", DateTime(timezone=True)),
)


def _due(name: str, id_column: str, *columns: Column[Any]) -> Table:
    """What is looked at when its time comes, as jobs/due says."""
    return Table(
        name,
        metadata,
        Column("space_id", Uuid, primary_key=True),
        Column(id_column, Uuid, primary_key=True),
        Column("user_id", Uuid, nullable=False),
        Column("due_at", DateTime(timezone=True), nullable=False),
        Column("leased_until", DateTime(timezone=True)),
        *columns,
        Index(f"ix_{name}_at", "due_at"),
    )


# Templates that remind.
reminder_due = _due("reminder_due", "template_id")
# Books whose spending is to be looked at. A book has the id of its space.
spending_due = _due("spending_due", "book_id")
# Homes whose owner wants a digest. A digest has what was told after `sent_until`.
digest_due = _due("digest_due", "home_id", Column("sent_until", DateTime(timezone=True)))
# Sessions on devices that were new to their user.
device_due = _due("device_due", "session_id")


def _of_notification(message: Notification) -> dict[str, Any]:
    created_at = to_datetime(message.created_at)
    read_at = to_datetime(message.read_at) if message.HasField("read_at") else None
    return {
        "kind": message.kind,
        "created_at": created_at,
        "read_at": created_at if message.mail_only else read_at,
        "mail_only": message.mail_only,
    }


NOTIFICATION = Entity(notification, Notification, _of_notification)
NOTIFICATION_PREFERENCES = Entity(
    notification_preferences, NotificationPreferences, lambda message: {"digest": message.digest}
)
