"""What ListBalanceHistory promises."""

from datetime import date, timedelta
from typing import Any

import pytest

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.ledger.accounts import (
    DAY,
    MONTH,
    WEEK,
    call,
    history,
    history_request,
    make,
    opened,
    record,
    shared_with,
)
from rpc.ledger.moves import days_between, move_about, plain_sum
from rpc.spaces.sharing import VIEWER
from tallystick_client.v1 import ledger_books_pb2, ledger_pb2


async def start_weeks_on(book: BookOf, day: int) -> None:
    await book.person.ledger.UpdateBook(
        ledger_books_pb2.UpdateBookRequest(request_id=new_id(), book_id=book.id, first_day_of_week=day)  # type: ignore[arg-type]  # a number of the enum
    )


def ends_of(first: str, last: str, step: Any, week_starts: int = 1) -> list[str]:
    """The days of the points, one day after the other."""
    until = date.fromisoformat(last)
    found = []
    for day in days_between(date.fromisoformat(first), until):
        following = day + timedelta(days=1)
        is_end = {DAY: True, WEEK: following.isoweekday() == week_starts, MONTH: following.day == 1}[step]
        if is_end or day == until:
            found.append(day.isoformat())
    return found


@pytest.mark.parametrize("size", [1, 3, 7, 50, 200])
@pytest.mark.parametrize("step", [DAY, WEEK, MONTH])
async def test_list_balance_history_is_the_sum_of_what_is_booked_whatever_the_step_and_page(
    book: BookOf, step: Any, size: int
) -> None:
    other = await make(book)
    left = await move_about(book, book.account_id, other.id, seed=size)
    first, last = ("2025-12-17", "2026-02-14") if step == DAY else ("2025-11-05", "2026-03-19")
    points = await history(book, book.account_id, first, last, step, size)
    assert points == [(on, plain_sum(left, book.account_id, on)) for on in ends_of(first, last, step)]


@pytest.mark.parametrize("week_starts", range(1, 8))
async def test_list_balance_history_ends_weeks_before_the_books_first_day(book: BookOf, week_starts: int) -> None:
    await start_weeks_on(book, week_starts)
    for on, minor in (("2026-01-03", 1), ("2026-01-04", 10), ("2026-01-05", 100), ("2026-02-09", 1000)):
        await record(book, book.account_id, minor, on)
    for size in (1, 200):
        points = await history(book, book.account_id, "2025-12-29", "2026-02-17", WEEK, size)
        assert [on for on, _ in points] == ends_of("2025-12-29", "2026-02-17", WEEK, week_starts)
        for on, minor in points:
            moves = (("2026-01-03", 1), ("2026-01-04", 10), ("2026-01-05", 100), ("2026-02-09", 1000))
            assert minor == sum(amount for day, amount in moves if day <= on)


async def test_list_balance_history_starts_weeks_on_monday_unless_the_book_says_otherwise(book: BookOf) -> None:
    assert await history(book, book.account_id, "2026-01-01", "2026-01-11", WEEK) == [
        ("2026-01-04", 0),
        ("2026-01-11", 0),
    ]


@pytest.mark.parametrize("step", [DAY, WEEK, MONTH])
@pytest.mark.parametrize("day", ["2026-01-31", "2026-02-01", "0001-01-01", "9999-12-31", "2024-02-29"])
async def test_list_balance_history_of_one_day_is_one_point(book: BookOf, step: Any, day: str) -> None:
    await record(book, book.account_id, 5, day)
    assert await history(book, book.account_id, day, day, step) == [(day, 5)]


@pytest.mark.parametrize("week_starts", range(1, 8))
@pytest.mark.parametrize("step", [DAY, WEEK, MONTH])
async def test_list_balance_history_ends_where_the_calendar_does(book: BookOf, step: Any, week_starts: int) -> None:
    await start_weeks_on(book, week_starts)
    await record(book, book.account_id, 7, "9999-12-30")
    points = await history(book, book.account_id, "9999-12-20", "9999-12-31", step, 3)
    assert points[-1] == ("9999-12-31", 7)
    assert [minor for on, minor in points if on < "9999-12-30"] == [0] * sum(1 for on, _ in points if on < "9999-12-30")
    assert len({on for on, _ in points}) == len(points)


