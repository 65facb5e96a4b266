"""MarkAllRead: the caller has read everything until a moment."""

from typing import Any

import pytest

from inbox import listed, mark_read, unread_count
from people import Person, new_id, refusal_of
from rpc.ledger.promises import changed
from rpc.notifications.conftest import Reader
from tallystick.notifications import commands
from tallystick_client.v1.notification_pb2 import MarkAllReadRequest


async def mark_all(person: Person, **until: Any) -> int:
    answer = await person.notifications.MarkAllRead(MarkAllReadRequest(request_id=new_id(), **until))
    return int(answer.marked)


async def test_until_a_notification(reader: Reader) -> None:
    newest, middle, _ = await reader.hear(3)
    assert await mark_all(reader.person, notification_id=middle.id) == 2
    assert await listed(reader.person, unread=True) == [newest]


async def test_until_a_moment(reader: Reader) -> None:
    newest, _, oldest = await reader.hear(3)
    assert await mark_all(reader.person, at=oldest.created_at) == 1
    assert await mark_all(reader.person, at=newest.created_at) == 2
    assert await unread_count(reader.person) == 0


async def test_all_of_them(reader: Reader) -> None:
    first, _ = await reader.hear(2)
    await mark_read(reader.person, first.id)
    assert await mark_all(reader.person) == 1
    assert await mark_all(reader.person) == 0


async def test_more_than_one_commit_holds(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "SLICE_MAX", 3)
    await reader.hear(8)
    request = MarkAllReadRequest(request_id=new_id())
    answer = await reader.person.notifications.MarkAllRead(request)
    assert (answer.marked, await unread_count(reader.person)) == (8, 0)
    await reader.hear()
    assert await reader.person.notifications.MarkAllRead(request) == answer
    assert await unread_count(reader.person) == 1


async def test_another_body_under_the_same_id_is_refused(reader: Reader) -> None:
    (mine,) = await reader.hear()
    request = MarkAllReadRequest(request_id=new_id())
    await reader.person.notifications.MarkAllRead(request)
    other = changed(request, notification_id=mine.id)
    assert (await refusal_of(reader.person.notifications.MarkAllRead(other))).reason == "REQUEST_ID_REUSED"


async def test_a_notification_of_somebody_else_is_not_there(reader: Reader, bob: Person) -> None:
    (mine,) = await reader.hear()
    for notification_id in (mine.id, new_id()):
        assert (await refusal_of(mark_all(bob, notification_id=notification_id))).reason == "NOT_FOUND"
    assert (await refusal_of(mark_all(bob, notification_id="x"))).reason == "INVALID_FIELD"
