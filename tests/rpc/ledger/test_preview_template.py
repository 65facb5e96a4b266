"""What PreviewTemplate promises."""

import pytest

from people import BookOf, Person, new_id, refusal_of
from recurring import DAILY, call, execute, make_template, preview, schedule_of
from rpc.ledger.promises import viewer_of
from tallystick_client.v1 import ledger_templates_pb2 as pb


async def test_preview_template_says_what_is_neither_posted_nor_skipped(book: BookOf) -> None:
    made = await make_template(book)
    await execute(book, made, "2026-01-31")
    await execute(book, made, "2026-03-31")
    assert await preview(book, made) == ["2026-02-28", "2026-04-30", "2026-05-31"]


async def test_preview_template_shows_a_year_of_months_to_every_member_unless_asked_otherwise(book: BookOf) -> None:
    made = await make_template(book)
    request = pb.PreviewTemplateRequest(book_id=book.id, template_id=made.id)
    shown = (await (await viewer_of(book)).ledger.PreviewTemplate(request)).occurrences
    assert len(shown) == 12
    assert len(await preview(book, made, 500)) == 500


@pytest.mark.parametrize(
    ("weekend", "expected"),
    [
        (pb.Weekend.WEEKEND_KEEP, [("2026-03-07", "2026-03-07"), ("2026-03-14", "2026-03-14")]),
        (pb.Weekend.WEEKEND_PREVIOUS, [("2026-03-07", "2026-03-06"), ("2026-03-14", "2026-03-13")]),
        (pb.Weekend.WEEKEND_NEXT, [("2026-03-07", "2026-03-09"), ("2026-03-14", "2026-03-16")]),
    ],
)
async def test_preview_template_says_on_which_day_each_is_booked(
    book: BookOf, weekend: pb.Weekend.ValueType, expected: list[tuple[str, str]]
) -> None:
    made = await make_template(book, schedule=schedule_of("2026-03-07", "FREQ=WEEKLY", weekend=weekend))
    request = pb.PreviewTemplateRequest(book_id=book.id, template_id=made.id, count=2)
    shown = (await book.person.ledger.PreviewTemplate(request)).occurrences
    assert [(each.slot_on, each.booked_on) for each in shown] == expected
    assert {each.template_id for each in shown} == {made.id}


async def test_t46_preview_template_ends_with_its_count(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY, count=2))
    assert await preview(book, made, 5) == ["2026-01-01", "2026-01-02"]


async def test_preview_template_finds_nothing_that_is_not_there(book: BookOf, bob: Person) -> None:
    made = await make_template(book)
    stranger = bob.ledger.PreviewTemplate(pb.PreviewTemplateRequest(book_id=book.id, template_id=made.id))
    assert (await refusal_of(stranger)).reason == "NOT_FOUND"
    assert (await refusal_of(preview(book, pb.Template(id=new_id())))).reason == "NOT_FOUND"
    await call("DeleteTemplate", made, book)
    assert (await refusal_of(preview(book, made))).reason == "NOT_FOUND"


@pytest.mark.parametrize("count", [-1, 501])
async def test_preview_template_has_a_limit(book: BookOf, count: int) -> None:
    refusal = await refusal_of(preview(book, await make_template(book), count))
    assert (refusal.reason, refusal.fields) == ("INVALID_FIELD", ("count",))
