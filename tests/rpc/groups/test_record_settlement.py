"""RecordSettlement: what one member gave another counts at once."""

from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest

from circle import Circle, money
from people import Client, Person, new_id, refusal_of
from rpc.groups.settling import (
    CONFIRMED,
    RECORDED,
    REVERSED,
    Strategy,
    confirm,
    dispute,
    nets_of,
    open_debts,
    pay,
    payment,
    plan,
    reverse,
    with_member,
)
from rpc.spaces.sharing import VIEWER, leave
from tallystick_client.v1 import group_settlements_pb2 as pb
from tallystick_client.v1.group_pb2 import ArchiveGroupRequest, CreateGroupRequest, LockPeriodRequest
from turned_clock import TurnedClock

INT64_MAX = 2**63 - 1


async def test_what_was_given_counts_at_once(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    request = payment(circle, gus, ann, 1200, paid=money(1100, "CHF"), note=" cash ")
    made = await circle.person.groups.RecordSettlement(request)
    assert made.settlement == pb.Settlement(
        id=made.settlement.id,
        group_id=circle.id,
        from_member_id=gus,
        to_member_id=ann,
        amount=money(1200),
        paid=money(1100, "CHF"),
        booked_on="2026-02-04",
        note="cash",
        kind=pb.SettlementKind.SETTLEMENT_KIND_PAYMENT,
        state=RECORDED,
        version=made.settlement.version,
        created_at=made.settlement.created_at,
    )
    assert made.open == money(-1200)
    assert await nets_of(circle) == {(gus, "EUR"): 1200, (ann, "EUR"): -1200}


async def test_a_part_and_more_than_is_open_may_be_given(circle: Circle) -> None:
    ann, gus, _ = await open_debts(circle)
    part = await circle.person.groups.RecordSettlement(payment(circle, gus, ann, 400))
    assert part.open == money(600)
    more = await circle.person.groups.RecordSettlement(payment(circle, gus, ann, 700))
    assert more.open == money(-100)
    other = await circle.person.groups.RecordSettlement(payment(circle, gus, ann, 5, currency="USD"))
    assert other.open == money(-5, "USD")


async def test_the_caller_gave_it_unless_somebody_else_is_named(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob)
    made = await bob.groups.RecordSettlement(payment(circle, "", circle.owner_id))
    assert (made.settlement.from_member_id, made.settlement.to_member_id) == (crowd.other_id, circle.owner_id)


async def test_the_day_is_today_in_the_time_zone_of_the_group(ann: Person, clock: TurnedClock) -> None:
    request = CreateGroupRequest(
        request_id=new_id(), name="Far", default_currency="EUR", guests=["Gus"], time_zone="Pacific/Kiritimati"
    )
    made = await ann.groups.CreateGroup(request)
    settled = await ann.groups.RecordSettlement(
        pb.RecordSettlementRequest(
            request_id=new_id(), group_id=made.group.id, to_member_id=made.members[1].id, amount=money(1)
        )
    )
    assert settled.settlement.booked_on == clock.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date().isoformat()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": None}, "amount"),
        ({"amount": money(0)}, "amount.minor"),
        ({"amount": money(-1)}, "amount.minor"),
        ({"paid": money(5)}, "paid.currency"),
        ({"plan_line": 0}, "plan_line"),
        ({"plan_id": new_id()}, "plan_line"),
    ],
)
async def test_what_makes_no_sense_is_refused(circle: Circle, changes: dict[str, Any], field: str) -> None:
    ann, gus, _ = circle.everybody
    if "amount" in changes and changes["amount"] is None:
        request = payment(circle, ann, gus)
        request.ClearField("amount")
    elif "plan_id" in changes:
        made = await _with_plan(circle)
        request = payment(circle, ann, gus, plan_id=made)
    else:
        request = payment(circle, ann, gus, **changes)
    refusal = await refusal_of(circle.person.groups.RecordSettlement(request))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", (field,))


async def _with_plan(circle: Circle) -> str:
    await open_debts(circle)
    return (await plan(circle, strategy=Strategy.SETTLEMENT_STRATEGY_FEWEST)).id


async def test_b32_a_settlement_has_exactly_one_giver_and_one_who_gets(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    refusal = await refusal_of(pay(circle, ann, ann))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("to_member_id",))
    refusal = await refusal_of(pay(circle, "", ann.upper()))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("to_member_id",))
    nobody = pb.RecordSettlementRequest(request_id=new_id(), group_id=circle.id, from_member_id=gus, amount=money(1))
    assert (await refusal_of(circle.person.groups.RecordSettlement(nobody))).fields == ("to_member_id",)
    assert await nets_of(circle) == {}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "XQZ"}, "UNKNOWN_CURRENCY"),
        ({"paid": money(1, "XQZ")}, "UNKNOWN_CURRENCY"),
        ({"booked_on": "2026-02-30"}, "INVALID_DATE"),
        ({"minor": -(2**63)}, "AMOUNT_OUT_OF_RANGE"),
    ],
)
async def test_what_is_not_there_is_refused(circle: Circle, changes: dict[str, Any], reason: str) -> None:
    ann, gus, _ = circle.everybody
    assert (await refusal_of(pay(circle, ann, gus, **changes))).reason == reason


