"""What LeaveGroup promises."""

import asyncio
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

import proof
from circle import Circle, paid_by
from people import PASSWORD, Person, new_id, refusal_of
from rpc.groups import hall
from rpc.groups.spending import delete
from rpc.spaces.sharing import EDITOR, LEFT, OWNER, REMOVED, VIEWER, may_read, member_of, members, outcome_of
from tallystick.app import App
from tallystick.groups.members import leaving
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1 import group_members_pb2 as pb
from tallystick_client.v1 import group_settlements_pb2 as settlements_pb
from tallystick_client.v1.group_settlements_pb2 import Settlement, SettlementKind, SettlementState
from turned_clock import TurnedClock

PAYMENT, TAKEN_OVER, FORGIVEN = (
    SettlementKind.SETTLEMENT_KIND_PAYMENT,
    SettlementKind.SETTLEMENT_KIND_TAKEN_OVER,
    SettlementKind.SETTLEMENT_KIND_FORGIVEN,
)
RECORDED, CONFIRMED = SettlementState.SETTLEMENT_STATE_RECORDED, SettlementState.SETTLEMENT_STATE_CONFIRMED


async def read(circle: Circle, ids: Any) -> list[Settlement]:
    return [
        (
            await circle.person.groups.GetSettlement(
                settlements_pb.GetSettlementRequest(group_id=circle.id, settlement_id=each)
            )
        ).settlement
        for each in ids
    ]


def told(settlements: list[Settlement]) -> set[tuple[str, str, str, int]]:
    return {(each.from_member_id, each.to_member_id, each.amount.currency, each.amount.minor) for each in settlements}


async def test_leave_group_without_a_balance_ends_the_membership(circle: Circle, database: proof.Connection) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    member = await member_of(circle.person, circle.id, vic)
    left = await hall.leave_group(vic, circle.id)
    assert (left.member.id, left.member.state, left.member.role) == (member.id, LEFT, VIEWER)
    assert not left.settlement_ids
    assert not await may_read(vic, circle.id)
    assert await hall.groups_of(vic) == []
    assert hall.audited(database, circle.id)[-1] == "member_left"


async def test_leave_group_of_a_guest_or_another_is_for_owners(circle: Circle, database: proof.Connection) -> None:
    eve = await hall.with_member(circle, "Eve", EDITOR)
    gus, own = circle.guests["Gus"], (await member_of(circle.person, circle.id, eve)).id
    for member_id in (gus, circle.owner_id):
        assert (await refusal_of(hall.leave_group(eve, circle.id, member_id))).reason == "ROLE_TOO_LOW"
    assert (await hall.leave_group(circle.person, circle.id, gus)).member.state == REMOVED
    assert (await hall.leave_group(circle.person, circle.id, own)).member.state == REMOVED
    assert not await may_read(eve, circle.id)
    assert hall.audited(database, circle.id)[-2:] == ["member_removed"] * 2


async def test_leave_group_with_a_balance_must_say_what_becomes_of_it(circle: Circle) -> None:
    gus = circle.guests["Gus"]
    await circle.spend(3600)
    await circle.spend(600, currency="USD", by=gus, among=[gus, circle.owner_id])
    refused = await refusal_of(hall.leave_group(circle.person, circle.id, gus))
    assert (refused.reason, refused.metadata["open"]) == ("MEMBER_HAS_BALANCE", "EUR -1200, USD 300")