async def test_list_balance_history_starts_from_what_was_there_before(book: BookOf) -> None:
    made = await opened(book, -900, "2019-07-15")
    assert await history(book, made.id, "2026-01-30", "2026-02-02", DAY) == [
        ("2026-01-30", -900),
        ("2026-01-31", -900),
        ("2026-02-01", -900),
        ("2026-02-02", -900),
    ]
    assert (await history(book, made.id, "2019-06-01", "2019-08-31", MONTH)) == [
        ("2019-06-30", 0),
        ("2019-07-31", -900),
        ("2019-08-31", -900),
    ]


async def test_list_balance_history_goes_back_a_hundred_years_and_no_day_more(book: BookOf) -> None:
    await record(book, book.account_id, 3, "1926-01-01")
    points = await history(book, book.account_id, "1926-01-01", "2026-01-01", MONTH)
    assert (len(points), points[0], points[-1]) == (1201, ("1926-01-31", 3), ("2026-01-01", 3))
    for first, last in (("1926-01-01", "2026-01-02"), ("1924-02-29", "2024-03-01"), ("0001-01-01", "9999-12-31")):
        refusal = await refusal_of(history(book, book.account_id, first, last, MONTH))
        assert (refusal.reason, refusal.fields) == ("INVALID_DATE", ("until_on",))


@pytest.mark.parametrize(
    ("first", "last", "step", "reason", "field"),
    [
        ("2026-02-30", "2026-03-01", DAY, "INVALID_DATE", "from_on"),
        ("2026-02-01", "2026-02-30", DAY, "INVALID_DATE", "until_on"),
        ("2026-02-02", "2026-02-01", DAY, "INVALID_DATE", "until_on"),
        ("2026-02-01", "2026-02-02", 0, "INVALID_FIELD", "step"),
        ("", "2026-02-02", DAY, "INVALID_FIELD", "from_on"),
        ("2026-02-02", "", DAY, "INVALID_FIELD", "until_on"),
    ],
)
async def test_list_balance_history_refuses_days_that_make_no_span(
    book: BookOf, first: str, last: str, step: Any, reason: str, field: str
) -> None:
    refusal = await refusal_of(history(book, book.account_id, first, last, step))
    assert (refusal.reason, refusal.fields) == (reason, (field,))


async def test_list_balance_history_refuses_a_token_of_another_query(book: BookOf) -> None:
    ledger = book.person.ledger
    usual = (book, book.account_id, "2026-01-01", "2026-01-31")
    token = (await ledger.ListBalanceHistory(history_request(*usual, page_size=1))).next_page_token
    for other in ({"step": WEEK}, {"until_on": "2026-02-01"}, {"account_id": (await make(book)).id}):
        request = history_request(*usual, page_token=token)
        request.MergeFrom(type(request)(**other))
        assert (await refusal_of(ledger.ListBalanceHistory(request))).reason == "INVALID_PAGE_TOKEN"


async def test_list_balance_history_of_what_is_not_there_is_not_found(book: BookOf, bob: Person) -> None:
    gone, private, theirs = await make(book), await make(book, private=True), await make_book(bob)
    await call("Delete", book, gone.id)
    days = ("2026-01-01", "2026-01-31")
    for missing in (gone.id, theirs.account_id, new_id()):
        assert (await refusal_of(history(book, missing, *days))).reason == "NOT_FOUND"
    household = await shared_with(book, bob, VIEWER)
    assert (await refusal_of(history(household, private.id, *days))).reason == "NOT_FOUND"
    assert len(await history(household, book.account_id, *days)) == 31


async def test_t50_list_balance_history_counts_the_first_of_the_month_to_its_own_month(book: BookOf) -> None:
    for on in ("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01"):
        await record(book, book.account_id, 1, on)
    assert await history(book, book.account_id, "2026-01-01", "2026-03-31", MONTH) == [
        ("2026-01-31", 1),
        ("2026-02-28", 3),
        ("2026-03-31", 4),
    ]


def test_weekdays_are_numbered_as_in_iso_8601() -> None:
    assert [ledger_pb2.Weekday.Value(f"WEEKDAY_{name}") for name in ("MONDAY", "SATURDAY", "SUNDAY")] == [1, 6, 7]
