"""GetSettlement: one settlement, for those who are in its group."""

from circle import Circle, make_circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import pay, with_member
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1.group_settlements_pb2 import GetSettlementRequest


async def test_members_with_any_role_get_it(circle: Circle, bob: Person) -> None:
    await with_member(circle, bob, VIEWER)
    made = await pay(circle, circle.owner_id, circle.everybody[1], note="Thanks")
    request = GetSettlementRequest(group_id=circle.id, settlement_id=made.id)
    assert (await bob.groups.GetSettlement(request)).settlement == made


async def test_nobody_else_does(circle: Circle, bob: Person) -> None:
    made = await pay(circle, circle.owner_id, circle.everybody[1])
    request = GetSettlementRequest(group_id=circle.id, settlement_id=made.id)
    stranger = await refusal_of(bob.groups.GetSettlement(request))
    own = await make_circle(bob, "Ivy")
    elsewhere = GetSettlementRequest(group_id=own.id, settlement_id=made.id)
    nothing = GetSettlementRequest(group_id=circle.id, settlement_id=new_id())
    assert (await refusal_of(bob.groups.GetSettlement(elsewhere))).raw == stranger.raw
    assert (await refusal_of(circle.person.groups.GetSettlement(nothing))).raw == stranger.raw
    assert stranger.reason == "NOT_FOUND"
