"""UpdateNotificationPreferences: the caller says what they want to be told."""

import pytest

from inbox import (
    CONFLICT,
    GROUP_COMMENTS,
    IMPORT_FINISHED,
    kind_preference,
    listed,
    prefer,
)
from people import Person, new_id, refusal_of
from rpc.ledger.promises import changed
from rpc.notifications.conftest import Reader
from tallystick_client.v1.notification_preferences_pb2 import (
    DigestFrequency,
    UpdateNotificationPreferencesRequest,
)

DAILY, WEEKLY = DigestFrequency.DIGEST_FREQUENCY_DAILY, DigestFrequency.DIGEST_FREQUENCY_WEEKLY


async def test_what_is_not_named_stays(ann: Person) -> None:
    await prefer(ann, digest=WEEKLY, digest_hour=19, digest_weekday=5, amounts_in_mail=True)
    after = await prefer(ann, digest=DAILY)
    assert (after.digest, after.digest_hour, after.digest_weekday, after.amounts_in_mail) == (DAILY, 19, 5, True)


async def test_an_hour_of_midnight_and_no_amounts_need_a_mask(ann: Person) -> None:
    await prefer(ann, digest_hour=19, amounts_in_mail=True)
    after = await prefer(ann, digest_hour=0, amounts_in_mail=False)
    assert (after.digest_hour, after.amounts_in_mail) == (0, False)


async def test_kinds_that_are_not_named_keep_theirs(ann: Person) -> None:
    await prefer(ann, kinds=[kind_preference(GROUP_COMMENTS, in_app=False, email=True)])
    after = await prefer(ann, kinds=[kind_preference(CONFLICT, in_app=True, email=False)])
    said = {each.kind: (each.in_app, each.email) for each in after.kinds}
    assert (said.pop(GROUP_COMMENTS), said.pop(CONFLICT)) == ((False, True), (True, False))
    assert set(said.values()) == {(True, True)}


@pytest.mark.parametrize("email", [False, True])
async def test_what_is_wanted_nowhere_is_not_told(reader: Reader, email: bool) -> None:
    """Without a digest nothing is mailed: then what is not wanted in the app is wanted nowhere."""
    before = await prefer(reader.person, kinds=[kind_preference(IMPORT_FINISHED, in_app=False, email=email)])
    await reader.hear()
    assert await listed(reader.person) == []
    assert (await prefer(reader.person, digest_hour=9)).version == before.version + 2
    await prefer(reader.person, kinds=[kind_preference(IMPORT_FINISHED, in_app=True, email=False)])
    assert await listed(reader.person) == []
    assert len(await reader.hear()) == 1


async def test_the_same_again_changes_nothing(ann: Person) -> None:
    first = await prefer(ann, digest_hour=19)
    assert await prefer(ann, digest_hour=19) == first


async def test_a_repeat_is_answered_alike_and_another_body_is_refused(ann: Person) -> None:
    request = UpdateNotificationPreferencesRequest(request_id=new_id(), digest=DAILY)
    answer = await ann.notifications.UpdateNotificationPreferences(request)
    await prefer(ann, digest=WEEKLY)
    assert await ann.notifications.UpdateNotificationPreferences(request) == answer
    other = changed(request, digest=WEEKLY)
    refusal = await refusal_of(ann.notifications.UpdateNotificationPreferences(other))
    assert refusal.reason == "REQUEST_ID_REUSED"


async def test_what_others_changed_meanwhile_is_not_overwritten(ann: Person) -> None:
    before = await prefer(ann, digest_hour=19)
    await prefer(ann, digest_hour=20)
    for fields, reason in (({"digest_hour": 21}, "STALE_VERSION"), ({"digest": DAILY}, "")):
        request = UpdateNotificationPreferencesRequest(request_id=new_id(), base_version=before.version, **fields)
        call = ann.notifications.UpdateNotificationPreferences(request)
        if reason:
            assert (await refusal_of(call)).reason == reason
        else:
            assert (await call).preferences.digest_hour == 20


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"digest_hour": 24}, "INVALID_FIELD"),
        ({"digest_hour": -1}, "INVALID_FIELD"),
        ({"digest_weekday": 8}, "INVALID_FIELD"),
        ({"digest": 9}, "INVALID_FIELD"),
        ({"kinds": [kind_preference(0, in_app=True, email=True)]}, "INVALID_FIELD"),
        ({"kinds": [kind_preference(99, in_app=True, email=True)]}, "INVALID_FIELD"),
        ({"kinds": 2 * [kind_preference(CONFLICT, in_app=True, email=True)]}, "INVALID_FIELD"),
    ],
)
async def test_what_cannot_be_is_refused(ann: Person, fields: dict[str, object], reason: str) -> None:
    assert (await refusal_of(prefer(ann, **fields))).reason == reason


async def test_a_mask_names_only_what_can_be_changed(ann: Person) -> None:
    request = UpdateNotificationPreferencesRequest(request_id=new_id(), digest=DAILY)
    request.update_mask.paths.append("version")
    refusal = await refusal_of(ann.notifications.UpdateNotificationPreferences(request))
    assert refusal.reason == "INVALID_UPDATE_MASK"
