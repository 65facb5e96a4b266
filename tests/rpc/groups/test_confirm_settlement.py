"""ConfirmSettlement: whoever got it says so."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import CONFIRMED, DISPUTED, confirm, dispute, nets_of, pay, reverse, with_member
from rpc.spaces.sharing import EDITOR, VIEWER, leave
from tallystick_client.v1.group_settlements_pb2 import ConfirmSettlementRequest


async def test_whoever_got_it_says_that_it_arrived(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob, VIEWER)
    made = await pay(circle, circle.owner_id, crowd.other_id)
    before = await nets_of(circle)
    confirmed = await confirm(bob, made)
    assert (confirmed.state, confirmed.amount) == (CONFIRMED, made.amount)
    assert confirmed.version > made.version
    assert await nets_of(circle) == before
    assert await confirm(bob, made) == confirmed, "what is so already is not written again"


async def test_one_that_was_disputed_counts_again(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob, VIEWER)
    made = await pay(circle, circle.owner_id, crowd.other_id)
    before = await nets_of(circle)
    assert (await dispute(bob, made)).state == DISPUTED
    confirmed = await confirm(bob, made)
    assert (confirmed.state, confirmed.dispute) == (CONFIRMED, "")
    assert await nets_of(circle) == before


async def test_nobody_else_can_say_so(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob, EDITOR)
    made = await pay(circle, circle.owner_id, crowd.other_id)
    assert (await refusal_of(confirm(circle.person, made))).reason == "NOT_THE_PAYEE"
    back = await pay(circle, crowd.other_id, circle.owner_id)
    assert (await refusal_of(confirm(bob, back))).reason == "NOT_THE_PAYEE"


async def test_owners_say_it_for_guests_and_for_who_is_gone(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob, EDITOR)
    to_guest = await pay(circle, circle.owner_id, circle.everybody[1])
    assert (await refusal_of(confirm(bob, to_guest))).reason == "NOT_THE_PAYEE"
    assert (await confirm(circle.person, to_guest)).state == CONFIRMED
    to_bob = await pay(circle, circle.owner_id, crowd.other_id)
    await pay(circle, crowd.other_id, circle.owner_id)
    await leave(bob, circle.id)
    assert (await confirm(circle.person, to_bob)).state == CONFIRMED


async def test_what_was_reversed_stays_so(circle: Circle) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    await reverse(circle.person, made)
    assert (await refusal_of(confirm(circle.person, made))).reason == "SETTLEMENT_REVERSED"


async def test_a_repeat_finds_the_first_answer(circle: Circle) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    request = ConfirmSettlementRequest(request_id=new_id(), group_id=circle.id, settlement_id=made.id)
    first = await circle.person.groups.ConfirmSettlement(request)
    assert await circle.person.groups.ConfirmSettlement(request) == first
    request.settlement_id = new_id()
    assert (await refusal_of(circle.person.groups.ConfirmSettlement(request))).reason == "REQUEST_ID_REUSED"


async def test_what_is_not_there_cannot_be_confirmed(circle: Circle, bob: Person) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    stranger = await refusal_of(confirm(bob, made))
    made.id = new_id()
    assert (await refusal_of(confirm(circle.person, made))).raw == stranger.raw
    assert stranger.reason == "NOT_FOUND"
