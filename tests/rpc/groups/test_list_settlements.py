"""ListSettlements: the newest first, also those that do not count."""

from typing import Any

import pytest

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import dispute, pay, reverse, with_member
from rpc.spaces.sharing import VIEWER
from tallystick.groups.settlements import queries
from tallystick_client.v1.group_settlements_pb2 import ListSettlementsRequest, Settlement


async def pages_of(circle: Circle, **filters: Any) -> list[list[Settlement]]:
    request = ListSettlementsRequest(group_id=circle.id, **filters)
    pages = []
    while True:
        answer = await circle.person.groups.ListSettlements(request)
        pages.append(list(answer.settlements))
        if not answer.next_page_token:
            return pages
        request.page_token = answer.next_page_token


async def test_the_newest_come_first_page_by_page(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    days = ["2026-02-04", "2026-02-06", "2026-02-05", "2026-02-05", "2026-02-07"]
    made = [await pay(circle, ann, gus, booked_on=day) for day in days]
    wanted = sorted(made, key=lambda each: (each.booked_on, each.id), reverse=True)
    assert await pages_of(circle) == [wanted]
    assert await pages_of(circle, page_size=2) == [wanted[:2], wanted[2:4], wanted[4:]]
    assert await pages_of(circle, page_size=5) == [wanted]


async def test_those_that_do_not_count_are_there(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    reversed_ = await reverse(circle.person, await pay(circle, ann, gus, booked_on="2026-02-05"))
    disputed = await dispute(circle.person, await pay(circle, ann, gus, booked_on="2026-02-06"))
    assert await pages_of(circle) == [[disputed, reversed_]]


async def test_those_of_one_member_alone(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "SLICE_ROWS", 2)
    ann, gus, hal = circle.everybody
    made = [await pay(circle, ann, each, booked_on=f"2026-02-{day:02}") for day, each in enumerate([gus, hal] * 4, 1)]
    wanted = [each for each in reversed(made) if each.to_member_id == hal]
    assert await pages_of(circle, member_id=hal.upper()) == [wanted]
    assert await pages_of(circle, member_id=hal, page_size=3) == [wanted[:3], wanted[3:]]
    assert await pages_of(circle, member_id=new_id()) == [[]]


async def test_a_page_token_is_for_its_own_query(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    for _ in range(2):
        await pay(circle, ann, gus)
    request = ListSettlementsRequest(group_id=circle.id, page_size=1)
    token = (await circle.person.groups.ListSettlements(request)).next_page_token
    other = ListSettlementsRequest(group_id=circle.id, page_size=1, member_id=gus, page_token=token)
    assert (await refusal_of(circle.person.groups.ListSettlements(other))).reason == "INVALID_PAGE_TOKEN"


async def test_it_is_for_members(circle: Circle, bob: Person) -> None:
    request = ListSettlementsRequest(group_id=circle.id)
    stranger = await refusal_of(bob.groups.ListSettlements(request))
    nothing = await refusal_of(bob.groups.ListSettlements(ListSettlementsRequest(group_id=new_id())))
    assert (stranger.reason, stranger.raw) == ("NOT_FOUND", nothing.raw)
    await with_member(circle, bob, VIEWER)
    assert not (await bob.groups.ListSettlements(request)).settlements
