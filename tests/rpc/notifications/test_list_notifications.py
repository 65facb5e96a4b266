"""ListNotifications: what the caller should know of."""

from typing import Any

from inbox import CONFLICT, IMPORT_FINISHED, kind_preference, listed, mark_read, prefer, unread_count
from people import Person, refusal_of
from rpc.notifications.conftest import Reader
from tallystick_client.v1.notification_pb2 import ListNotificationsRequest


async def test_the_newest_come_first(reader: Reader) -> None:
    await reader.hear(5)
    found = await listed(reader.person)
    assert [each.import_finished.imported for each in found] == [4, 3, 2, 1, 0]
    assert all(each.kind == IMPORT_FINISHED and each.HasField("created_at") for each in found)
    assert not any(each.HasField("read_at") for each in found)


async def test_who_was_told_nothing_has_none(ann: Person) -> None:
    assert (await listed(ann), await unread_count(ann)) == ([], 0)


async def test_pages_go_on_where_the_last_one_ended(reader: Reader) -> None:
    await reader.hear(5)
    found, token = [], ""
    while True:
        request = ListNotificationsRequest(page_size=2, page_token=token)
        page = await reader.person.notifications.ListNotifications(request)
        assert page.unread_count == 5
        found += page.notifications
        token = page.next_page_token
        if not token:
            break
    assert found == await listed(reader.person)


async def test_only_unread_ones(reader: Reader) -> None:
    newest, *others = await reader.hear(3)
    await mark_read(reader.person, newest.id)
    assert await listed(reader.person, unread=True) == others
    assert await unread_count(reader.person) == 2


async def test_only_of_some_kinds(reader: Reader) -> None:
    await reader.hear(2)
    assert len(await listed(reader.person, IMPORT_FINISHED)) == 2
    assert await listed(reader.person, CONFLICT) == []
    assert len(await listed(reader.person, CONFLICT, IMPORT_FINISHED)) == 2


async def test_what_is_only_mailed_is_not_listed(reader: Reader) -> None:
    await prefer(reader.person, digest=2, kinds=[kind_preference(IMPORT_FINISHED, in_app=False, email=True)])
    await reader.hear()
    assert (await listed(reader.person), await unread_count(reader.person)) == ([], 0)


async def test_nobody_sees_those_of_others(reader: Reader, bob: Person) -> None:
    await reader.hear()
    assert await listed(bob) == []


async def test_a_token_is_for_its_own_query(reader: Reader, bob: Person) -> None:
    await reader.hear(2)
    page = await reader.person.notifications.ListNotifications(ListNotificationsRequest(page_size=1))
    for other in (
        reader.person.notifications.ListNotifications(
            ListNotificationsRequest(page_token=page.next_page_token, unread=True)
        ),
        bob.notifications.ListNotifications(ListNotificationsRequest(page_token=page.next_page_token)),
    ):
        assert (await refusal_of(other)).reason == "INVALID_PAGE_TOKEN"


async def test_a_kind_that_is_none_is_refused(ann: Person) -> None:
    wrong: list[list[Any]] = [[0], [99], [1, 1]]
    for kinds in wrong:
        refusal = await refusal_of(ann.notifications.ListNotifications(ListNotificationsRequest(kinds=kinds)))
        assert refusal.reason == "INVALID_FIELD"
