"""What SearchGroups promises."""

from typing import Any

import pytest

from people import Client, Person, new_id, refusal_of, sign_up
from rpc.groups import hall
from rpc.spaces.sharing import VIEWER, leave, share
from tallystick.groups.profiles import queries_search
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1.group_members_pb2 import FoundGroup


@pytest.fixture
def word() -> str:
    """What only this test's groups are called."""
    return f"Ω{new_id()}"


async def names_found(person: Person, query: str, **other: Any) -> list[str]:
    """All pages, one after the other. No group is met twice."""
    found, token = list[FoundGroup](), ""
    while True:
        page = await hall.search(person, query, page_token=token, **other)
        found += page.groups
        token = page.next_page_token
        if not token:
            break
    assert len({each.group_id for each in found}) == len(found)
    return [each.name for each in found]


async def test_search_groups_finds_own_ones_first_and_then_those_that_everybody_may_find(
    ann: Person, bob: Person, word: str
) -> None:
    await hall.make(bob, name=f"{word} B", discoverable=True, join_policy=hall.OPEN)
    await hall.make(bob, name=f"{word} A", discoverable=True)
    await hall.make(bob, name=f"{word} hidden")
    shared = await hall.make(bob, name=f"{word} shared", discoverable=True)
    await share(bob, shared.id, ann, VIEWER)
    await hall.make(ann, name=f"{word} own")
    await hall.delete(ann, (await hall.make(ann, name=f"{word} gone", discoverable=True)).id)
    found = (await hall.search(ann, word)).groups
    assert [each.name.removeprefix(word).strip() for each in found] == ["shared", "own", "A", "B"]
    assert [each.is_member for each in found] == [True, True, False, False]
    assert (found[3].default_currency, found[3].join_policy) == ("EUR", hall.OPEN)
    for size in (1, 2, 3):
        assert await names_found(ann, word, page_size=size) == [each.name for each in found]


async def test_search_groups_looks_into_names_and_descriptions_in_any_case(ann: Person, bob: Person, word: str) -> None:
    await hall.make(bob, name="Straße", description=f"Über {word}", discoverable=True)
    await hall.make(ann, name="Own", description=f"ÜBER {word}")
    assert await names_found(ann, f" über {word.lower()} ") == ["Own", "Straße"]
    assert await names_found(ann, "STRASSE") == ["Straße"]


async def test_search_groups_knows_no_wildcards(ann: Person, bob: Person, word: str) -> None:
    await hall.make(bob, name=f"{word} 100%_\\", discoverable=True)
    assert await names_found(ann, f"{word} 100%_\\") == [f"{word} 100%_\\"]
    for query in (f"{word}%", f"{word[:-1]}_", f"{word} 100\\"):
        assert await names_found(ann, query) == []


async def test_search_groups_shows_a_group_that_was_left_only_if_everybody_may_find_it(
    ann: Person, bob: Person, word: str
) -> None:
    for name, discoverable in (("open", True), ("closed", False)):
        group = await hall.make(bob, name=f"{word} {name}", discoverable=discoverable)
        await share(bob, group.id, ann, VIEWER)
        await leave(ann, group.id)
    assert [each.is_member for each in (await hall.search(ann, word)).groups] == [False]


async def test_search_groups_stops_looking_and_goes_on_where_it_stopped(
    ann: Person, bob: Person, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_search, "OWN_LOOKED_AT", 2)
    monkeypatch.setattr(queries_search, "LISTED_LOOKED_AT", 3)
    for number in range(5):
        await hall.make(ann, name=f"{word} own {number}")
        await hall.make(bob, name=f"{word} other {number}", discoverable=True)
    first = await hall.search(ann, f"{word} other 4")
    assert not first.groups
    assert first.next_page_token
    assert await names_found(ann, f"{word} other 4") == [f"{word} other 4"]
    assert len(await names_found(ann, word)) == 10


async def test_search_groups_goes_on_when_the_last_one_was_taken_off_the_list_and_with_long_names(
    ann: Person, bob: Person, word: str
) -> None:
    made = [await hall.make(bob, name=f"{word} {number}{'😀' * 100}", discoverable=True) for number in range(3)]
    first = await hall.search(ann, word, page_size=1)
    assert [each.group_id for each in first.groups] == [made[0].id]
    assert len(first.next_page_token) <= 1000
    await hall.update(bob, made[0].id, "discoverable")
    second = await hall.search(ann, word, page_size=1, page_token=first.next_page_token)
    assert [each.group_id for each in second.groups] == [made[1].id]


async def test_search_groups_forgets_a_group_whose_only_user_is_erased(ann: Person, client: Client, word: str) -> None:
    eve = await sign_up(client, "Eve")
    await hall.make(eve, name=word, discoverable=True, guests=["Gus"])
    assert await names_found(ann, word) == [word]
    await eve.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=eve.password))
    assert await names_found(ann, word) == []


async def test_search_groups_needs_somebody_signed_in_and_a_token_of_its_own(
    ann: Person, client: Client, word: str
) -> None:
    assert (await refusal_of(hall.search(client))).reason == "NOT_SIGNED_IN"
    for _ in range(2):
        await hall.make(ann, name=word)
    token = (await hall.search(ann, word, page_size=1)).next_page_token
    assert (await refusal_of(hall.search(ann, "other", page_token=token))).reason == "INVALID_PAGE_TOKEN"
