"""CreateSettlementPlan: a suggestion that a group makes its own, and what becomes of it as it is paid."""

from typing import Any

import pytest

from circle import Circle, money
from people import Person, new_id, refusal_of
from rpc.groups.settling import (
    DONE,
    FEWEST,
    OPEN,
    PAIRWISE,
    STRATEGIES,
    VIA_MEMBER,
    confirm,
    dispute,
    get_plan,
    lines_of,
    nets_of,
    open_debts,
    pay,
    pay_line,
    plan,
    reverse,
    suggest,
    with_member,
)
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1.group_plans_pb2 import CreateSettlementPlanRequest
from tallystick_client.v1.group_settlements_pb2 import GetSettlementRequest


async def test_a_plan_is_what_was_suggested(circle: Circle) -> None:
    ann, gus, hal = await open_debts(circle)
    await pay(circle, gus, ann, 7, currency="USD")
    for strategy in STRATEGIES:
        via = ann if strategy == VIA_MEMBER else ""
        suggested = await suggest(circle, strategy=strategy, via_member_id=via)
        made = await plan(circle, strategy=strategy, via_member_id=via)
        assert list(made.currencies) == list(suggested.currencies)
        assert (made.strategy, made.state, made.stale) == (strategy, OPEN, False)
        assert made == await get_plan(circle, made.id)
    lines = [
        (each.line, each.from_member_id, each.to_member_id, each.amount.minor, each.amount.currency)
        for each in lines_of(made)
    ]
    assert {each[1:] for each in lines} == {
        (gus, ann, 1000, "EUR"),
        (hal, ann, 2000, "EUR"),
        (ann, gus, 7, "USD"),
    }
    assert [each[0] for each in lines] == [0, 1, 2]


async def test_the_group_says_which_payments_it_would_rather_have(circle: Circle) -> None:
    await open_debts(circle)
    assert (await plan(circle)).strategy == PAIRWISE


async def test_nothing_is_planned_where_nothing_is_open(circle: Circle) -> None:
    assert (await refusal_of(plan(circle))).reason == "NOTHING_TO_SETTLE"
    ann, gus, hal = circle.everybody
    for one, other in ((ann, gus), (gus, hal), (hal, ann)):
        await pay(circle, one, other)
    assert await nets_of(circle) == {}
    assert (await refusal_of(plan(circle, strategy=FEWEST))).reason == "NOTHING_TO_SETTLE"


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_b33_paying_one_payment_leaves_the_others_as_they_are(circle: Circle, strategy: Any) -> None:
    ann, *_ = await open_debts(circle)
    await circle.add_guest("Ivy")
    await pay(circle, circle.guests["Ivy"], ann, 500)
    made = await plan(circle, strategy=strategy, via_member_id=ann if strategy == VIA_MEMBER else "")
    first, *others = lines_of(made)
    paid = await pay_line(circle, made, first)
    assert (paid.plan_id, paid.plan_line, paid.amount) == (made.id, first.line, first.amount)
    after = await get_plan(circle, made.id)
    assert (after.state, after.stale) == (OPEN, False)
    assert lines_of(after)[0].settlement_id == paid.id
    assert lines_of(after)[1:] == others


async def test_a_plan_whose_payments_are_all_made_is_done_and_everybody_even(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    for line in lines_of(made):
        await pay_line(circle, made, line, amount=line.amount)
    after = await get_plan(circle, made.id)
    assert (after.state, after.stale) == (DONE, False)
    assert await nets_of(circle) == {}


async def test_no_payment_is_made_twice(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    line = lines_of(made)[0]
    paid = await pay_line(circle, made, line)
    refusal = await refusal_of(pay_line(circle, made, line))
    assert (refusal.reason, refusal.metadata) == ("PLAN_PAYMENT_MADE", {"settlement_id": paid.id})


async def test_a_payment_is_what_the_plan_says(circle: Circle) -> None:
    ann, gus, hal = await open_debts(circle)
    made = await plan(circle)
    line = next(each for each in lines_of(made) if each.from_member_id == gus)
    for changes, field in (
        ({"amount": money(999)}, "amount"),
        ({"amount": money(1000, "USD")}, "amount"),
        ({"from_member_id": hal}, "from_member_id"),
        ({"from_member_id": ""}, "from_member_id"),
        ({"to_member_id": hal}, "to_member_id"),
        ({"plan_line": 2}, "plan_line"),
        ({"paid": money(5)}, "paid.currency"),
    ):
        refusal = await refusal_of(pay_line(circle, made, line, **changes))
        assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,))
    assert (await refusal_of(pay_line(circle, made, line, plan_id=new_id()))).reason == "NOT_FOUND"
    assert await get_plan(circle, made.id) == made


