"""What is to be told to whom, and by which id is it known that it was told? Pure.

The id of a notification follows from what happened and from the user. It is also the request_id of the commit that tells it: the write
door does that once, for ever, whoever tries it how often.
"""

from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid5

from google.protobuf.message import Message

from tallystick.v1.notification_pb2 import Notification, NotificationKind

_DETAILS = Notification.DESCRIPTOR.oneofs_by_name["details"].fields
_FIELD_OF = {field.message_type.full_name: field.name for field in _DETAILS if field.message_type}


class Place(NamedTuple):
    """Where it happened. An empty name: in no space that has one."""

    id: UUID | None
    name: str


NOWHERE = Place(None, "")


class Notice(NamedTuple):
    """Something to be told to one user."""

    user_id: UUID
    notification: Notification

    @property
    def id(self) -> UUID:
        return UUID(self.notification.id)


def compose_notice(
    user_id: UUID, notice_id: UUID, kind: NotificationKind.ValueType, place: Place, details: Message
) -> Notice:
    told = Notification(id=str(notice_id), kind=kind, space_id=str(place.id) if place.id else "", space_name=place.name)
    getattr(told, _FIELD_OF[details.DESCRIPTOR.full_name]).CopyFrom(details)
    return Notice(user_id, told)


def id_in_commit(space_id: UUID, seq: int, what: str, user_id: UUID) -> UUID:
    """Of what one commit of a space did."""
    return uuid5(space_id, f"{seq} {what} to {user_id}")


def id_of_thing(thing_id: UUID, what: str, user_id: UUID) -> UUID:
    """Of what happens to a thing once, whose id was made here."""
    return uuid5(thing_id, f"{what} to {user_id}")


def id_of_threshold(book_id: UUID, item_id: UUID, from_on: date, threshold_bp: int, user_id: UUID) -> UUID:
    """Clients make ids: one may be that of something in another book, too."""
    return uuid5(book_id, f"{threshold_bp} of {item_id} from {from_on.isoformat()} to {user_id}")


def id_of_reminder(book_id: UUID, template_id: UUID, slot_on: date, user_id: UUID) -> UUID:
    return uuid5(book_id, f"reminder of {template_id} on {slot_on.isoformat()} to {user_id}")


def id_of_unusual(book_id: UUID, category_id: UUID, month: date, user_id: UUID) -> UUID:
    return uuid5(book_id, f"unusual {category_id} {month.isoformat()} to {user_id}")
