"""What is posted by itself in a group: every occurrence, once, on its day, whatever happens to the servers."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

import pytest

import proof
from circle import Circle, shares_of
from ledger.two_servers import Died, Place, days_from, post_two_and_die
from people import new_id, sign_up
from recurring import MONTHLY, schedule_of, today
from recurring_expenses import as_back, call, daily, draft_of, get, make_recurring, pause, posted_of, slots_of, update
from rpc.spaces.sharing import EDITOR, VIEWER, member_of, share
from rpc.spaces.sharing import update as update_member
from tallystick.caller import Caller
from tallystick.errors import Stale
from tallystick.groups.recurring import commands, queries
from tallystick.groups.tables import RECURRING_EXPENSE
from tallystick.jobs.due import job as due_job
from tallystick.jobs.due.job import LEASE
from tallystick.ledger.templates.rules import post_id_of
from tallystick.store.tx import WriteTx
from tallystick.v1.group_recurring_pb2 import (
    RecurringExpense,
    UpdateRecurringExpenseRequest,
    UpdateRecurringExpenseResponse,
)
from tallystick_client.v1 import group_expenses_pb2, group_pb2


def prove(place: Place, circle: Circle) -> None:
    with proof.connect(place.dsn) as database:
        proof.prove(database, place.servers[0].store.keys, UUID(circle.id))


async def test_b22_ninety_days_of_outage_are_caught_up_by_two_servers_each_day_once(
    place: Place, circle: Circle
) -> None:
    recurrings = [await daily(circle, 1000) for _ in range(3)]
    try:
        with place.clock.later(days=89):
            await place.work_off()
        for recurring in recurrings:
            posted = await posted_of(circle, recurring)
            assert [each.slot_on for each in posted] == days_from(today(), 90)
            assert [each.booked_on for each in posted] == days_from(today(), 90)
            known = await get(circle, recurring)
            assert (known.posted_count, known.next_on) == (90, days_from(today(), 91)[-1])
            assert (known.handled_until, known.problem) == (days_from(today(), 90)[-1], "")
        prove(place, circle)
    finally:
        for recurring in recurrings:
            await call("Delete", recurring, circle)


async def test_b22_fifty_runs_at_once_post_once(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 1)
    await asyncio.gather(*(job.run() for job in place.jobs * 25))
    await place.work_off()
    (posted,) = await posted_of(circle, recurring)
    assert posted.id == str(uuid5(UUID(recurring.id), today().isoformat()))
    assert (posted.description, posted.amount.minor, posted.booked_on) == ("Rent", 3000, today().isoformat())
    assert shares_of(posted) == dict.fromkeys(circle.everybody, 1000)


async def test_b22_the_first_occurrence_is_posted_on_its_day_and_not_before(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 2, starts_on=today() + timedelta(days=1))
    await place.work_off()
    assert await slots_of(circle, recurring) == []
    with place.clock.later(days=1):
        await place.work_off()
    assert await slots_of(circle, recurring) == days_from(today() + timedelta(days=1), 1)


async def test_b23_month_ends_do_not_drift(place: Place, circle: Circle) -> None:
    recurring = await make_recurring(circle, schedule=schedule_of("2024-01-31", MONTHLY, count=14))
    await place.work_off()
    days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28]
    expected = [date(2024 + at // 12, at % 12 + 1, day).isoformat() for at, day in enumerate(days)]
    assert await slots_of(circle, recurring) == expected


async def test_each_occurrence_draws_its_own_lot_for_the_cent_that_cannot_be_divided(
    place: Place, circle: Circle
) -> None:
    recurring = await daily(circle, 30, starts_on=today() - timedelta(days=29), draft=draft_of(circle, 1000))
    await place.work_off()
    posted = await posted_of(circle, recurring)
    assert all(sorted(shares_of(each).values()) == [333, 333, 334] for each in posted)
    bore_more = {member for each in posted for member, minor in shares_of(each).items() if minor == 334}
    assert (len(posted), bore_more) == (30, set(circle.everybody))


async def test_what_says_no_split_is_shared_by_whoever_is_in_the_group_on_the_day(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 1, starts_on=today() + timedelta(days=1), draft=draft_of(circle, split=None))
    ivy = await circle.add_guest("Ivy")
    with place.clock.later(days=1):
        await place.work_off()
    (posted,) = await posted_of(circle, recurring)
    assert shares_of(posted) == dict.fromkeys([*circle.everybody], 750)
    assert ivy in circle.everybody


async def test_what_has_ended_is_looked_at_no_more(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 2)
    with place.clock.later(days=30):
        await place.work_off()
    assert (await get(circle, recurring)).next_on == ""
    assert await place.count("recurring_due WHERE recurring_id = %s", recurring.id) == 0
    assert len(await slots_of(circle, recurring)) == 2


async def test_a_day_that_moves_is_not_posted_again_for_days_that_have_passed(place: Place, circle: Circle) -> None:
    """The rent of the day before yesterday was posted, and moves to yesterday: the next one is a month away."""
    schedule = partial(schedule_of, rule="FREQ=DAILY;INTERVAL=30", count=9)
    recurring = await make_recurring(circle, schedule=schedule(today() - timedelta(days=2)))
    await place.work_off()
    moved = await update(circle, recurring, schedule=schedule(today() - timedelta(days=1)))
    assert moved.next_on == (today() + timedelta(days=29)).isoformat()
    await place.work_off()
    assert await slots_of(circle, recurring) == [(today() - timedelta(days=2)).isoformat()]


async def test_what_is_paused_or_deleted_posts_nothing_and_goes_on_without_what_fell_due(
    place: Place, circle: Circle
) -> None:
    tomorrow = today() + timedelta(days=1)
    paused = await pause(circle, await daily(circle, 9, starts_on=tomorrow))
    deleted = await daily(circle, 9, starts_on=tomorrow)
    await call("Delete", deleted, circle)
    with place.clock.later(days=5):
        await place.work_off()
        circle = await as_back(circle)
        for recurring in (paused, deleted):
            assert await slots_of(circle, recurring) == []
            assert await place.count("recurring_due WHERE recurring_id = %s", recurring.id) == 0
        await pause(circle, paused, paused=False)
        await call("Restore", deleted, circle)
        await place.work_off()
    with place.clock.later(days=6):
        await place.work_off()
    for recurring in (paused, deleted):
        assert await slots_of(await as_back(circle), recurring) == days_from(today() + timedelta(days=5), 2)


async def test_each_day_begins_where_the_group_is(place: Place) -> None:
    ann = await sign_up(place.client, "Ann")
    request = group_pb2.CreateGroupRequest(
        request_id=new_id(), name="Far", default_currency="EUR", time_zone="Pacific/Kiritimati"
    )
    made = await ann.groups.CreateGroup(request)
    circle = Circle(ann, made.group.id, made.members[0].id)
    day = today() + timedelta(days=2)
    recurring = await daily(circle, 1, starts_on=day)
    midnight = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=14)
    with place.at(midnight - timedelta(seconds=20)):
        await place.work_off()
    assert await slots_of(circle, recurring) == []
    with place.at(midnight):
        await place.work_off()
    assert await slots_of(circle, recurring) == [day.isoformat()]


async def test_a_group_that_moves_posts_by_its_new_day(place: Place, circle: Circle) -> None:
    tomorrow = today() + timedelta(days=1)
    recurring = await daily(circle, 1, starts_on=tomorrow)
    with place.at(datetime.combine(today(), datetime.min.time(), UTC) + timedelta(hours=13)):
        await place.work_off()
        there = await as_back(circle)
        assert await slots_of(there, recurring) == []
        move = group_pb2.UpdateGroupRequest(request_id=new_id(), group_id=circle.id, time_zone="Pacific/Kiritimati")
        await there.person.groups.UpdateGroup(move)
        await place.work_off()
    assert await slots_of(circle, recurring) == [tomorrow.isoformat()]


async def test_b22_a_repeat_after_the_commit_is_answered_with_what_was_posted(place: Place, circle: Circle) -> None:
    """As after a kill between the commit and whatever the server wanted to do next."""
    recurring = await daily(circle, 2, starts_on=today() + timedelta(days=1))
    first = await post(place, circle, recurring)
    assert (first.recurring.posted_count, first.recurring.handled_until) == (1, recurring.next_on)
    assert await post(place, circle, recurring) == first
    assert await slots_of(circle, recurring) == [recurring.next_on]
    prove(place, circle)


async def test_b22_what_the_job_posts_has_a_request_id_that_follows_from_the_occurrence(
    place: Place, circle: Circle
) -> None:
    recurring = await daily(circle, 1)
    await place.work_off()
    assert (await post(place, circle, recurring)).recurring == await as_ours(circle, recurring)


async def test_one_that_was_changed_since_it_was_looked_at_is_looked_at_again(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 2, starts_on=today() + timedelta(days=1))
    await pause(circle, recurring)
    with pytest.raises(Stale):
        await post(place, circle, recurring)
    assert await slots_of(circle, recurring) == []


async def test_b22_a_server_that_dies_with_recurring_expenses_in_its_hands_holds_them_up_for_minutes_only(
    place: Place, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    recurring = await daily(circle, 7)
    with place.clock.later(days=6):
        dying, living = place.jobs
        monkeypatch.setattr(dying, "_post", partial(post_two_and_die, recurring.id, [], dying._post))
        with pytest.raises(Died):
            await dying.run()
        await living.run()
        assert (await get(await as_back(circle), recurring)).posted_count == 2
        with place.clock.later(seconds=LEASE.total_seconds() + 1):
            await living.run()
    assert await slots_of(circle, recurring) == days_from(today(), 7)


async def test_a_long_backlog_takes_turns_with_the_others(
    place: Place, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_job, "POSTED_MAX", 3)
    monkeypatch.setattr(due_job, "LEASED_MAX", 1)
    long = await daily(circle, 20, starts_on=today() - timedelta(days=19))
    short = await daily(circle, 1)
    await place.jobs[0].run()
    await place.work_off()
    (of_short,) = await posted_of(circle, short)
    of_long = await posted_of(circle, long)
    assert len(of_long) == 20
    assert of_short.version < max(each.version for each in of_long)


async def test_even_one_that_forgets_cannot_post_twice(place: Place, circle: Circle) -> None:
    """The id of the expense is a lock of its own."""
    recurring = await daily(circle, 1)
    await place.work_off()

    async def forget(tx: WriteTx, request: UpdateRecurringExpenseRequest) -> UpdateRecurringExpenseResponse:
        before, _ = await queries.get_with_group(tx, request)
        after = RecurringExpense()
        after.CopyFrom(before)
        after.handled_until, after.next_on = "", recurring.next_on
        return UpdateRecurringExpenseResponse(recurring=tx.put(RECURRING_EXPENSE, before, after))

    request = UpdateRecurringExpenseRequest(request_id=new_id(), group_id=circle.id, recurring_id=recurring.id)
    store = place.servers[0].store
    await store.write(caller_of(circle), circle.id, request, forget, UpdateRecurringExpenseResponse)
    await update(circle, recurring, draft=draft_of(circle, 1))
    await place.work_off()
    (posted,) = await posted_of(circle, recurring)
    assert posted.amount.minor == 3000
    prove(place, circle)


async def test_who_may_not_write_any_more_is_stood_in_for_by_an_owner(place: Place, circle: Circle) -> None:
    eve = await sign_up(place.client, "Eve")
    await share(circle.person, circle.id, eve, EDITOR)
    recurring = await daily(replace(circle, person=eve), 2)
    assert recurring.user_id == eve.user.id
    await place.work_off()
    await update_member(circle.person, await member_of(circle.person, circle.id, eve), "role", role=VIEWER)
    with place.clock.later(days=1):
        await place.work_off()
    posted = await posted_of(circle, recurring)
    assert [await actor_of(circle, each.id) for each in posted] == [eve.user.id, circle.person.user.id]


async def actor_of(circle: Circle, expense_id: str) -> str:
    request = group_expenses_pb2.ListExpenseHistoryRequest(group_id=circle.id, expense_id=expense_id)
    (revision,) = (await circle.person.groups.ListExpenseHistory(request)).revisions
    return str(revision.changed_by)


async def test_a_deleted_group_posts_nothing_and_catches_up_when_it_is_back(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 2)
    await circle.person.groups.DeleteGroup(group_pb2.DeleteGroupRequest(request_id=new_id(), group_id=circle.id))
    with place.clock.later(days=1):
        await place.work_off()
        circle = await as_back(circle)
        await circle.person.groups.RestoreGroup(group_pb2.RestoreGroupRequest(request_id=new_id(), group_id=circle.id))
        assert await slots_of(circle, recurring) == []
        await place.work_off()
    assert len(await slots_of(circle, recurring)) == 2


def caller_of(circle: Circle) -> Caller:
    user = circle.person.user
    return Caller(UUID(user.id), UUID(user.home_id), None, "")


async def as_ours(circle: Circle, recurring: Any) -> RecurringExpense:
    """As the server's own message."""
    return RecurringExpense.FromString((await get(circle, recurring)).SerializeToString())


async def post(place: Place, circle: Circle, recurring: Any) -> UpdateRecurringExpenseResponse:
    """As the job does it."""
    slot_on = date.fromisoformat(recurring.next_on)
    request = UpdateRecurringExpenseRequest(
        request_id=str(post_id_of(UUID(recurring.id), slot_on)), group_id=circle.id, recurring_id=recurring.id
    )
    command = partial(commands.post_occurrence, seen_version=recurring.version)
    store = place.servers[0].store
    return await store.write(caller_of(circle), circle.id, request, command, UpdateRecurringExpenseResponse)
