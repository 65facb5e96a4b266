"""MarkRead: the caller has read some notifications."""

from inbox import delete, listed, mark_read, unread_count
from people import Person, new_id, refusal_of
from rpc.ledger.promises import changed
from rpc.notifications.conftest import Reader
from tallystick_client.v1.notification_pb2 import MarkReadRequest


async def test_they_are_read(reader: Reader) -> None:
    first, second, third = await reader.hear(3)
    marked = await mark_read(reader.person, second.id, first.id)
    assert [each.id for each in marked] == [second.id, first.id]
    assert all(each.HasField("read_at") for each in marked)
    assert await listed(reader.person, unread=True) == [third]
    assert await unread_count(reader.person) == 1


async def test_what_is_read_or_deleted_stays_so(reader: Reader) -> None:
    first, second = await reader.hear(2)
    (read,) = await mark_read(reader.person, first.id)
    await delete(reader.person, second.id)
    assert await mark_read(reader.person, first.id, second.id) == []
    assert await listed(reader.person) == [read]


async def test_a_repeat_is_answered_alike_and_another_body_is_refused(reader: Reader) -> None:
    first, second = await reader.hear(2)
    request = MarkReadRequest(request_id=new_id(), notification_ids=[first.id])
    answer = await reader.person.notifications.MarkRead(request)
    assert await reader.person.notifications.MarkRead(request) == answer
    other = changed(request, notification_ids=[second.id])
    assert (await refusal_of(reader.person.notifications.MarkRead(other))).reason == "REQUEST_ID_REUSED"


async def test_of_what_is_not_there_nothing_is_marked(reader: Reader, bob: Person) -> None:
    (mine,) = await reader.hear()
    for person, ids in ((reader.person, [mine.id, new_id()]), (bob, [mine.id])):
        refusal = await refusal_of(mark_read(person, *ids))
        assert refusal.reason == "NOT_FOUND"
    assert await unread_count(reader.person) == 1


async def test_what_names_nothing_or_the_same_twice_is_refused(reader: Reader) -> None:
    (mine,) = await reader.hear()
    for ids in ([], ["x"], [mine.id, mine.id]):
        assert (await refusal_of(mark_read(reader.person, *ids))).reason == "INVALID_FIELD"
