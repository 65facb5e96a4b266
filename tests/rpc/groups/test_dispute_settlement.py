"""DisputeSettlement: whoever should have got it says that they did not."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import DISPUTED, dispute, nets_of, pay, reverse, with_member
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1.group_settlements_pb2 import DisputeSettlementRequest


async def test_what_did_not_arrive_counts_no_more(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob, VIEWER)
    made = await pay(circle, circle.owner_id, crowd.other_id)
    disputed = await dispute(bob, made, " Nothing came ")
    assert (disputed.state, disputed.dispute) == (DISPUTED, "Nothing came")
    assert await nets_of(circle) == {}
    assert await dispute(bob, made, "Still nothing") == disputed


async def test_nobody_else_can_say_so(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob)
    made = await pay(circle, circle.owner_id, crowd.other_id)
    assert (await refusal_of(dispute(circle.person, made))).reason == "NOT_THE_PAYEE"
    to_guest = await pay(circle, circle.owner_id, circle.everybody[1])
    assert (await refusal_of(dispute(bob, to_guest))).reason == "NOT_THE_PAYEE"
    assert (await dispute(circle.person, to_guest)).state == DISPUTED


async def test_what_was_reversed_stays_so(circle: Circle) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    await reverse(circle.person, made)
    assert (await refusal_of(dispute(circle.person, made))).reason == "SETTLEMENT_REVERSED"


async def test_a_repeat_finds_the_first_answer(circle: Circle) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    request = DisputeSettlementRequest(request_id=new_id(), group_id=circle.id, settlement_id=made.id, text="No")
    first = await circle.person.groups.DisputeSettlement(request)
    assert await circle.person.groups.DisputeSettlement(request) == first
    request.text = "Yes"
    assert (await refusal_of(circle.person.groups.DisputeSettlement(request))).reason == "REQUEST_ID_REUSED"


async def test_what_is_not_there_cannot_be_disputed(circle: Circle, bob: Person) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    stranger = await refusal_of(dispute(bob, made))
    made.id = new_id()
    assert (await refusal_of(dispute(circle.person, made))).raw == stranger.raw
    assert stranger.reason == "NOT_FOUND"
