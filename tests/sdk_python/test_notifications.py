"""Does a copy of the home show beforehand what the real server will make of marks, and of what a user wants to be told?"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from inbox import tell_something
from people import BookOf
from sdk_python.devices import Device, Devices, end
from sdk_python.vectors import read_vectors
from tallystick.app import App
from tallystick.notifications.rules import preferences_id_of
from tallystick_client import new_id
from tallystick_client.offline import OfflineBook, notification_preferences_in
from tallystick_client.offline.applying_notifications import NOTIFICATION_RULES
from tallystick_client.offline.commands import name_of
from tallystick_client.offline.naming import notification_preferences_id
from tallystick_client.v1 import notification_pb2, notification_preferences_pb2
from tallystick_client.v1.notification_pb2 import Notification
from tallystick_client.v1.notification_preferences_pb2 import (
    GetNotificationPreferencesRequest,
    NotificationPreferences,
)

# Messages within messages are written as dictionaries here, which types do not allow.
pb: Any = notification_pb2
preferences: Any = notification_preferences_pb2

VECTORS = read_vectors("home")
WEEKLY = 3


@pytest.fixture
def tablet(devices: Devices, home: BookOf) -> Device:
    """A device of Ann's with a copy of her home."""
    return devices.make("tablet", space_id=home.person.user.home_id)


@pytest.fixture
def watch(devices: Devices, home: BookOf) -> Device:
    """Another one."""
    return devices.make("watch", space_id=home.person.user.home_id)


async def tell(home: BookOf, server: App, count: int) -> list[str]:
    """The oldest first."""
    return [await tell_something(home.person, server, number) for number in range(count)]


def look(book: OfflineBook) -> dict[str, Message]:
    """All that is shown, but for the versions, and when exactly something was read."""
    shown: dict[str, Message] = {}
    for kind in (Notification, NotificationPreferences):
        each: Any
        for each in book.list(kind):
            each.version = 0
            if kind is Notification and each.HasField("read_at"):
                each.read_at.CopyFrom(Timestamp(seconds=1))
            shown[each.id] = each
    return shown


def unread(book: OfflineBook) -> list[str]:
    return [each.id for each in book.list(Notification) if not each.HasField("read_at")]


def update(*paths: str, **fields: Any) -> Message:
    mask = {"update_mask": {"paths": paths}} if paths else {}
    made: Message = preferences.UpdateNotificationPreferencesRequest(**fields, **mask)
    return made


def commands(told: list[str]) -> list[Message]:
    mail_only, nothing = {"in_app": False, "email": True}, {"in_app": False, "email": False}
    return [
        pb.MarkReadRequest(notification_ids=[told[0].upper(), told[3]]),
        pb.MarkReadRequest(notification_ids=[told[0]]),
        pb.DeleteNotificationRequest(notification_id=told[4].upper()),
        pb.DeleteNotificationRequest(notification_id=told[4]),
        pb.MarkReadRequest(notification_ids=[told[4], told[5]]),
        # What is gone still says until when.
        pb.DeleteNotificationRequest(notification_id=told[1]),
        pb.MarkAllReadRequest(notification_id=told[1]),
        pb.MarkAllReadRequest(notification_id=told[2]),
        pb.MarkAllReadRequest(at=datetime(2020, 1, 1, tzinfo=UTC)),
        update(digest=WEEKLY, kinds=[{"kind": 3, **mail_only}, {"kind": 1, **nothing}]),
        update("kinds", "digest_hour", kinds=[{"kind": 2, **nothing}, {"kind": 1, **mail_only}], digest=1),
        update("digest_weekday", "digest"),
        update(),
        update("*", digest_hour=23, digest_weekday=7, amounts_in_mail=True),
        pb.MarkAllReadRequest(),
    ]


