"""ListSettlementPlans: the newest first."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import get_plan, open_debts, pay, plan, with_member
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1.group_plans_pb2 import ListSettlementPlansRequest


async def test_the_newest_come_first_page_by_page(circle: Circle) -> None:
    ann, gus, _ = await open_debts(circle)
    made = [await plan(circle) for _ in range(3)]
    await pay(circle, ann, gus, 1)
    wanted = [await get_plan(circle, each.id) for each in reversed(made)]
    assert all(each.stale for each in wanted)
    request = ListSettlementPlansRequest(group_id=circle.id, page_size=2)
    first = await circle.person.groups.ListSettlementPlans(request)
    request.page_token = first.next_page_token
    second = await circle.person.groups.ListSettlementPlans(request)
    assert [*first.plans, *second.plans] == wanted
    assert (len(first.plans), second.next_page_token) == (2, "")


async def test_it_is_for_members(circle: Circle, bob: Person) -> None:
    request = ListSettlementPlansRequest(group_id=circle.id)
    stranger = await refusal_of(bob.groups.ListSettlementPlans(request))
    nothing = await refusal_of(bob.groups.ListSettlementPlans(ListSettlementPlansRequest(group_id=new_id())))
    assert (stranger.reason, stranger.raw) == ("NOT_FOUND", nothing.raw)
    await with_member(circle, bob, VIEWER)
    assert not (await bob.groups.ListSettlementPlans(request)).plans
    request.page_token = "AAAA"
    assert (await refusal_of(bob.groups.ListSettlementPlans(request))).reason == "INVALID_PAGE_TOKEN"