async def test_balances_never_leave_64_bits(circle: Circle) -> None:
    ann, gus, hal = circle.everybody
    await pay(circle, ann, gus, INT64_MAX)
    assert (await refusal_of(pay(circle, ann, hal, 1))).reason == "AMOUNT_OUT_OF_RANGE"
    assert (await nets_of(circle))[ann, "EUR"] == INT64_MAX


async def test_who_left_can_be_named_no_more(circle: Circle, bob: Person) -> None:
    crowd = await with_member(circle, bob)
    await leave(bob, circle.id)
    for from_id, to_id in ((crowd.other_id, circle.owner_id), (circle.owner_id, crowd.other_id)):
        refusal = await refusal_of(pay(circle, from_id, to_id))
        assert (refusal.reason, refusal.metadata) == ("MEMBER_INACTIVE", {"member_id": crowd.other_id})
    assert (await refusal_of(pay(circle, circle.owner_id, new_id()))).reason == "NOT_FOUND"


async def test_a_repeat_finds_the_first_answer(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    request = payment(circle, ann, gus, settlement_id=new_id())
    made = await circle.person.groups.RecordSettlement(request)
    assert made.settlement.id == request.settlement_id
    assert await circle.person.groups.RecordSettlement(request) == made
    other = payment(circle, ann, gus, 7, request_id=request.request_id)
    assert (await refusal_of(circle.person.groups.RecordSettlement(other))).reason == "REQUEST_ID_REUSED"
    taken = payment(circle, ann, gus, settlement_id=request.settlement_id)
    assert (await refusal_of(circle.person.groups.RecordSettlement(taken))).reason == "ID_TAKEN"
    assert await nets_of(circle) == {(ann, "EUR"): 1000, (gus, "EUR"): -1000}


async def test_editors_record(circle: Circle, bob: Person, client: Client) -> None:
    request = payment(circle, circle.owner_id, circle.everybody[1])
    stranger = await refusal_of(bob.groups.RecordSettlement(request))
    nowhere = payment(circle, circle.owner_id, circle.everybody[1], group_id=new_id())
    assert stranger.raw == (await refusal_of(bob.groups.RecordSettlement(nowhere))).raw
    await with_member(circle, bob, VIEWER)
    refusal = await refusal_of(bob.groups.RecordSettlement(request))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_TOO_LOW")
    await leave(bob, circle.id)
    assert (await refusal_of(bob.groups.RecordSettlement(request))).reason == "NOT_FOUND"
    assert (await refusal_of(client.groups.RecordSettlement(request))).reason == "NOT_SIGNED_IN"


async def lock(circle: Circle, until: str) -> None:
    request = LockPeriodRequest(request_id=new_id(), group_id=circle.id, locked_until=until)
    await circle.person.groups.LockPeriod(request)


async def test_nothing_is_booked_into_a_locked_period(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    await lock(circle, "2026-02-04")
    refusal = await refusal_of(pay(circle, ann, gus, booked_on="2026-02-04"))
    assert (refusal.reason, refusal.metadata) == ("PERIOD_LOCKED", {"locked_until": "2026-02-04"})
    assert (await pay(circle, ann, gus, booked_on="2026-02-05")).state == RECORDED


async def test_what_counts_in_a_locked_period_counts_on(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    made = await pay(circle, ann, gus, booked_on="2026-02-04")
    disputed = await dispute(circle.person, await pay(circle, ann, gus, booked_on="2026-02-04"))
    await lock(circle, "2026-02-04")
    for change in (reverse(circle.person, made), dispute(circle.person, made), confirm(circle.person, disputed)):
        assert (await refusal_of(change)).reason == "PERIOD_LOCKED"
    assert (await confirm(circle.person, made)).state == CONFIRMED, "that moves no money"
    assert (await reverse(circle.person, disputed)).state == REVERSED
    assert await nets_of(circle) == {(ann, "EUR"): 1000, (gus, "EUR"): -1000}


async def test_an_archived_group_can_be_settled(circle: Circle) -> None:
    ann, gus, _ = circle.everybody
    await circle.person.groups.ArchiveGroup(ArchiveGroupRequest(request_id=new_id(), group_id=circle.id))
    assert (await pay(circle, ann, gus)).state == RECORDED
