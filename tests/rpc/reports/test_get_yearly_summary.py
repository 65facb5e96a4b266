"""What is a year on one page? Twelve of the book's months."""

import pytest

from people import BookOf, Person
from rpc.ledger.accounts import INCOME
from rpc.reports.household import PERIOD_BEFORE, YEAR_BEFORE, get, report, set_book
from rpc.reports.promises import is_refused, keeps_the_promises_of_a_report, refuses_wrong_amounts


async def test_it_keeps_its_promises(book: BookOf, bob: Person) -> None:
    await keeps_the_promises_of_a_report(book, bob, "YearlySummary")
    await refuses_wrong_amounts(book, "YearlySummary")
    assert await is_refused(book, "YearlySummary", "INVALID_DATE", on="2026-06-31") == ("on",)


@pytest.mark.parametrize(
    ("first", "on", "span"),
    [
        (1, "2026-06-30", ("2026-01-01", "2026-12-31")),
        (15, "2026-01-14", ("2025-01-15", "2026-01-14")),
        (15, "2026-01-15", ("2026-01-15", "2027-01-14")),
    ],
)
async def test_a_year_is_twelve_of_the_books_months(book: BookOf, first: int, on: str, span: tuple[str, str]) -> None:
    await set_book(book, first_day_of_month=first)
    for day in span:
        await book.spend(10, booked_on=day)
    await book.spend(100, booked_on=span[0], kind=INCOME, category_id=book.earning_id)
    told = await report(book, "YearlySummary", on=on)
    assert (told.days.from_on, told.days.until_on) == span
    assert (told.income.minor, told.spending.minor, told.saving_rate_basis_points) == (100, 20, 8000)
    assert [each.spent.minor for each in told.biggest_payees] == [20]
    assert [each.total.minor for each in told.biggest_categories] == [20]


async def test_both_comparisons_are_the_year_before(book: BookOf) -> None:
    await book.spend(3, booked_on="2025-12-31")
    for comparison in (PERIOD_BEFORE, YEAR_BEFORE):
        answer = await get(book.person, "YearlySummary", book.id, on="2026-02-01", compare_with=comparison)
        assert (answer.report.spending.minor, answer.previous.spending.minor) == (0, 3)
        assert (answer.previous.days.from_on, answer.previous.days.until_on) == ("2025-01-01", "2025-12-31")
