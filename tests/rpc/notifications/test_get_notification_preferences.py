"""GetNotificationPreferences: what the caller wants to be told."""

from typing import Any

from inbox import GROUP_COMMENTS, kind_preference, prefer
from people import Person
from tallystick_client.v1.notification_pb2 import NotificationKind
from tallystick_client.v1.notification_preferences_pb2 import DigestFrequency, GetNotificationPreferencesRequest


async def preferences_of(person: Person) -> Any:
    answer = await person.notifications.GetNotificationPreferences(GetNotificationPreferencesRequest())
    return answer.preferences


async def test_who_never_said_anything_is_told_everything_in_the_app_and_gets_no_mails(ann: Person) -> None:
    found = await preferences_of(ann)
    assert [each.kind for each in found.kinds] == [number for number in NotificationKind.values() if number]
    assert all(each.in_app and each.email for each in found.kinds)
    assert found.digest == DigestFrequency.DIGEST_FREQUENCY_OFF
    assert (found.digest_hour, found.digest_weekday, found.amounts_in_mail, found.version) == (8, 1, False, 0)


async def test_what_was_said_is_returned(ann: Person, bob: Person) -> None:
    changed = await prefer(ann, kinds=[kind_preference(GROUP_COMMENTS, in_app=False, email=False)], digest_hour=19)
    assert await preferences_of(ann) == changed
    assert changed.version > 0
    assert [each.kind for each in changed.kinds if not each.in_app] == [GROUP_COMMENTS]
    assert (await preferences_of(bob)).digest_hour == 8


async def test_the_id_follows_from_the_home(ann: Person, bob: Person) -> None:
    before = (await preferences_of(ann)).id
    assert (await prefer(ann, digest_hour=3)).id == before != (await preferences_of(bob)).id
