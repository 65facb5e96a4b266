"""ReverseSettlement: a settlement is taken back, and stays in the list."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import (
    DISPUTED,
    REVERSED,
    dispute,
    lines_of,
    nets_of,
    open_debts,
    pay,
    reverse,
    suggest,
    with_member,
)
from rpc.spaces.sharing import VIEWER, leave
from tallystick_client.v1.group_settlements_pb2 import ListSettlementsRequest, ReverseSettlementRequest


async def test_what_is_taken_back_counts_no_more(circle: Circle) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    reversed_ = await reverse(circle.person, made)
    assert reversed_.state == REVERSED
    assert await nets_of(circle) == {}
    assert await reverse(circle.person, made) == reversed_
    listed = await circle.person.groups.ListSettlements(ListSettlementsRequest(group_id=circle.id))
    assert list(listed.settlements) == [reversed_]


async def test_what_was_disputed_and_reversed_is_not_taken_back_twice(circle: Circle) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    assert (await dispute(circle.person, made)).state == DISPUTED
    assert (await reverse(circle.person, made)).dispute == "Not here"
    assert await nets_of(circle) == {}


async def test_b29_settling_all_by_accident_is_undone_one_by_one(circle: Circle) -> None:
    await open_debts(circle)
    before = await nets_of(circle)
    made = [
        await pay(circle, line.from_member_id, line.to_member_id, line.amount.minor)
        for line in lines_of(await suggest(circle))
    ]
    assert await nets_of(circle) == {}
    for each in made:
        await reverse(circle.person, each)
    assert await nets_of(circle) == before


async def test_editors_take_back(circle: Circle, bob: Person) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    stranger = await refusal_of(reverse(bob, made))
    await with_member(circle, bob, VIEWER)
    assert (await refusal_of(reverse(bob, made))).reason == "ROLE_TOO_LOW"
    await leave(bob, circle.id)
    assert (await refusal_of(reverse(bob, made))).raw == stranger.raw
    made.id = new_id()
    assert (await refusal_of(reverse(circle.person, made))).raw == stranger.raw
    assert stranger.reason == "NOT_FOUND"


async def test_a_repeat_finds_the_first_answer(circle: Circle) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    request = ReverseSettlementRequest(request_id=new_id(), group_id=circle.id, settlement_id=made.id)
    first = await circle.person.groups.ReverseSettlement(request)
    assert await circle.person.groups.ReverseSettlement(request) == first
    request.settlement_id = new_id()
    assert (await refusal_of(circle.person.groups.ReverseSettlement(request))).reason == "REQUEST_ID_REUSED"
