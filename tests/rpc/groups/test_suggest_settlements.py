"""SuggestSettlements: which payments would settle the group, and why each."""

import asyncio
import threading
from typing import Any

import pytest

from circle import Circle, equally, money, paid_by
from people import Person, new_id, refusal_of
from rpc.groups.settling import (
    FEWEST,
    KEEP_EDGES,
    PAIRWISE,
    STRATEGIES,
    VIA_MEMBER,
    balances_of,
    lines_of,
    nets_of,
    open_debts,
    pay,
    suggest,
    with_member,
)
from rpc.spaces.sharing import VIEWER
from tallystick.groups import settling
from tallystick.groups.plans import suggestions
from tallystick.groups.settling import Plan
from tallystick_client.v1.group_plans_pb2 import SuggestSettlementsRequest

PATIENCE_S = 10


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_b7_after_all_payments_everybody_is_at_zero(circle: Circle, strategy: Any) -> None:
    for name in ("Ivy", "Joe", "Kim"):
        await circle.add_guest(name)
    ann, gus, hal, ivy, joe, kim = circle.everybody
    await circle.spend(10_001)
    await circle.spend(4_999, by=gus, among=[hal, ivy, joe])
    await circle.spend(7_777, payers=paid_by(**{kim: 7_000, joe: 777}), split=equally(ann, gus))
    await circle.spend(1, by=hal)
    await circle.spend(3_333, currency="JPY", by=ivy)
    suggested = await suggest(circle, strategy=strategy, via_member_id=ann if strategy == VIA_MEMBER else "")
    assert suggested.strategy == strategy
    assert [each.currency for each in suggested.currencies] == ["EUR", "JPY"]
    assert [line.line for line in lines_of(suggested)] == list(range(len(lines_of(suggested))))
    for line in lines_of(suggested):
        assert line.amount.minor > 0
        await pay(circle, line.from_member_id, line.to_member_id, line.amount.minor, currency=line.amount.currency)
    assert await nets_of(circle) == {}
    again = await suggest(circle, strategy=strategy, via_member_id=ann if strategy == VIA_MEMBER else "")
    assert not again.currencies


async def test_the_fewest_payments_are_found(circle: Circle) -> None:
    """Greedy, largest first, needs five of them: owed 6, 5, 5 and owe 10, 3, 3."""
    for name in ("Ivy", "Joe", "Kim"):
        await circle.add_guest(name)
    six, five, other, ten, three, last = circle.everybody
    for giver, payee, minor in ((six, ten, 6), (five, ten, 4), (five, three, 1), (other, three, 2), (other, last, 3)):
        await pay(circle, giver, payee, minor)
    assert sorted((await nets_of(circle)).values()) == [-10, -3, -3, 5, 5, 6]
    (found,) = (await suggest(circle, strategy=FEWEST)).currencies
    assert (len(found.payments), found.lower_bound, found.optimal) == (4, 4, True)


async def test_it_says_what_of_a_payment_is_owed_of_old(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    await circle.spend(900, by=gus, among=[ann])
    await circle.spend(900, by=hal, among=[gus])
    (over,) = lines_of(await suggest(circle, strategy=FEWEST))
    assert (over.from_member_id, over.to_member_id, over.amount) == (ann, hal, money(900))
    assert list(over.owed_directly) == []
    assert sorted(over.among_member_ids) == sorted([ann, hal])
    direct = lines_of(await suggest(circle, strategy=PAIRWISE))
    assert [[*each.owed_directly] for each in direct] == [[money(900)], [money(900)]]
    await circle.spend(200, by=hal, among=[ann])
    (part,) = [each for each in lines_of(await suggest(circle, strategy=FEWEST)) if each.to_member_id == hal]
    assert (part.amount, list(part.owed_directly)) == (money(1100), [money(200)])


async def test_the_group_says_which_payments_it_would_rather_have(circle: Circle) -> None:
    await open_debts(circle)
    assert (await suggest(circle)).strategy == PAIRWISE
    assert (await suggest(circle, strategy=KEEP_EDGES)).strategy == KEEP_EDGES


async def test_as_of_a_day_settles_what_was_open_then(circle: Circle) -> None:
    ann, gus, hal = await open_debts(circle)
    await pay(circle, ann, hal, 5, booked_on="2026-03-01")
    now, then = await suggest(circle), await suggest(circle, as_of="2026-02-28")
    assert {each.amount.minor for each in lines_of(now)} == {1000, 2005}
    assert {each.amount.minor for each in lines_of(then)} == {1000, 2000}
    assert now.version == then.version == (await balances_of(circle)).version


async def test_above_so_many_members_it_is_an_estimate(circle: Circle) -> None:
    for name in ("Ivy", "Joe", "Kim"):
        await circle.add_guest(name)
    one, two, three, four, five, six = circle.everybody
    for giver, payee, minor in ((one, four, 1), (one, five, 2), (one, six, 7), (two, six, 20), (three, six, 40)):
        await pay(circle, giver, payee, minor)
    (exact,) = (await suggest(circle, strategy=FEWEST)).currencies
    (estimate,) = (await suggest(circle, strategy=FEWEST, exact_members_max=2)).currencies
    assert (len(exact.payments), exact.lower_bound, exact.optimal) == (5, 5, True)
    assert (len(estimate.payments), estimate.lower_bound, estimate.optimal) == (5, 4, False)
    refusal = await refusal_of(suggest(circle, exact_members_max=17))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("exact_members_max",))


async def test_other_calls_have_their_turn_while_the_fewest_are_searched(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Server and test share a loop here: a search on it would wait in vain for the call that it waits for."""
    await open_debts(circle)
    is_searching, is_answered = threading.Event(), threading.Event()

    def wait_for_the_other(*nets: Any, **options: Any) -> Plan:
        is_searching.set()
        assert is_answered.wait(PATIENCE_S), "nothing else ran during the search"
        return settling.suggest(*nets, **options)

    monkeypatch.setattr(suggestions, "suggest", wait_for_the_other)
    searching = asyncio.create_task(suggest(circle, strategy=FEWEST))
    assert await asyncio.to_thread(is_searching.wait, PATIENCE_S)
    assert (await balances_of(circle)).balances
    is_answered.set()
    assert len(lines_of(await searching)) == 2


async def test_what_makes_no_sense_is_refused(circle: Circle, bob: Person) -> None:
    await open_debts(circle)
    assert (await refusal_of(suggest(circle, as_of="2026-02-30"))).reason == "INVALID_DATE"
    assert (await refusal_of(suggest(circle, strategy=VIA_MEMBER))).fields == ("via_member_id",)
    assert (await refusal_of(suggest(circle, strategy=VIA_MEMBER, via_member_id=new_id()))).reason == "NOT_FOUND"
    request = SuggestSettlementsRequest(group_id=circle.id)
    stranger = await refusal_of(bob.groups.SuggestSettlements(request))
    nothing = await refusal_of(bob.groups.SuggestSettlements(SuggestSettlementsRequest(group_id=new_id())))
    assert stranger.raw == nothing.raw
    await with_member(circle, bob, VIEWER)
    assert await bob.groups.SuggestSettlements(request) == await suggest(circle)
