"""What UpdateTemplate promises."""

from datetime import timedelta
from typing import Any

import grpc
import pytest

from people import BookOf, new_id, refusal_of
from recurring import (
    DAILY,
    POST,
    REMIND,
    call,
    close_account,
    days_ago,
    draft_of,
    due_slots,
    eur,
    execute,
    get,
    make_template,
    pause,
    preview,
    schedule_of,
    skip,
    today,
    update,
)
from rpc.ledger.promises import keeps_the_promises_of_a_write
from rpc.spaces.sharing import back
from tallystick_client.v1 import ledger_templates_pb2 as pb
from turned_clock import TurnedClock


async def test_update_template_changes_what_it_is_told_and_nothing_else(book: BookOf) -> None:
    before = await make_template(book)
    after = await update(book, before, name="New rent", draft=draft_of(book, amount=eur(1000)))
    assert (after.name, after.draft.amount) == ("New rent", eur(1000))
    assert (after.schedule, after.mode, after.next_on) == (before.schedule, before.mode, before.next_on)
    assert after.version > before.version
    assert await get(book, before) == after


async def test_update_template_keeps_the_promises_of_a_write(book: BookOf) -> None:
    made = await make_template(book)
    request = pb.UpdateTemplateRequest(request_id=new_id(), book_id=book.id, template_id=made.id, name="New")
    await keeps_the_promises_of_a_write(book, "UpdateTemplate", request, name="Other")


async def test_update_template_that_changes_nothing_writes_nothing(book: BookOf) -> None:
    made = await make_template(book)
    same = draft_of(book, account_id=book.account_id.upper())
    assert await update(book, made, name=made.name, draft=same) == made
    assert (await get(book, made)).version == made.version


async def test_update_template_of_nothing_finds_nothing(book: BookOf) -> None:
    made = await make_template(book)
    await call("DeleteTemplate", made, book)
    for template in (made, pb.Template(id=new_id())):
        assert (await refusal_of(update(book, template, name="New"))).reason == "NOT_FOUND"


@pytest.mark.parametrize("path", ["next_on", "user_id", "draft.amount", "nonsense"])
async def test_update_template_refuses_a_mask_of_what_cannot_be_changed(book: BookOf, path: str) -> None:
    refusal = await refusal_of(update(book, await make_template(book), path))
    assert (refusal.reason, refusal.fields) == ("INVALID_UPDATE_MASK", ("update_mask",))


@pytest.mark.parametrize("path", ["name", "draft", "schedule", "mode"])
async def test_update_template_empties_nothing_that_must_be_stated(book: BookOf, path: str) -> None:
    refusal = await refusal_of(update(book, await make_template(book), path))
    assert (refusal.code, refusal.reason, refusal.fields) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_FIELD",
        (path,),
    )


async def test_update_template_refuses_a_schedule_that_gives_no_day(book: BookOf) -> None:
    made = await make_template(book)
    refusal = await refusal_of(update(book, made, schedule=schedule_of(rule="FREQ=MINUTELY")))
    assert refusal.reason == "INVALID_RECURRENCE"


async def test_update_template_judges_the_draft_only_when_it_changes(book: BookOf) -> None:
    made = await make_template(book)
    await close_account(book, "2026-01-15")
    assert (await update(book, made, name="Old rent")).name == "Old rent"
    refusal = await refusal_of(update(book, made, draft=draft_of(book, amount=eur(1))))
    assert refusal.reason == "ACCOUNT_CLOSED"
    refusal = await refusal_of(update(book, made, draft=draft_of(book, import_key="x")))
    assert refusal.fields == ("draft.import_key",)


async def test_update_template_on_an_old_version_merges_unless_the_same_field_changed(book: BookOf) -> None:
    made = await make_template(book)
    await update(book, made, name="New")
    assert (await update(book, made, mode=POST, base_version=made.version)).mode == POST
    refusal = await refusal_of(update(book, made, name="Other", base_version=made.version))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "STALE_VERSION")


async def test_update_template_does_not_collide_with_what_was_posted_meanwhile(book: BookOf) -> None:
    made = await make_template(book)
    await execute(book, made)
    moved = await update(book, made, schedule=schedule_of("2026-01-30"), base_version=made.version)
    assert (moved.schedule.starts_on, moved.posted_count) == ("2026-01-30", 1)


