"""What ListClientValues promises."""

import pytest

from people import BookOf, Person, refusal_of
from rpc.settings.home import delete_request, is_for_sessions_only, keys_of, put
from tallystick_client.v1.settings_client_values_pb2 import ListClientValuesRequest

KEYS = ["a", "a-b", "a.b", "a/1", "a/10", "a/2", "a_b", "ab", "b"]


async def test_list_client_values_are_in_the_order_of_their_keys(ann: Person) -> None:
    kept = {key: await put(ann, key, key.encode()) for key in reversed(KEYS)}
    page = await ann.settings.ListClientValues(ListClientValuesRequest())
    assert list(page.client_values) == [kept[key] for key in KEYS]
    assert page.next_page_token == ""


async def test_list_client_values_are_those_that_begin_so(ann: Person) -> None:
    for key in KEYS:
        await put(ann, key)
    assert await keys_of(ann, "a/") == ["a/1", "a/10", "a/2"]
    assert await keys_of(ann, "a/1") == ["a/1", "a/10"]
    assert await keys_of(ann, "c") == []


async def test_list_client_values_leaves_out_what_went_and_what_is_others(ann: Person, bob: Person) -> None:
    await put(bob, "his")
    for key in ("one", "two"):
        await put(ann, key)
    await ann.settings.DeleteClientValue(delete_request("one"))
    assert await keys_of(ann) == ["two"]


async def test_list_client_values_goes_on_where_the_page_before_ended(ann: Person) -> None:
    for key in KEYS:
        await put(ann, key)
    found, token, sizes = list[str](), "", list[int]()
    while True:
        page = await ann.settings.ListClientValues(ListClientValuesRequest(prefix="a", page_size=3, page_token=token))
        found += [each.key for each in page.client_values]
        sizes.append(len(page.client_values))
        token = page.next_page_token
        if not token:
            break
        # What goes in between is not there any more, and nothing is passed over for it.
        await ann.settings.DeleteClientValue(delete_request(found[-1]))
    assert (found, sizes) == (KEYS[:-1], [3, 3, 2])


async def test_list_client_values_refuses_a_token_of_another_list(ann: Person, bob: Person) -> None:
    for key in KEYS:
        await put(ann, key)
    page = await ann.settings.ListClientValues(ListClientValuesRequest(page_size=1))
    for person, prefix in ((ann, "a"), (bob, "")):
        asked = ListClientValuesRequest(prefix=prefix, page_token=page.next_page_token)
        assert (await refusal_of(person.settings.ListClientValues(asked))).reason == "INVALID_PAGE_TOKEN"


@pytest.mark.parametrize("fields", [{"page_size": -1}, {"prefix": "A"}, {"prefix": "0" * 129}])
async def test_list_client_values_refuses_a_wrong_field(ann: Person, fields: dict[str, object]) -> None:
    asked = ListClientValuesRequest(**fields)  # type: ignore[arg-type]  # of several types
    assert (await refusal_of(ann.settings.ListClientValues(asked))).reason == "INVALID_FIELD"


async def test_list_client_values_needs_a_session(book: BookOf) -> None:
    await is_for_sessions_only(book, "ListClientValues", ListClientValuesRequest())
