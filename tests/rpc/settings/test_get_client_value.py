"""What GetClientValue promises."""

import pytest

from people import BookOf, Person, refusal_of
from rpc.settings.home import delete_request, is_for_sessions_only, put, value_of
from tallystick_client.v1.settings_client_values_pb2 import GetClientValueRequest


async def test_get_client_value_returns_what_was_put(ann: Person) -> None:
    kept = await put(ann, "app/draft/1", bytes(range(256)))
    assert await value_of(ann, "app/draft/1") == kept


async def test_get_client_value_of_nothing_of_what_went_and_of_others_is_not_found(ann: Person, bob: Person) -> None:
    await put(ann, "gone", b"x")
    await ann.settings.DeleteClientValue(delete_request("gone"))
    await put(bob, "his", b"x")
    refusals = [
        await refusal_of(ann.settings.GetClientValue(GetClientValueRequest(key=key)))
        for key in ("never", "gone", "his")
    ]
    assert {each.reason for each in refusals} == {"NOT_FOUND"}
    assert len({each.raw for each in refusals}) == 1


@pytest.mark.parametrize("key", ["", "A", "0" * 129])
async def test_get_client_value_refuses_what_is_no_key(ann: Person, key: str) -> None:
    refusal = await refusal_of(ann.settings.GetClientValue(GetClientValueRequest(key=key)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("key",))


async def test_get_client_value_needs_a_session(book: BookOf) -> None:
    await put(book.person, "k", b"x")
    await is_for_sessions_only(book, "GetClientValue", GetClientValueRequest(key="k"))