async def test_update_template_posts_no_slot_a_second_time(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY))
    for slot in ("2026-01-01", "2026-01-02", "2026-01-05"):
        await execute(book, made, slot)
    moved = await update(book, made, schedule=schedule_of("2025-12-01", DAILY))
    assert await preview(book, moved) == ["2026-01-03", "2026-01-04", "2026-01-06"]


async def test_update_template_of_the_day_does_not_post_again_for_days_that_have_passed(book: BookOf) -> None:
    """Rent on the day before yesterday was paid, and moves to yesterday: the next one is a month away."""
    starts = today() - timedelta(days=2)
    made = await make_template(book, schedule=schedule_of(starts, "FREQ=DAILY;INTERVAL=30"))
    await skip(book, made)
    moved = await update(book, made, schedule=schedule_of(days_ago(1), "FREQ=DAILY;INTERVAL=30"))
    assert moved.next_on == (today() + timedelta(days=29)).isoformat()
    assert await due_slots(book) == []


async def test_update_template_begins_a_new_schedule_today_also_when_the_old_one_had_ended(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of(days_ago(40), DAILY, count=1))
    ended = await skip(book, made)
    assert ended.next_on == ""
    assert (await update(book, made, schedule=schedule_of(days_ago(40), DAILY))).next_on == today().isoformat()


async def test_update_template_that_has_handled_nothing_begins_where_it_says(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of(days_ago(-10), DAILY))
    moved = await update(book, made, schedule=schedule_of(days_ago(3), DAILY))
    assert moved.next_on == days_ago(3)
    assert await due_slots(book) == [days_ago(3), days_ago(2), days_ago(1), days_ago(0)]


async def test_update_template_keeps_what_waits(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of(days_ago(3), DAILY))
    await skip(book, made)
    await update(book, made, schedule=schedule_of(days_ago(3), DAILY, ends_on=days_ago(-300)))
    assert await due_slots(book) == [days_ago(2), days_ago(1), days_ago(0)]


async def test_update_template_shortens_a_schedule_to_its_end(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY))
    await execute(book, made)
    assert (await update(book, made, schedule=schedule_of("2026-01-01", DAILY, count=1))).next_on == ""


async def test_pausing_a_template_hides_what_is_due_and_going_on_skips_what_passed_meanwhile(
    book: BookOf, clock: TurnedClock
) -> None:
    made = await make_template(book, schedule=schedule_of(days_ago(1), DAILY))
    assert (await pause(book, made)).paused
    assert await due_slots(book) == []
    with clock.later(days=10):
        book.person = await back(book.person)
        resumed = await pause(book, made, paused=False)
        assert not resumed.paused
        # What waited before the pause still waits; today is not over.
        assert await due_slots(book) == [days_ago(1), days_ago(0), days_ago(-10)]
        assert (await pause(book, made, paused=False)).version == resumed.version
    for slot in (days_ago(1), days_ago(0)):
        after = await skip(book, made, slot)
    assert (after.next_on, after.handled_until, list(after.handled_ahead)) == (days_ago(-10), days_ago(-9), [])


async def test_a_second_pause_counts_from_its_own_beginning(book: BookOf, clock: TurnedClock) -> None:
    made = await make_template(book, schedule=schedule_of(today(), DAILY))
    await pause(book, made)
    await pause(book, made, paused=False)
    with clock.later(days=2):
        book.person = await back(book.person)
        await pause(book, made)
    with clock.later(days=4):
        book.person = await back(book.person)
        await pause(book, made, paused=False)
        assert await due_slots(book) == [days_ago(0), days_ago(-1), days_ago(-2), days_ago(-4)]


async def test_update_template_without_a_mask_pauses_and_does_not_go_on_by_accident(book: BookOf) -> None:
    made = await make_template(book)
    assert (await update(book, made, paused=True)).paused
    assert (await update(book, made, name="New")).paused


async def test_update_template_with_a_star_changes_everything(book: BookOf) -> None:
    made = await pause(book, await make_template(book))
    everything: dict[str, Any] = {
        "name": "Fee",
        "draft": draft_of(book, amount=eur(1)),
        "schedule": schedule_of("2026-05-01"),
        "mode": REMIND,
    }
    after = await update(book, made, "*", **everything)
    assert (after.name, after.draft.amount, after.schedule.starts_on, after.paused) == (
        "Fee",
        eur(1),
        "2026-05-01",
        False,
    )