async def test_what_is_taken_back_is_open_again(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    paid = [await pay_line(circle, made, line) for line in lines_of(made)]
    assert (await get_plan(circle, made.id)).state == DONE
    await reverse(circle.person, paid[0])
    after = await get_plan(circle, made.id)
    assert (after.state, after.stale, lines_of(after)[0].settlement_id) == (OPEN, False, "")
    assert lines_of(after)[1].settlement_id == paid[1].id
    again = await pay_line(circle, made, lines_of(made)[0])
    after = await get_plan(circle, made.id)
    assert (after.state, lines_of(after)[0].settlement_id) == (DONE, again.id)


async def test_what_is_disputed_is_open_until_it_is_confirmed(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    paid = [await pay_line(circle, made, line) for line in lines_of(made)]
    await dispute(circle.person, paid[0])
    assert lines_of(await get_plan(circle, made.id))[0].settlement_id == ""
    await confirm(circle.person, paid[0])
    after = await get_plan(circle, made.id)
    assert (after.state, after.stale, lines_of(after)[0].settlement_id) == (DONE, False, paid[0].id)


async def test_a_payment_that_was_made_anew_stays_with_the_settlement_that_made_it(circle: Circle) -> None:
    await open_debts(circle)
    made = await plan(circle)
    line = lines_of(made)[0]
    first = await pay_line(circle, made, line)
    await dispute(circle.person, first)
    second = await pay_line(circle, made, line)
    await confirm(circle.person, first)
    after = await get_plan(circle, made.id)
    assert (after.stale, lines_of(after)[0].settlement_id) == (True, second.id)
    await reverse(circle.person, first)
    assert lines_of(await get_plan(circle, made.id))[0].settlement_id == second.id


async def test_whatever_else_moves_balances_makes_it_stale_for_good(circle: Circle) -> None:
    ann, gus, _ = await open_debts(circle)
    made = await plan(circle)
    first, second = lines_of(made)
    await pay_line(circle, made, first)
    extra = await pay(circle, ann, gus, 5)
    assert (await get_plan(circle, made.id)).stale
    await pay_line(circle, made, second)
    await reverse(circle.person, extra)
    after = await get_plan(circle, made.id)
    assert (after.state, after.stale) == (DONE, False), "nothing is to be paid any more"
    await reverse(circle.person, await _settlement_of(circle, lines_of(after)[1].settlement_id))
    assert (await get_plan(circle, made.id)).stale


async def _settlement_of(circle: Circle, settlement_id: str) -> Any:
    request = GetSettlementRequest(group_id=circle.id, settlement_id=settlement_id)
    return (await circle.person.groups.GetSettlement(request)).settlement


async def test_members_who_are_not_here_can_be_no_hub(circle: Circle) -> None:
    await open_debts(circle)
    assert (await refusal_of(plan(circle, strategy=VIA_MEMBER))).fields == ("via_member_id",)
    assert (await refusal_of(plan(circle, strategy=VIA_MEMBER, via_member_id=new_id()))).reason == "NOT_FOUND"


async def test_a_repeat_finds_the_first_answer(circle: Circle, bob: Person) -> None:
    await open_debts(circle)
    request = CreateSettlementPlanRequest(request_id=new_id(), group_id=circle.id, plan_id=new_id())
    made = await circle.person.groups.CreateSettlementPlan(request)
    assert made.plan.id == request.plan_id
    assert await circle.person.groups.CreateSettlementPlan(request) == made
    request.strategy = FEWEST
    assert (await refusal_of(circle.person.groups.CreateSettlementPlan(request))).reason == "REQUEST_ID_REUSED"
    request.request_id = new_id()
    assert (await refusal_of(circle.person.groups.CreateSettlementPlan(request))).reason == "ID_TAKEN"
    stranger = await refusal_of(bob.groups.CreateSettlementPlan(request))
    nowhere = CreateSettlementPlanRequest(request_id=new_id(), group_id=new_id())
    assert stranger.raw == (await refusal_of(bob.groups.CreateSettlementPlan(nowhere))).raw
    await with_member(circle, bob, VIEWER)
    assert (await refusal_of(bob.groups.CreateSettlementPlan(request))).reason == "ROLE_TOO_LOW"
