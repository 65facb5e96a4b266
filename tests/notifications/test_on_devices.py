"""Do notifications reach devices, and may they be read without a network?"""

from typing import Any

from inbox import delete, listed, prefer, tell_something, unread_count
from people import Person, new_id
from sync.watch.device import bodies, up_to_date
from tallystick.app import App
from tallystick_client.v1.notification_pb2 import DeleteNotificationRequest, MarkAllReadRequest, MarkReadRequest
from tallystick_client.v1.notification_preferences_pb2 import UpdateNotificationPreferencesRequest
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Outcome
from tallystick_client.v1.sync_service_pb2 import PullRequest, PushRequest

APPLIED = Outcome.OUTCOME_APPLIED


async def pulled(person: Person) -> dict[str, Any]:
    """The notifications in a new copy of the home."""
    request, found = PullRequest(space_id=person.user.home_id), {}
    async for page in person.streams.Pull(request):
        for change in page.changes:
            if change.entity.WhichOneof("kind") == "notification" and not change.deleted:
                found[change.entity.notification.id] = change.entity.notification
    return found


async def push(person: Person, *mutations: Mutation) -> list[Any]:
    request = PushRequest(space_id=person.user.home_id, mutations=mutations)
    return [each.outcome for each in (await person.sync.Push(request)).results]


async def test_a_copy_of_the_home_has_them(server: App, ann: Person) -> None:
    first, second = [await tell_something(ann, server) for _ in range(2)]
    await delete(ann, first)
    assert await pulled(ann) == {second: (await listed(ann))[0]}


async def test_whoever_watches_sees_them_come(server: App, ann: Person) -> None:
    async with up_to_date(ann, ann.user.home_id) as watch:
        for _ in range(2):
            told = await tell_something(ann, server)
            (body,) = bodies(await watch.expect("changes"))
            assert (body.id, body) == (told, (await listed(ann))[0])


async def test_they_are_read_without_a_network(server: App, ann: Person) -> None:
    ids = [await tell_something(ann, server) for _ in range(3)]
    read = MarkReadRequest(request_id=new_id(), notification_ids=ids[:1])
    gone = DeleteNotificationRequest(request_id=new_id(), notification_id=ids[1])
    rest = MarkAllReadRequest(request_id=new_id(), notification_id=ids[2])
    wants = UpdateNotificationPreferencesRequest(request_id=new_id(), digest_hour=19)
    outcomes = await push(
        ann,
        Mutation(mark_read=read),
        Mutation(delete_notification=gone),
        Mutation(mark_all_read=rest),
        Mutation(update_notification_preferences=wants),
    )
    assert outcomes == 4 * [APPLIED]
    assert await unread_count(ann) == 0
    assert [each.id for each in await listed(ann)] == [ids[2], ids[0]]


async def test_what_two_devices_did_with_one_is_no_conflict(server: App, ann: Person) -> None:
    read_and_deleted, deleted_and_read, twice = [await tell_something(ann, server) for _ in range(3)]
    version = max(each.version for each in await listed(ann))
    await delete(ann, deleted_and_read)
    for notification_id in (read_and_deleted, twice):
        await ann.notifications.MarkRead(MarkReadRequest(request_id=new_id(), notification_ids=[notification_id]))

    def read(notification_id: str) -> Mutation:
        request = MarkReadRequest(request_id=new_id(), notification_ids=[notification_id])
        return Mutation(base_version=version, mark_read=request)

    gone = DeleteNotificationRequest(request_id=new_id(), notification_id=read_and_deleted)
    again = DeleteNotificationRequest(request_id=new_id(), notification_id=deleted_and_read)
    outcomes = await push(
        ann,
        Mutation(base_version=version, delete_notification=gone),
        read(deleted_and_read),
        read(twice),
        Mutation(base_version=version, delete_notification=again),
    )
    assert outcomes == 4 * [APPLIED]
    assert [each.id for each in await listed(ann)] == [twice]


async def test_preferences_of_two_devices_are_merged(ann: Person) -> None:
    before = await prefer(ann, digest_hour=9)
    await prefer(ann, digest_weekday=5)
    request = UpdateNotificationPreferencesRequest(request_id=new_id(), digest_hour=19)
    mutation = Mutation(base_version=before.version, update_notification_preferences=request)
    await push(ann, mutation)
    after = await prefer(ann, amounts_in_mail=True)
    assert (after.digest_hour, after.digest_weekday) == (19, 5)
