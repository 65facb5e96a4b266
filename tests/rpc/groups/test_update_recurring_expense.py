"""What UpdateRecurringExpense promises."""

import grpc
import pytest

from circle import Circle
from people import Person, new_id, refusal_of
from recurring import DAILY, days_ago, schedule_of
from recurring_expenses import call, draft_of, get, make_recurring, pause, update
from rpc.groups.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import EDITOR, back, member_of, remove, share
from tallystick_client.v1 import group_pb2
from tallystick_client.v1 import group_recurring_pb2 as pb
from turned_clock import TurnedClock


async def test_update_recurring_expense_changes_what_it_is_told_and_nothing_else(circle: Circle) -> None:
    before = await make_recurring(circle)
    after = await update(circle, before, draft=draft_of(circle, 3300))
    assert after.draft == draft_of(circle, 3300)
    assert (after.schedule, after.paused, after.next_on) == (before.schedule, False, before.next_on)
    assert after.version > before.version
    assert await get(circle, before) == after


async def test_update_recurring_expense_keeps_the_promises_of_a_write(circle: Circle) -> None:
    made = await make_recurring(circle)
    request = pb.UpdateRecurringExpenseRequest(
        request_id=new_id(), group_id=circle.id, recurring_id=made.id, draft=draft_of(circle, 1)
    )
    await keeps_the_promises_of_a_write(circle, "UpdateRecurringExpense", request, draft=draft_of(circle, 2))


async def test_update_recurring_expense_that_changes_nothing_writes_nothing(circle: Circle) -> None:
    made = await make_recurring(circle)
    same = draft_of(circle, by=circle.owner_id.upper())
    assert await update(circle, made, draft=same, schedule=made.schedule) == made
    assert (await get(circle, made)).version == made.version


async def test_update_recurring_expense_of_nothing_finds_nothing(circle: Circle) -> None:
    missing = pb.RecurringExpense(id=new_id())
    assert (await refusal_of(update(circle, missing, paused=True))).reason == "NOT_FOUND"


@pytest.mark.parametrize("path", ["next_on", "user_id", "draft.amount", "nonsense"])
async def test_update_recurring_expense_refuses_a_mask_of_what_cannot_be_changed(circle: Circle, path: str) -> None:
    refusal = await refusal_of(update(circle, await make_recurring(circle), path))
    assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))


@pytest.mark.parametrize("path", ["draft", "schedule"])
async def test_update_recurring_expense_empties_nothing_that_must_be_stated(circle: Circle, path: str) -> None:
    refusal = await refusal_of(update(circle, await make_recurring(circle), path))
    assert (refusal.code, refusal.reason, refusal.fields) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_FIELD",
        (path,),
    )


async def test_update_recurring_expense_refuses_a_schedule_that_gives_no_day(circle: Circle) -> None:
    made = await make_recurring(circle)
    refusal = await refusal_of(update(circle, made, schedule=schedule_of(rule="FREQ=MINUTELY")))
    assert refusal.reason == "INVALID_RECURRENCE"


async def test_update_recurring_expense_judges_the_draft_only_when_it_changes(circle: Circle, bob: Person) -> None:
    await share(circle.person, circle.id, bob, EDITOR)
    going = await member_of(circle.person, circle.id, bob)
    made = await make_recurring(circle, draft=draft_of(circle, among=[circle.owner_id, going.id]))
    await remove(circle.person, going)
    assert (await pause(circle, made)).paused
    worse = draft_of(circle, 1, among=[circle.owner_id, going.id])
    assert (await refusal_of(update(circle, made, draft=worse))).reason == "MEMBER_INACTIVE"
    refusal = await refusal_of(update(circle, made, draft=draft_of(circle, import_key="x")))
    assert refusal.fields == ("draft.import_key",)


async def test_update_recurring_expense_changes_no_draft_of_an_archived_group(circle: Circle) -> None:
    made = await make_recurring(circle)
    archive = group_pb2.ArchiveGroupRequest(request_id=new_id(), group_id=circle.id)
    await circle.person.groups.ArchiveGroup(archive)
    assert (await pause(circle, made)).paused
    assert (await refusal_of(update(circle, made, draft=draft_of(circle, 1)))).reason == "GROUP_ARCHIVED"


async def test_update_recurring_expense_on_an_old_version_merges_unless_the_same_field_changed(circle: Circle) -> None:
    made = await make_recurring(circle)
    await update(circle, made, draft=draft_of(circle, 3300))
    moved = await update(circle, made, schedule=schedule_of("2126-02-28"), base_version=made.version)
    assert (moved.schedule.starts_on, moved.draft.amount.minor) == ("2126-02-28", 3300)
    refusal = await refusal_of(update(circle, made, draft=draft_of(circle, 3), base_version=made.version))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")


async def test_update_recurring_expense_moves_the_next_day_with_the_schedule(circle: Circle) -> None:
    made = await make_recurring(circle)
    moved = await update(circle, made, schedule=schedule_of(days_ago(3), DAILY))
    assert (moved.handled_until, moved.next_on) == ("", days_ago(3))
    ended = await update(circle, made, schedule=schedule_of(days_ago(3), DAILY, ends_on=days_ago(3)))
    assert ended.next_on == days_ago(3)


async def test_a_recurring_expense_that_goes_on_after_a_pause_skips_what_passed(
    circle: Circle, clock: TurnedClock
) -> None:
    made = await make_recurring(circle, schedule=schedule_of(days_ago(0), DAILY))
    assert (await pause(circle, made)).paused
    with clock.later(days=10):
        circle.person = await back(circle.person)
        resumed = await pause(circle, made, paused=False)
        # Today is not over.
        assert (resumed.paused, resumed.handled_until, resumed.next_on) == (False, days_ago(-9), days_ago(-10))
        assert (await pause(circle, made, paused=False)).version == resumed.version


async def test_update_recurring_expense_without_a_mask_does_not_go_on_by_accident(circle: Circle) -> None:
    made = await make_recurring(circle)
    assert (await update(circle, made, paused=True)).paused
    assert (await update(circle, made, draft=draft_of(circle, 1))).paused


async def test_update_recurring_expense_with_a_star_changes_everything(circle: Circle) -> None:
    made = await pause(circle, await make_recurring(circle))
    after = await update(circle, made, "*", draft=draft_of(circle, 1), schedule=schedule_of("2126-05-01"))
    assert (after.draft.amount.minor, after.schedule.starts_on, after.paused) == (1, "2126-05-01", False)


async def test_update_recurring_expense_that_has_ended_may_still_change_its_draft(circle: Circle) -> None:
    schedule = schedule_of(days_ago(0), DAILY, count=1)
    made = await pause(circle, await make_recurring(circle, schedule=schedule))
    ended = await update(circle, made, schedule=schedule_of(days_ago(5), DAILY, ends_on=days_ago(1)))
    resumed = await pause(circle, ended, paused=False)
    assert resumed.next_on == ""
    assert (await update(circle, made, draft=draft_of(circle, 1))).draft.amount.minor == 1
    assert (await refusal_of(update(circle, made, draft=draft_of(circle, 0)))).reason == "INVALID_FIELD"
    assert (await call("Delete", made, circle)).next_on == ""
