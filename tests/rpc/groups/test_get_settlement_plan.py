"""GetSettlementPlan: one plan, and whether it still fits the balances."""

from circle import Circle, make_circle
from people import Person, new_id, refusal_of
from rpc.groups.settling import get_plan, open_debts, pay, plan, with_member
from rpc.groups.spending import update
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1.group_plans_pb2 import GetSettlementPlanRequest


async def test_it_says_whether_something_else_changed_the_balances(circle: Circle, bob: Person) -> None:
    ann, gus, _ = await open_debts(circle)
    made = await plan(circle)
    assert await get_plan(circle, made.id) == made
    await pay(circle, ann, gus, 1)
    after = await get_plan(circle, made.id)
    assert (after.stale, after.version) == (True, made.version)
    await with_member(circle, bob, VIEWER)
    request = GetSettlementPlanRequest(group_id=circle.id, plan_id=made.id)
    assert (await bob.groups.GetSettlementPlan(request)).plan == after


async def test_an_expense_makes_it_stale_and_its_description_does_not(circle: Circle) -> None:
    spent = await circle.spend()
    made = await plan(circle)
    await update(circle, spent, description="Supper", category="Food")
    assert not (await get_plan(circle, made.id)).stale
    await circle.spend()
    assert (await get_plan(circle, made.id)).stale


async def test_nobody_else_sees_it(circle: Circle, bob: Person) -> None:
    await open_debts(circle)
    made = await plan(circle)
    request = GetSettlementPlanRequest(group_id=circle.id, plan_id=made.id)
    stranger = await refusal_of(bob.groups.GetSettlementPlan(request))
    own = await make_circle(bob, "Ivy")
    elsewhere = GetSettlementPlanRequest(group_id=own.id, plan_id=made.id)
    nothing = GetSettlementPlanRequest(group_id=circle.id, plan_id=new_id())
    assert (await refusal_of(bob.groups.GetSettlementPlan(elsewhere))).raw == stranger.raw
    assert (await refusal_of(circle.person.groups.GetSettlementPlan(nothing))).raw == stranger.raw
    assert stranger.reason == "NOT_FOUND"
