"""What DeleteClientValue promises."""

import pytest

from people import BookOf, Person, refusal_of
from rpc.settings.home import delete_request, keeps_the_promises_of_a_write, keys_of, put, value_of


async def test_delete_client_value_promises_what_every_write_does(book: BookOf) -> None:
    kept = await put(book.person, "k", b"x")
    answer = await keeps_the_promises_of_a_write(book, "DeleteClientValue", delete_request("k"), delete_request("l"))
    assert (answer.client_value.id, answer.client_value.value) == (kept.id, b"x")
    assert await keys_of(book.person) == []


async def test_delete_client_value_of_nothing_does_nothing(ann: Person, bob: Person) -> None:
    await put(bob, "k", b"his")
    assert not (await ann.settings.DeleteClientValue(delete_request("k"))).HasField("client_value")
    assert (await value_of(bob, "k")).value == b"his"


async def test_delete_client_value_makes_a_key_free_for_the_same_again(ann: Person) -> None:
    first = await put(ann, "k", b"x")
    await ann.settings.DeleteClientValue(delete_request("k"))
    again = await put(ann, "k", b"x")
    assert again.id == first.id
    assert await value_of(ann, "k") == again


@pytest.mark.parametrize("key", ["", "A", "0" * 129])
async def test_delete_client_value_refuses_what_is_no_key(ann: Person, key: str) -> None:
    refusal = await refusal_of(ann.settings.DeleteClientValue(delete_request(key)))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("key",))
