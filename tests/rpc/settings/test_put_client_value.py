"""What PutClientValue promises."""

from uuid import UUID, uuid5

import grpc
import pytest

from people import BookOf, Person, refusal_of
from rpc.settings.home import (
    delete_request,
    head_of,
    keeps_the_promises_of_a_write,
    keys_of,
    put,
    put_request,
    value_of,
)
from rpc.sync.copy import Copy, mutation
from tallystick.settings.client_values.rules import BYTES_MAX, VALUES_MAX

VALUE_BYTES_MAX = 16 * 1024
LARGE = b"\0" * VALUE_BYTES_MAX


async def fill(person: Person, *requests: object) -> None:
    """Many at once, as a device sends them."""
    results = await Copy(person, person.user.home_id).push(*[mutation(each) for each in requests])  # type: ignore[arg-type]  # requests
    assert {result.outcome for result in results} == {1}


async def test_put_client_value_promises_what_every_write_does(book: BookOf) -> None:
    answer = await keeps_the_promises_of_a_write(
        book, "PutClientValue", put_request("app/color", b"blue"), put_request("app/color", b"red")
    )
    kept = answer.client_value
    assert (kept.key, kept.value) == ("app/color", b"blue")
    assert kept.id == str(uuid5(UUID(book.person.user.home_id), "client_value app/color"))
    assert await value_of(book.person, "app/color") == kept


async def test_put_client_value_takes_the_place_of_what_is_there(ann: Person) -> None:
    first = await put(ann, "k", b"one")
    second = await put(ann, "k", b"two")
    assert (second.id, second.value) == (first.id, b"two")
    assert second.version > first.version
    assert await keys_of(ann) == ["k"]


async def test_put_client_value_of_what_is_there_writes_nothing(ann: Person) -> None:
    first = await put(ann, "k", b"one")
    assert await put(ann, "k", b"one", base_version=0) == first


async def test_put_client_value_keeps_an_empty_value(ann: Person) -> None:
    await put(ann, "k", b"")
    assert (await value_of(ann, "k")).value == b""


async def test_put_client_value_is_for_one_user(ann: Person, bob: Person) -> None:
    mine, his = await put(ann, "k", b"one"), await put(bob, "k", b"two")
    assert mine.id != his.id
    assert (await value_of(ann, "k")).value == b"one"


@pytest.mark.parametrize("key", ["a", "a.b_c-d/e", "/", "..", "0" * 128])
async def test_put_client_value_takes_keys_of_these_characters(ann: Person, key: str) -> None:
    await put(ann, key, b"x")
    assert await keys_of(ann) == [key]


@pytest.mark.parametrize("key", ["", "A", "a b", "ä", "a:b", "a%2fb", "a\n", "a\0", "0" * 129])
async def test_put_client_value_refuses_other_keys(ann: Person, key: str) -> None:
    refusal = await refusal_of(ann.settings.PutClientValue(put_request(key, b"x")))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert refusal.fields == ("key",)


async def test_put_client_value_refuses_what_is_too_large(ann: Person) -> None:
    await put(ann, "k", LARGE)
    refusal = await refusal_of(ann.settings.PutClientValue(put_request("l", LARGE + b"\0")))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("value",))
    assert await keys_of(ann) == ["k"]


async def test_put_client_value_refuses_a_base_that_was_changed_since(ann: Person) -> None:
    first = await put(ann, "k", b"one")
    second = await put(ann, "k", b"two", base_version=first.version)
    stale = await refusal_of(ann.settings.PutClientValue(put_request("k", b"three", base_version=first.version)))
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")
    assert stale.metadata == {"current_version": str(second.version)}
    assert (await value_of(ann, "k")).value == b"two"


async def test_put_client_value_on_a_base_of_0_only_where_nothing_is(ann: Person) -> None:
    await put(ann, "k", b"one", base_version=0)
    stale = await refusal_of(ann.settings.PutClientValue(put_request("k", b"two", base_version=0)))
    assert stale.reason == "STALE_VERSION"
    await ann.settings.DeleteClientValue(delete_request("k"))
    assert (await put(ann, "k", b"three", base_version=0)).value == b"three"


async def test_put_client_value_refuses_a_base_that_was_taken_away_since(ann: Person) -> None:
    first = await put(ann, "k", b"one")
    await ann.settings.DeleteClientValue(delete_request("k"))
    stale = await refusal_of(ann.settings.PutClientValue(put_request("k", b"two", base_version=first.version)))
    assert stale.reason == "STALE_VERSION"
    assert await keys_of(ann) == []


async def test_put_client_value_refuses_one_too_many_and_says_so(ann: Person) -> None:
    await fill(ann, *[put_request(f"k/{number}") for number in range(VALUES_MAX)])
    before = await head_of(ann)
    refusal = await refusal_of(ann.settings.PutClientValue(put_request("more", b"x")))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CLIENT_VALUES_FULL")
    assert refusal.metadata == {"count": str(VALUES_MAX + 1), "bytes": "1"}
    assert await head_of(ann) == before
    # What is there may change, and makes room by going.
    await put(ann, "k/7", b"changed")
    await ann.settings.DeleteClientValue(delete_request("k/8"))
    await put(ann, "more", b"x")


async def test_put_client_value_refuses_what_would_be_too_much_together(ann: Person) -> None:
    await fill(ann, *[put_request(f"k/{number}", LARGE) for number in range(BYTES_MAX // VALUE_BYTES_MAX - 1)])
    await put(ann, "last", LARGE[:-1])
    refusal = await refusal_of(ann.settings.PutClientValue(put_request("more", b"xx")))
    assert (refusal.reason, refusal.metadata["bytes"]) == ("CLIENT_VALUES_FULL", str(BYTES_MAX + 1))
    await put(ann, "more", b"x")
    # What takes another's place counts instead of it.
    assert (await refusal_of(ann.settings.PutClientValue(put_request("last", LARGE)))).reason == "CLIENT_VALUES_FULL"
    await put(ann, "more", b"")
    assert len((await put(ann, "last", LARGE)).value) == VALUE_BYTES_MAX


async def test_put_client_value_counts_what_came_before_it_in_one_push(ann: Person) -> None:
    await fill(ann, *[put_request(f"k/{number}") for number in range(VALUES_MAX - 1)])
    copy = Copy(ann, ann.user.home_id)
    results = await copy.push(*[mutation(put_request(f"more/{number}")) for number in range(3)])
    assert [result.outcome for result in results] == [1, 5, 5]
    assert {result.rejection.reason for result in results[1:]} == {150}
    assert len((await copy.pull()).live) >= VALUES_MAX
