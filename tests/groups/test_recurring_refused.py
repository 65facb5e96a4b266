"""What becomes of an occurrence that cannot be posted? It waits, and the group can read why."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from circle import Circle
from ledger.two_servers import Place, days_from
from people import new_id, sign_up
from recurring import DAILY, schedule_of, today
from recurring_expenses import daily, draft_of, get, pause, slots_of, update
from rpc.spaces.sharing import EDITOR, member_of, remove, share
from tallystick.errors import Unavailable
from tallystick.groups.recurring.job import RecurringJob
from tallystick.jobs.due import job as due_job
from tallystick.jobs.due.job import LEASE, PUT_OFF
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1 import group_pb2

AFTER_IT_WAS_PUT_OFF = PUT_OFF.total_seconds() + 1


async def set_archived(circle: Circle, *, archived: bool) -> None:
    verb = "Archive" if archived else "Unarchive"
    request = getattr(group_pb2, f"{verb}GroupRequest")(request_id=new_id(), group_id=circle.id)
    await getattr(circle.person.groups, f"{verb}Group")(request)


async def lock(circle: Circle, until: str) -> None:
    await circle.person.groups.LockPeriod(
        group_pb2.LockPeriodRequest(request_id=new_id(), group_id=circle.id, locked_until=until)
    )


async def reopen(circle: Circle) -> None:
    await circle.person.groups.ReopenPeriod(group_pb2.ReopenPeriodRequest(request_id=new_id(), group_id=circle.id))


async def test_why_one_cannot_be_posted_is_noted_once_and_holds_up_nobody_else(
    place: Place, circle: Circle, capsys: pytest.CaptureFixture[str]
) -> None:
    bob = await sign_up(place.client, "Bob")
    await share(circle.person, circle.id, bob, EDITOR)
    going = await member_of(circle.person, circle.id, bob)
    with_bob = draft_of(circle, among=[circle.owner_id, going.id])
    refused, fine = await daily(circle, 3, draft=with_bob), await daily(circle, 1)
    await remove(circle.person, going)
    await place.work_off()
    assert (await slots_of(circle, refused), len(await slots_of(circle, fine))) == ([], 1)
    lines = [line for line in capsys.readouterr().out.splitlines() if "recurring_expense_refused" in line]
    assert len(lines) == 1
    assert all(word in lines[0] for word in ("MEMBER_INACTIVE", refused.id, circle.id))

    noted = await get(circle, refused)
    assert (noted.problem, noted.next_on, noted.posted_count) == ("MEMBER_INACTIVE", today().isoformat(), 0)
    with place.clock.later(seconds=AFTER_IT_WAS_PUT_OFF):
        await place.work_off()
    assert "recurring_expense_refused" in capsys.readouterr().out
    assert await get(circle, refused) == noted

    changed = await update(circle, refused, draft=draft_of(circle))
    assert changed.problem == ""
    await place.work_off()
    assert await slots_of(circle, refused) == [today().isoformat()]
    assert (await get(circle, refused)).problem == ""


async def test_the_same_problem_is_noted_again_after_a_change_that_did_not_help(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 1)
    await set_archived(circle, archived=True)
    await place.work_off()
    assert (await get(circle, recurring)).problem == "GROUP_ARCHIVED"
    schedule = schedule_of(today(), DAILY, count=2)
    assert (await update(circle, recurring, schedule=schedule)).problem == ""
    await place.work_off()
    assert (await get(circle, recurring)).problem == "GROUP_ARCHIVED"


async def test_what_was_put_off_is_tried_again_after_a_while(place: Place, circle: Circle) -> None:
    recurring = await daily(circle, 1)
    await set_archived(circle, archived=True)
    await place.work_off()
    assert await slots_of(circle, recurring) == []
    await set_archived(circle, archived=False)
    with place.clock.later(seconds=AFTER_IT_WAS_PUT_OFF):
        await place.work_off()
    known = await get(circle, recurring)
    assert (known.posted_count, known.problem) == (1, "")


async def test_what_falls_into_a_locked_period_waits_until_it_is_open_and_the_others_wait_behind_it(
    place: Place, circle: Circle
) -> None:
    recurring = await daily(circle, 4, starts_on=today() - timedelta(days=3))
    await lock(circle, (today() - timedelta(days=2)).isoformat())
    await place.work_off()
    assert (await get(circle, recurring)).problem == "PERIOD_LOCKED"
    assert await slots_of(circle, recurring) == []
    await reopen(circle)
    with place.clock.later(seconds=AFTER_IT_WAS_PUT_OFF):
        await place.work_off()
    assert await slots_of(circle, recurring) == days_from(today() - timedelta(days=3), 4)


@pytest.mark.parametrize("way", ["the start moves past it", "it is paused and goes on"])
async def test_what_waits_for_a_locked_period_can_be_left_out(place: Place, circle: Circle, way: str) -> None:
    recurring = await daily(circle, 4, starts_on=today() - timedelta(days=3))
    await lock(circle, (today() - timedelta(days=1)).isoformat())
    await place.work_off()
    if way == "it is paused and goes on":
        await pause(circle, recurring)
        await pause(circle, recurring, paused=False)
    else:
        await update(circle, recurring, schedule=schedule_of(today(), DAILY, count=1))
    await place.work_off()
    known = await get(circle, recurring)
    assert (await slots_of(circle, recurring), known.problem) == ([today().isoformat()], "")


async def test_a_change_between_the_look_and_the_note_stands_and_nothing_is_noted(
    place: Place, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    recurring = await daily(circle, 1)
    await set_archived(circle, archived=True)
    job = place.jobs[0]
    assert isinstance(job, RecurringJob)
    monkeypatch.setattr(job, "_note", partial(_pause_first, circle, recurring, job._note))
    await job.run()
    known = await get(circle, recurring)
    assert (known.paused, known.problem) == (True, "")


async def _pause_first(circle: Circle, recurring: Any, note: Any, *others: Any) -> None:
    await pause(circle, recurring)
    await note(*others)


async def test_a_server_that_cannot_write_now_is_no_problem_of_the_recurring_expense(
    place: Place, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    recurring = await daily(circle, 1)
    job = place.jobs[0]
    assert isinstance(job, RecurringJob)
    change = job._change

    async def busy_at_first(*others: Any) -> Any:
        monkeypatch.setattr(job, "_change", change)
        raise Unavailable(ErrorReason.ERROR_REASON_DATABASE_UNAVAILABLE, "The space is busy.")

    monkeypatch.setattr(job, "_change", busy_at_first)
    await job.run()
    assert await get(circle, recurring) == recurring
    with place.clock.later(seconds=LEASE.total_seconds() + 1):
        await place.work_off()
    assert await slots_of(circle, recurring) == [today().isoformat()]


async def test_where_nobody_is_left_who_may_write_it_waits(
    place: Place, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could note anything either."""
    recurring = await daily(circle, 1)

    async def nobody(*_: object) -> None:
        return None

    with monkeypatch.context() as while_all_are_gone:
        while_all_are_gone.setattr(due_job, "find_acting_user", nobody)
        await place.work_off()
    assert await get(circle, recurring) == recurring
    with place.clock.later(seconds=AFTER_IT_WAS_PUT_OFF):
        await place.work_off()
    assert await slots_of(circle, recurring) == [today().isoformat()]
