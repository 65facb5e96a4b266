"""What UpdateMe promises."""

from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from people import Person, new_id, refusal_of
from rpc.auth.visitors import Visitor
from tallystick_client.v1 import auth_service_pb2 as pb


def request(*paths: str, request_id: str | None = None, **fields: Any) -> pb.UpdateMeRequest:
    mask = FieldMask(paths=paths) if paths else None
    return pb.UpdateMeRequest(request_id=request_id or new_id(), update_mask=mask, **fields)


async def update(person: Person, *paths: str, **fields: Any) -> Any:
    return (await person.auth.UpdateMe(request(*paths, **fields))).user


async def test_update_me_without_a_mask_changes_what_is_not_empty(ann: Person) -> None:
    user = await update(ann, display_name="Anna", time_zone="Asia/Tokyo")
    assert (user.display_name, user.time_zone, user.locale) == ("Anna", "Asia/Tokyo", ann.user.locale)
    assert user.version > ann.user.version
    assert (await ann.auth.GetMe(pb.GetMeRequest())).user == user


async def test_update_me_changes_only_what_the_mask_names(ann: Person) -> None:
    user = await update(ann, "locale", display_name="Anna", locale="fr")
    assert (user.display_name, user.locale) == (ann.user.display_name, "fr")


async def test_update_me_with_a_star_changes_everything(ann: Person) -> None:
    await update(ann, locale="fr", time_zone="Asia/Tokyo")
    user = await update(ann, "*", display_name="Anna")
    assert (user.display_name, user.locale, user.time_zone) == ("Anna", "en", "UTC")


async def test_update_me_that_changes_nothing_returns_the_user_as_it_is(ann: Person) -> None:
    assert await update(ann) == ann.user
    assert await update(ann, display_name=ann.user.display_name) == ann.user


@pytest.mark.parametrize("path", ["email", "email_verified", "id", "nothing", "display_name.x", "*.*", ""])
async def test_update_me_refuses_a_mask_with_a_field_that_cannot_be_changed(ann: Person, path: str) -> None:
    refusal = await refusal_of(ann.auth.UpdateMe(request("locale", path, locale="fr")))
    assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))
    assert (await ann.auth.GetMe(pb.GetMeRequest())).user == ann.user


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("time_zone", "/etc/passwd"), ("locale", "--"), ("display_name", " ")],
)
async def test_update_me_refuses_and_names_a_wrong_field(ann: Person, field: str, value: Any) -> None:
    refusal = await refusal_of(ann.auth.UpdateMe(request(**{field: value})))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,))


async def test_update_me_refuses_to_take_the_name_away(ann: Person) -> None:
    refusal = await refusal_of(ann.auth.UpdateMe(request("display_name")))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("display_name",))


async def test_update_me_refuses_what_was_changed_since_the_version_it_was_made_on(ann: Person) -> None:
    base = ann.user.version
    changed = await update(ann, display_name="Anna")
    refusal = await refusal_of(ann.auth.UpdateMe(request(display_name="Annie", base_version=base)))
    assert (refusal.reason, refusal.metadata) == ("STALE_VERSION", {"current_version": str(changed.version)})
    assert (await update(ann, display_name="Annie", base_version=changed.version)).display_name == "Annie"


async def test_update_me_takes_a_change_of_other_fields_than_were_changed_since(ann: Person) -> None:
    await update(ann, display_name="Anna")
    user = await update(ann, locale="fr", base_version=ann.user.version)
    assert (user.display_name, user.locale) == ("Anna", "fr")


async def test_update_me_takes_what_is_so_already_on_whatever_version(ann: Person) -> None:
    await update(ann, display_name="Anna")
    assert (await update(ann, display_name="Anna", base_version=ann.user.version)).display_name == "Anna"


async def test_update_me_repeated_returns_the_first_answer(ann: Person) -> None:
    again = request(display_name="Anna")
    first = await ann.auth.UpdateMe(again)
    await update(ann, display_name="Annie")
    assert await ann.auth.UpdateMe(again) == first
    assert (await ann.auth.GetMe(pb.GetMeRequest())).user.display_name == "Annie"


async def test_update_me_refuses_another_body_under_one_request_id(ann: Person) -> None:
    first = request(display_name="Anna")
    await ann.auth.UpdateMe(first)
    other = request(display_name="Annie", request_id=first.request_id)
    assert (await refusal_of(ann.auth.UpdateMe(other))).reason == "REQUEST_ID_REUSED"


async def test_update_me_needs_a_session(visitor: Visitor) -> None:
    assert (await refusal_of(visitor.auth.UpdateMe(request(locale="fr")))).reason == "NOT_SIGNED_IN"
