"""CancelSettlementPlan: a plan is given up, and what was paid stays."""

from circle import Circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import (
    CANCELLED,
    get_plan,
    lines_of,
    nets_of,
    open_debts,
    pay_line,
    plan,
    reverse,
    with_member,
)
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1.group_plans_pb2 import CancelSettlementPlanRequest, SettlementPlan


async def cancel(person: Person, made: SettlementPlan) -> SettlementPlan:
    request = CancelSettlementPlanRequest(request_id=new_id(), group_id=made.group_id, plan_id=made.id)
    cancelled: SettlementPlan = (await person.groups.CancelSettlementPlan(request)).plan
    return cancelled


async def test_what_was_paid_stays(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    first, second = lines_of(made)
    paid = await pay_line(circle, made, first)
    before = await nets_of(circle)
    cancelled = await cancel(circle.person, made)
    assert (cancelled.state, lines_of(cancelled)[0].settlement_id) == (CANCELLED, paid.id)
    assert await nets_of(circle) == before
    assert (await refusal_of(pay_line(circle, made, second))).reason == "PLAN_CLOSED"
    assert (await refusal_of(cancel(circle.person, made))).reason == "PLAN_CLOSED"


async def test_what_is_taken_back_does_not_open_it_again(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    paid = await pay_line(circle, made, lines_of(made)[0])
    await cancel(circle.person, made)
    await reverse(circle.person, paid)
    after = await get_plan(circle, made.id)
    assert (after.state, lines_of(after)[0].settlement_id) == (CANCELLED, "")


async def test_what_is_done_cannot_be_given_up(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    for line in lines_of(made):
        await pay_line(circle, made, line)
    assert (await refusal_of(cancel(circle.person, made))).reason == "PLAN_CLOSED"


async def test_editors_give_it_up(circle: Circle, bob: Person) -> None:
    await open_debts(circle)
    made = await plan(circle)
    stranger = await refusal_of(cancel(bob, made))
    await with_member(circle, bob, VIEWER)
    assert (await refusal_of(cancel(bob, made))).reason == "ROLE_TOO_LOW"
    request = CancelSettlementPlanRequest(request_id=new_id(), group_id=circle.id, plan_id=made.id)
    first = await circle.person.groups.CancelSettlementPlan(request)
    assert await circle.person.groups.CancelSettlementPlan(request) == first
    request.plan_id = new_id()
    assert (await refusal_of(circle.person.groups.CancelSettlementPlan(request))).reason == "REQUEST_ID_REUSED"
    made.id = new_id()
    assert (await refusal_of(cancel(circle.person, made))).raw == stranger.raw
    assert stranger.reason == "NOT_FOUND"
