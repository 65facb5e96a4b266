"""What ListDueOccurrences promises."""

import pytest

from people import BookOf, Person, make_book, refusal_of
from recurring import (
    DAILY,
    call,
    close_account,
    days_ago,
    due_slots,
    execute,
    list_due,
    make_template,
    pause,
    schedule_of,
    set_time_zone,
    skip,
    today,
)
from rpc.ledger.promises import viewer_of
from tallystick_client.v1 import ledger_templates_pb2 as pb
from turned_clock import TurnedClock


async def test_list_due_occurrences_lists_what_waits_for_somebody(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY))
    await execute(book, made, "2026-01-01")
    await skip(book, made, "2026-01-03")
    assert await due_slots(book, "2026-01-05") == ["2026-01-02", "2026-01-04", "2026-01-05"]
    request = pb.ListDueOccurrencesRequest(book_id=book.id, until_on="2026-01-02")
    (shown,) = (await (await viewer_of(book)).ledger.ListDueOccurrences(request)).occurrences
    assert (shown.template_id, shown.slot_on, shown.booked_on) == (made.id, "2026-01-02", "2026-01-02")


async def test_list_due_occurrences_is_by_template_and_then_by_slot_page_by_page(book: BookOf) -> None:
    first = await make_template(book, schedule=schedule_of("2026-01-01", DAILY))
    await make_template(book, schedule=schedule_of("2027-01-01", DAILY))
    second = await make_template(book, schedule=schedule_of("2026-01-02", DAILY))
    expected = [
        *((first.id, f"2026-01-0{day}") for day in range(1, 6)),
        *((second.id, f"2026-01-0{day}") for day in range(2, 6)),
    ]
    for size in (1, 2, 4, 5, 9, 10):
        found, token = [], ""
        while True:
            page = await list_due(book, "2026-01-05", page_size=size, page_token=token)
            assert len(page.occurrences) <= size
            found += [(each.template_id, each.slot_on) for each in page.occurrences]
            token = page.next_page_token
            if not token or len(found) > len(expected):
                break
        assert found == expected


async def test_list_due_occurrences_goes_on_where_it_was_when_some_were_handled_meanwhile(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY))
    page = await list_due(book, "2026-01-05", page_size=2)
    await skip(book, made, "2026-01-02")
    await skip(book, made, "2026-01-04")
    rest = await list_due(book, "2026-01-05", page_size=2, page_token=page.next_page_token)
    assert [each.slot_on for each in rest.occurrences] == ["2026-01-03", "2026-01-05"]


async def test_list_due_occurrences_is_about_the_booked_day(book: BookOf) -> None:
    """Saturday the 7th is booked on Friday or on Monday."""
    for weekend in (pb.Weekend.WEEKEND_PREVIOUS, pb.Weekend.WEEKEND_NEXT):
        await make_template(book, schedule=schedule_of("2026-03-07", "FREQ=MONTHLY", weekend=weekend))
    booked = {}
    for until_on in ("2026-03-05", "2026-03-06", "2026-03-08", "2026-03-09"):
        booked[until_on] = [each.booked_on for each in (await list_due(book, until_on)).occurrences]
    assert booked == {
        "2026-03-05": [],
        "2026-03-06": ["2026-03-06"],
        "2026-03-08": ["2026-03-06"],
        "2026-03-09": ["2026-03-06", "2026-03-09"],
    }


async def test_list_due_occurrences_leaves_out_paused_and_deleted_templates(book: BookOf) -> None:
    await pause(book, await make_template(book))
    await call("DeleteTemplate", await make_template(book), book)
    assert await due_slots(book, "2026-12-31") == []


async def test_list_due_occurrences_looks_until_today(book: BookOf) -> None:
    await make_template(book, schedule=schedule_of(days_ago(2), DAILY))
    assert await due_slots(book) == [days_ago(2), days_ago(1), days_ago(0)]


@pytest.mark.parametrize(("zone", "ahead"), [("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11)])
async def test_t50_today_is_the_day_where_the_book_is(book: BookOf, clock: TurnedClock, zone: str, ahead: int) -> None:
    await make_template(book, schedule=schedule_of(days_ago(3), DAILY))
    await set_time_zone(book, zone)
    now = clock.now()
    days = [days_ago(number) for number in range(3, -2, -1)]
    here = (now.hour + ahead) // 24
    assert await due_slots(book) == days[: 4 + here]
    assert today() == now.date()


async def test_list_due_occurrences_shows_what_could_not_be_posted(book: BookOf) -> None:
    made = await make_template(book, schedule=schedule_of("2026-01-01", DAILY, count=1))
    await close_account(book, "2025-12-01")
    assert (await refusal_of(execute(book, made))).reason == "ACCOUNT_CLOSED"
    assert await due_slots(book) == ["2026-01-01"]


async def test_list_due_occurrences_refuses_a_day_that_does_not_exist(book: BookOf) -> None:
    refusal = await refusal_of(list_due(book, "2026-02-30"))
    assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("until_on",))


async def test_list_due_occurrences_reaches_to_the_end_of_the_calendar(book: BookOf) -> None:
    await make_template(book, schedule=schedule_of("2026-01-01", DAILY, count=1))
    assert await due_slots(book, "9999-12-31") == ["2026-01-01"]


async def test_list_due_occurrences_refuses_a_token_of_another_query(book: BookOf) -> None:
    await make_template(book, schedule=schedule_of("2026-01-01", DAILY))
    page = await list_due(book, "2026-01-05", page_size=1)
    refusal = await refusal_of(list_due(book, "2026-01-06", page_token=page.next_page_token))
    assert refusal.reason == "INVALID_PAGE_TOKEN"


async def test_list_due_occurrences_is_for_members_and_shows_their_book_only(book: BookOf, bob: Person) -> None:
    await make_template(await make_book(book.person))
    assert await due_slots(book, "2026-12-31") == []
    request = pb.ListDueOccurrencesRequest(book_id=book.id)
    assert (await refusal_of(bob.ledger.ListDueOccurrences(request))).reason == "NOT_FOUND"
