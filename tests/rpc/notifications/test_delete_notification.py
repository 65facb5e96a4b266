"""DeleteNotification: the caller does not want to see it any more."""

from uuid import UUID

from inbox import delete, listed, unread_count
from people import Person, new_id, refusal_of
from rpc.ledger.promises import changed
from rpc.notifications.conftest import Reader
from tallystick.notifications.notices import Notice
from tallystick.v1.notification_pb2 import Notification
from tallystick_client.v1.notification_pb2 import DeleteNotificationRequest


async def test_it_is_gone(reader: Reader) -> None:
    first, second = await reader.hear(2)
    assert (await delete(reader.person, first.id)).id == first.id
    assert (await listed(reader.person), await unread_count(reader.person)) == ([second], 1)


async def test_it_is_not_told_again(reader: Reader) -> None:
    (mine,) = await reader.hear()
    await delete(reader.person, mine.id)
    again = Notification.FromString(mine.SerializeToString())
    await reader.server.notifications.raising.raise_notice(Notice(UUID(reader.person.user.id), again))
    assert await listed(reader.person) == []


async def test_what_is_deleted_stays_so(reader: Reader) -> None:
    (mine,) = await reader.hear()
    first = await delete(reader.person, mine.id)
    assert await delete(reader.person, mine.id) == first


async def test_a_repeat_is_answered_alike_and_another_body_is_refused(reader: Reader) -> None:
    first, second = await reader.hear(2)
    request = DeleteNotificationRequest(request_id=new_id(), notification_id=first.id)
    answer = await reader.person.notifications.DeleteNotification(request)
    assert await reader.person.notifications.DeleteNotification(request) == answer
    other = changed(request, notification_id=second.id)
    assert (await refusal_of(reader.person.notifications.DeleteNotification(other))).reason == "REQUEST_ID_REUSED"


async def test_nobody_deletes_those_of_others(reader: Reader, bob: Person) -> None:
    (mine,) = await reader.hear()
    for notification_id in (mine.id, new_id()):
        assert (await refusal_of(delete(bob, notification_id))).reason == "NOT_FOUND"
    assert (await refusal_of(delete(bob, "x"))).reason == "INVALID_FIELD"
    assert await unread_count(reader.person) == 1
