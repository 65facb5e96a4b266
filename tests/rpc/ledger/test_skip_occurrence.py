"""What SkipOccurrence promises."""

import grpc
import pytest

from people import BookOf, new_id, refusal_of
from recurring import DAILY, due_slots, execute, make_template, posted_of, preview, schedule_of, skip
from rpc.ledger.promises import keeps_the_promises_of_a_write
from tallystick_client.v1 import ledger_templates_pb2 as pb


async def test_skip_occurrence_leaves_out_the_next_one(book: BookOf) -> None:
    made = await make_template(book)
    after = await skip(book, made)
    assert (after.handled_until, after.next_on, after.posted_count) == ("2026-01-31", "2026-02-28", 0)
    assert await posted_of(book, made) == []


async def test_skip_occurrence_leaves_out_a_later_one_and_the_nearer_ones_stay(book: BookOf) -> None:
    made = await make_template(book)
    after = await skip(book, made, "2026-03-31")
    assert (after.handled_until, list(after.handled_ahead), after.next_on) == ("", ["2026-03-31"], "2026-01-31")
    assert await preview(book, made) == ["2026-01-31", "2026-02-28", "2026-04-30"]


async def test_skip_occurrence_keeps_the_promises_of_a_write(book: BookOf) -> None:
    made = await make_template(book)
    request = pb.SkipOccurrenceRequest(request_id=new_id(), book_id=book.id, template_id=made.id)
    await keeps_the_promises_of_a_write(book, "SkipOccurrence", request, slot_on="2026-02-28")


@pytest.mark.parametrize("weekend", [pb.Weekend.WEEKEND_PREVIOUS, pb.Weekend.WEEKEND_NEXT, pb.Weekend.WEEKEND_KEEP])
async def test_t45_a_skip_sticks_whatever_the_weekend_does_to_the_day(
    book: BookOf, weekend: pb.Weekend.ValueType
) -> None:
    """A Saturday's occurrence is skipped by its slot. No look from the days around it brings it back."""
    made = await make_template(book, schedule=schedule_of("2026-03-07", "FREQ=WEEKLY", weekend=weekend))
    after = await skip(book, made, "2026-03-07")
    assert after.next_on == "2026-03-14"
    for until_on in ("2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09", "2026-03-12"):
        assert await due_slots(book, until_on) == []


async def test_skip_occurrence_names_an_occurrence_by_its_slot_and_not_by_the_day_it_is_booked_on(book: BookOf) -> None:
    schedule = schedule_of("2026-03-07", "FREQ=WEEKLY", weekend=pb.Weekend.WEEKEND_NEXT)
    made = await make_template(book, schedule=schedule)
    refusal = await refusal_of(skip(book, made, "2026-03-09"))
    assert (refusal.code, refusal.reason, refusal.fields) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "INVALID_DATE",
        ("slot_on",),
    )


@pytest.mark.parametrize("slot", ["2026-02-27", "2025-12-31", "2026-02-30", "9999-12-31"])
async def test_skip_occurrence_refuses_a_day_that_is_no_slot(book: BookOf, slot: str) -> None:
    refusal = await refusal_of(skip(book, await make_template(book), slot))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("slot_on",))


async def test_skip_occurrence_refuses_what_was_handled(book: BookOf) -> None:
    made = await make_template(book)
    await execute(book, made)
    await skip(book, made, "2026-03-31")
    for slot in ("2026-01-31", "2026-03-31"):
        refusal = await refusal_of(skip(book, made, slot))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "OCCURRENCE_HANDLED")


async def test_t46_skip_occurrence_counts_too_and_ends_with_the_count(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY, count=2))
    await skip(book, made)
    assert (await skip(book, made)).next_on == ""
    refusal = await refusal_of(skip(book, made))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "TEMPLATE_ENDED")