def refused() -> list[Message]:
    return [
        pb.MarkReadRequest(notification_ids=[new_id()]),
        pb.DeleteNotificationRequest(notification_id=new_id()),
        pb.MarkAllReadRequest(notification_id=new_id()),
        update(kinds=[{"kind": 1, "in_app": True}, {"kind": 1, "in_app": True}]),
        update(digest_hour=24),
        update(digest_weekday=8),
        update("version", digest=WEEKLY),
    ]


@pytest.mark.parametrize("at_once", [True, False], ids=["all at once", "one after the other"])
async def test_what_is_shown_is_what_comes(tablet: Device, home: BookOf, server: App, at_once: bool) -> None:
    book, told = tablet.book, await tell(home, server, 7)

    def compare(what: str) -> None:
        before = look(book)
        tablet.sync()
        assert book.waiting == 0
        assert look(book) == before, what

    def story() -> None:
        tablet.sync()
        done = [*commands(told), *refused()]
        assert {name_of(each) for each in done} == NOTIFICATION_RULES.keys()
        for command in done:
            book.do(command)
            if not at_once:
                compare(name_of(command))
        assert unread(book) == []
        compare("all")
        assert [name_of(each.command) for each in book.tray()] == [name_of(each) for each in refused()]
        end(tablet)

    await asyncio.to_thread(story)


async def test_all_is_read_until_a_moment(tablet: Device, home: BookOf, server: App) -> None:
    book, told = tablet.book, await tell(home, server, 3)

    def story() -> None:
        tablet.sync()
        moments = {each.id: each.created_at for each in book.list(Notification)}
        book.do(pb.MarkAllReadRequest(at=moments[told[1]]))
        assert unread(book) == [told[2]]
        later = moments[told[2]].ToDatetime(UTC) - timedelta(microseconds=1)
        book.do(pb.MarkAllReadRequest(at=later))
        assert unread(book) == [told[2]]
        assert book.is_pending(Notification, told[0]) is False
        before = look(book)
        end(tablet)
        assert look(book) == before

    await asyncio.to_thread(story)


async def test_what_is_read_and_deleted_apart_is_both(tablet: Device, watch: Device, home: BookOf, server: App) -> None:
    told = await tell(home, server, 2)

    def story() -> None:
        end(tablet, watch)
        tablet.book.do(pb.MarkReadRequest(notification_ids=told))
        tablet.book.do(update(digest_hour=5))
        watch.book.do(pb.DeleteNotificationRequest(notification_id=told[0]))
        watch.book.do(update(amounts_in_mail=True))
        assert tablet.book.is_pending(Notification, told[1].upper())
        assert watch.book.is_pending(NotificationPreferences, notification_preferences_id(watch.book.space_id))
        end(tablet, watch)
        for device in (tablet, watch):
            both = notification_preferences_in(device.book)
            assert (both.digest_hour, both.amounts_in_mail) == (5, True)
            assert [each.id for each in device.book.list(Notification)] == [told[1]]
            assert (unread(device.book), device.book.tray(), device.book.conflicts()) == ([], [], [])

    await asyncio.to_thread(story)


async def test_what_holds_is_what_the_server_says(tablet: Device) -> None:
    def story() -> None:
        tablet.sync()
        for command in (None, update(kinds=[{"kind": 4, "in_app": True}])):
            if command is not None:
                tablet.book.do(command)
                tablet.sync()
            asked = tablet.client.notifications.GetNotificationPreferences(GetNotificationPreferencesRequest())
            assert notification_preferences_in(tablet.book) == asked.preferences

    await asyncio.to_thread(story)


def test_a_copy_that_holds_no_home_shows_no_preferences(book: OfflineBook) -> None:
    book.do(update(digest=WEEKLY))
    assert look(book) == {}
    assert book.waiting == 1


def test_the_id_of_preferences_follows_from_the_home() -> None:
    home_id = VECTORS["homeId"]
    assert str(preferences_id_of(UUID(home_id))) == VECTORS["notificationPreferences"]
    assert notification_preferences_id(home_id.upper()) == VECTORS["notificationPreferences"]