async def test_b17_leave_group_asks_for_the_net_and_not_for_what_is_open_with_each(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await circle.spend(1000, among=[gus])
    await circle.spend(1000, by=gus, among=[hal])
    before = hall.nets_of(server, database, circle.id)
    assert (await hall.leave_group(circle.person, circle.id, gus)).member.state == REMOVED
    assert hall.nets_of(server, database, circle.id) == before == {(circle.owner_id, "EUR"): 1000, (hal, "EUR"): -1000}


async def test_leave_group_settled_records_payments_with_each(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await circle.spend(3000)
    await circle.spend(500, by=gus, among=[hal])
    left = await hall.leave_group(circle.person, circle.id, gus, settled=True, on="2026-02-05")
    settlements = await read(circle, left.settlement_ids)
    assert told(settlements) == {(gus, circle.owner_id, "EUR", 1000), (hal, gus, "EUR", 500)}
    assert {(each.kind, each.state, each.booked_on) for each in settlements} == {(PAYMENT, RECORDED, "2026-02-05")}
    assert hall.nets_of(server, database, circle.id) == {(circle.owner_id, "EUR"): 1000, (hal, "EUR"): -1000}


async def test_leave_group_taken_over_moves_every_debt_to_the_one_who_takes_it(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    gus, hal, ida = circle.guests["Gus"], circle.guests["Hal"], await circle.add_guest("Ida")
    await circle.spend(3000, among=[circle.owner_id, gus, hal])
    await circle.spend(500, by=gus, among=[ida])
    await circle.spend(200, by=hal, among=[gus])
    left = await hall.leave_group(circle.person, circle.id, gus, taken_over=hal)
    settlements = await read(circle, left.settlement_ids)
    assert {(each.kind, each.state) for each in settlements} == {(TAKEN_OVER, CONFIRMED)}
    assert told(settlements) == {
        (gus, circle.owner_id, "EUR", 1000),
        (circle.owner_id, hal, "EUR", 1000),
        (ida, gus, "EUR", 500),
        (hal, ida, "EUR", 500),
        (gus, hal, "EUR", 200),
    }
    owner = circle.owner_id
    assert hall.nets_of(server, database, circle.id) == {(owner, "EUR"): 2000, (hal, "EUR"): -1500, (ida, "EUR"): -500}
    debts = hall.debts_of(server, database, circle.id)
    assert debts == {
        (hal, owner, "EUR"): 2000,
        (owner, hal, "EUR"): -2000,
        (ida, hal, "EUR"): 500,
        (hal, ida, "EUR"): -500,
    }


@pytest.mark.parametrize("taker", ["", "gone", "missing"])
async def test_leave_group_is_taken_over_by_another_member_who_is_in(circle: Circle, taker: str) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await circle.spend(2000, among=[circle.owner_id, gus])
    await hall.leave_group(circle.person, circle.id, hal)
    who = {"": gus, "gone": hal, "missing": new_id()}[taker]
    reason = {"": "INVALID_FIELD", "gone": "MEMBER_INACTIVE", "missing": "NOT_FOUND"}[taker]
    refused = await refusal_of(hall.leave_group(circle.person, circle.id, gus, taken_over=who))
    assert refused.reason == reason


async def test_leave_group_forgiven_ends_what_is_open_without_money(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await circle.spend(3000)
    left = await hall.leave_group(circle.person, circle.id, gus, forgiven=True)
    (settlement,) = await read(circle, left.settlement_ids)
    assert (settlement.kind, settlement.state) == (FORGIVEN, CONFIRMED)
    assert told([settlement]) == {(gus, circle.owner_id, "EUR", 1000)}
    assert hall.nets_of(server, database, circle.id) == {(circle.owner_id, "EUR"): 1000, (hal, "EUR"): -1000}


async def test_leave_group_nobody_but_owners_gives_a_debt_to_somebody_else(circle: Circle) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    own, gus = (await member_of(circle.person, circle.id, vic)).id, circle.guests["Gus"]
    owing = await circle.spend(1000, among=[own])
    assert (await refusal_of(hall.leave_group(vic, circle.id, taken_over=gus))).reason == "ROLE_TOO_LOW"
    await delete(circle, owing)
    await circle.spend(1000, by=own, among=[gus])
    # Whoever is owed may give that away.
    assert await hall.leave_group(vic, circle.id, taken_over=gus)


async def test_leave_group_nobody_forgives_themselves(circle: Circle) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    own = (await member_of(circle.person, circle.id, vic)).id
    await circle.spend(1000, among=[own])
    assert (await refusal_of(hall.leave_group(vic, circle.id, forgiven=True))).reason == "ROLE_TOO_LOW"
    await circle.spend(3000, by=own, among=[circle.guests["Gus"]])
    assert (await refusal_of(hall.leave_group(vic, circle.id, forgiven=True))).reason == "ROLE_TOO_LOW"
    assert await may_read(vic, circle.id)
    assert (await hall.leave_group(vic, circle.id, settled=True)).member.state == LEFT


async def test_leave_group_who_alone_is_owed_may_forgive_it(circle: Circle) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    own = (await member_of(circle.person, circle.id, vic)).id
    await circle.spend(3000, by=own, among=[*circle.everybody, own])
    left = await hall.leave_group(vic, circle.id, own, forgiven=True)
    assert {to for _, to, _, _ in told(await read(circle, left.settlement_ids))} == {own}


async def test_leave_group_keeps_an_owner(circle: Circle) -> None:
    await circle.spend(3000)
    assert (await refusal_of(hall.leave_group(circle.person, circle.id))).reason == "MEMBER_HAS_BALANCE"
    refused = await refusal_of(hall.leave_group(circle.person, circle.id, settled=True))
    assert refused.reason == "LAST_OWNER"
    eve = await hall.with_member(circle, "Eve", OWNER)
    await hall.leave_group(circle.person, circle.id, settled=True)
    assert await may_read(eve, circle.id)


async def test_leave_group_of_who_is_not_there(circle: Circle, bob: Person) -> None:
    gus = circle.guests["Gus"]
    await hall.leave_group(circle.person, circle.id, gus)
    for remainder in ({}, {"settled": True}, {"forgiven": True}):
        again = await refusal_of(hall.leave_group(circle.person, circle.id, gus, **remainder))
        assert again.reason == "MEMBER_INACTIVE"
    assert (await refusal_of(hall.leave_group(circle.person, circle.id, new_id()))).reason == "NOT_FOUND"
    foreign, missing = [await refusal_of(hall.leave_group(bob, each)) for each in (circle.id, new_id())]
    assert (foreign.reason, foreign.raw) == ("NOT_FOUND", missing.raw)


async def test_leave_group_in_a_locked_period_settles_nothing(circle: Circle) -> None:
    gus, hal = circle.guests["Gus"], circle.guests["Hal"]
    await circle.spend(2000, among=[circle.owner_id, gus])
    await hall.lock(circle.person, circle.id, "2026-03-31")
    refused = await refusal_of(hall.leave_group(circle.person, circle.id, gus, settled=True, on="2026-03-31"))
    assert (refused.reason, refused.metadata["locked_until"]) == ("PERIOD_LOCKED", "2026-03-31")
    await hall.leave_group(circle.person, circle.id, hal, settled=True, on="2026-03-31")
    await hall.leave_group(circle.person, circle.id, gus, settled=True, on="2026-04-01")


async def test_leave_group_counts_for_today_in_the_zone_of_the_group(circle: Circle, clock: TurnedClock) -> None:
    gus = circle.guests["Gus"]
    await circle.spend(2000, among=[circle.owner_id, gus])
    await hall.update(circle.person, circle.id, time_zone="Pacific/Kiritimati")
    left = await hall.leave_group(circle.person, circle.id, gus, settled=True)
    (settlement,) = await read(circle, left.settlement_ids)
    hours_ahead = 14
    now = settlement.created_at.ToDatetime(UTC)
    assert settlement.booked_on == datetime.fromtimestamp(now.timestamp() + hours_ahead * 3600, UTC).date().isoformat()
    wrong = await refusal_of(hall.leave_group(circle.person, circle.id, circle.owner_id, settled=True, on="2026-02-30"))
    assert wrong.reason == "INVALID_DATE"


async def test_leave_group_answers_a_repeat_with_the_first_answer(circle: Circle) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    own = (await member_of(circle.person, circle.id, vic)).id
    await circle.spend(1000, among=[own])
    request = hall.leave_request(circle.id, settled=True)
    answers = await asyncio.gather(*(vic.groups.LeaveGroup(request) for _ in range(3)))
    assert len({answer.SerializeToString(deterministic=True) for answer in answers}) == 1
    other = pb.LeaveGroupRequest(request_id=request.request_id, group_id=circle.id)
    assert (await refusal_of(vic.groups.LeaveGroup(other))).reason == "REQUEST_ID_REUSED"
    assert (await refusal_of(circle.person.groups.LeaveGroup(other))).reason == "REQUEST_ID_REUSED"


async def test_leave_group_with_more_open_than_a_commit_holds_is_refused(
    circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    await circle.spend(3000, by=circle.guests["Gus"])
    monkeypatch.setattr(leaving, "SETTLEMENTS_MAX", 1)
    refused = await refusal_of(hall.leave_group(circle.person, circle.id, circle.guests["Gus"], settled=True))
    assert (refused.reason, refused.metadata["open"]) == ("MEMBER_HAS_BALANCE", "EUR 2000")


async def test_b34_leave_group_lets_an_owner_end_what_an_erased_member_owes(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    vic = await hall.with_member(circle, "Vic", VIEWER)
    own = (await member_of(circle.person, circle.id, vic)).id
    await circle.spend(1000, among=[own])
    before = hall.nets_of(server, database, circle.id)
    await vic.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD))
    erased = next(each for each in await members(circle.person, circle.id) if each.id == own)
    assert (erased.user_id, erased.display_name) == ("", "")
    assert hall.nets_of(server, database, circle.id) == before == {(circle.owner_id, "EUR"): 1000, (own, "EUR"): -1000}
    assert (await refusal_of(hall.leave_group(circle.person, circle.id, own))).reason == "MEMBER_INACTIVE"
    left = await hall.leave_group(circle.person, circle.id, own, forgiven=True)
    assert (left.member, len(left.settlement_ids)) == (erased, 1)
    assert hall.nets_of(server, database, circle.id) == {}


async def test_leave_group_and_an_expense_at_once_leave_nobody_gone_with_a_balance(
    circle: Circle, server: App, database: proof.Connection
) -> None:
    for number in range(6):
        member_id = await circle.add_guest(f"G{number}")
        await circle.spend(500, among=[member_id])
        calls = [
            hall.leave_group(circle.person, circle.id, member_id, settled=True),
            circle.spend(700, among=[member_id]),
        ]
        if number % 2:
            calls.reverse()
        outcomes = await asyncio.gather(*(outcome_of(call) for call in calls))
        left, spent = reversed(outcomes) if number % 2 else outcomes
        assert left == "OK"
        assert spent in ("OK", "MEMBER_INACTIVE")
        assert hall.nets_of(server, database, circle.id).get((member_id, "EUR"), 0) == 0


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("way", ["settled", "taken_over", "forgiven"])
async def test_leave_group_leaves_nothing_open_whatever_was_shared(
    circle: Circle, server: App, database: proof.Connection, way: str, seed: int
) -> None:
    """The proof around the test holds nets and debts against the fold of all that counts."""
    dice = Random(f"{way} {seed}")
    await circle.add_guest("Ida")
    everybody = circle.everybody
    for _ in range(12):
        payers = dice.sample(everybody, dice.randint(1, 3))
        minors = {each: dice.randint(1, 9_999) for each in payers}
        among = dice.sample(everybody, dice.randint(1, 4))
        currency = dice.choice(["EUR", "EUR", "JPY", "KWD"])
        await circle.spend(
            sum(minors.values()), currency=currency, payers=paid_by(**minors), among=among, kind=dice.choice([1, 1, 3])
        )
    leaver, taker, *_ = [each for each in dice.sample(everybody, 4) if each != circle.owner_id]
    nets = hall.nets_of(server, database, circle.id)
    debts = hall.debts_of(server, database, circle.id)
    remainder = {way: taker if way == "taken_over" else True}
    left = await hall.leave_group(circle.person, circle.id, leaver, **remainder)
    after, debts_after = hall.nets_of(server, database, circle.id), hall.debts_of(server, database, circle.id)
    assert not [key for key in after if leaver in key]
    assert not [key for key in debts_after if leaver in key]
    assert len(left.settlement_ids) < 2 * len(debts)
    for currency in ("EUR", "JPY", "KWD"):
        assert sum(net for (_, each), net in after.items() if each == currency) == 0
    if way == "taken_over":
        for member_id in everybody:
            for currency in ("EUR", "JPY", "KWD"):
                moved = nets.get((leaver, currency), 0) if member_id == taker else 0
                gone = member_id == leaver
                expected = 0 if gone else nets.get((member_id, currency), 0) + moved
                assert after.get((member_id, currency), 0) == expected
                if member_id not in (leaver, taker):
                    owes = debts.get((taker, member_id, currency), 0) + debts.get((leaver, member_id, currency), 0)
                    assert debts_after.get((taker, member_id, currency), 0) == owes
