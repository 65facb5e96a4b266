"""What was spent and earned over time? Refunds come off, transfers never count, and what no rate leads from is told apart."""

from datetime import date, timedelta

import pytest

from people import BookOf, Person
from rpc.ledger import accounts, categories
from rpc.ledger.accounts import INCOME, REFUND, TRANSFER
from rpc.ledger.exchange import set_rate
from rpc.reports.household import (
    DAY,
    FOR_SPENDING,
    MONTH,
    PERIOD_BEFORE,
    QUARTER,
    WEEK,
    YEAR,
    YEAR_BEFORE,
    get,
    report,
    set_book,
)
from rpc.reports.promises import (
    NOBODYS,
    days,
    is_refused,
    keeps_the_promises_of_a_report,
    refuses_wrong_amounts,
    refuses_wrong_spans,
)
from tallystick_client.v1.money_pb2 import Money

SPRING = days("2026-01-01", "2026-03-31")


async def test_it_keeps_its_promises(book: BookOf, bob: Person) -> None:
    await keeps_the_promises_of_a_report(book, bob, "SpendingTrends")
    await refuses_wrong_spans(book, "SpendingTrends")
    await refuses_wrong_amounts(book, "SpendingTrends")


async def test_spending_and_earning_by_month_with_averages(book: BookOf) -> None:
    await book.spend(1000, booked_on="2026-01-31")
    await book.spend(301, booked_on="2026-03-01")
    await book.spend(300, booked_on="2026-03-31", kind=REFUND)
    await book.spend(5000, booked_on="2026-02-10", kind=INCOME, category_id=book.earning_id)
    told = await report(book, "SpendingTrends", **SPRING)
    assert [(step.sum.spent.minor, step.sum.earned.minor) for step in told.steps] == [(1000, 0), (0, 5000), (1, 0)]
    assert (told.total.spent.minor, told.total.earned.minor, told.total.saved.minor) == (1001, 5000, 3999)
    # A third of 1001, and of 5000.
    assert (told.average.spent.minor, told.average.earned.minor) == (334, 1667)
    assert not told.conversion.incomplete
    assert not told.steps[0].categories


async def test_transfers_openings_and_adjustments_are_neither(book: BookOf) -> None:
    bank = await accounts.opened(book, 9000, on="2026-01-05")
    await book.spend(100, kind=TRANSFER, category_id="", to_account_id=bank.id, booked_on="2026-01-06")
    await accounts.reconcile(book, bank.id, 8000, on="2026-01-10", adjust=True)
    told = await report(book, "SpendingTrends", **SPRING)
    assert (told.total.spent.minor, told.total.earned.minor) == (0, 0)


async def test_by_category_with_those_below(book: BookOf) -> None:
    bread = await categories.make(book, parent_id=book.spending_id)
    await book.spend(10, booked_on="2026-01-31")
    await book.spend(7, booked_on="2026-01-15", category_id=bread.id)
    await book.spend(4, booked_on="2026-02-01", category_id="")
    told = await report(book, "SpendingTrends", **SPRING, by_category=True)
    food, below = told.steps[0].categories
    assert (food.category_id, food.own.minor, food.total.minor, food.kind) == (book.spending_id, 10, 17, FOR_SPENDING)
    assert (below.category_id, below.own.minor, below.total.minor, below.name) == (bread.id, 7, 7, "Bread")
    (none,) = told.steps[1].categories
    assert (none.category_id, none.uncategorized, none.total.minor) == ("", True, 4)
    averages = {each.category_id: (each.own.minor, each.total.minor) for each in told.category_averages}
    assert averages == {book.spending_id: (3, 6), bread.id: (2, 2), "": (1, 1)}


@pytest.mark.parametrize(
    ("step", "first", "steps"),
    [
        (WEEK, "2025-12-31", [("2025-12-31", "2026-01-03"), ("2026-01-04", "2026-01-10")]),
        (MONTH, "2025-12-31", [("2025-12-31", "2026-01-02"), ("2026-01-03", "2026-01-10")]),
        (QUARTER, "2025-10-10", [("2025-10-10", "2026-01-02"), ("2026-01-03", "2026-01-10")]),
        (YEAR, "2025-02-01", [("2025-02-01", "2026-01-02"), ("2026-01-03", "2026-01-10")]),
        (DAY, "2026-01-09", [("2026-01-09", "2026-01-09"), ("2026-01-10", "2026-01-10")]),
    ],
)
async def test_steps_are_the_books(book: BookOf, step: int, first: str, steps: list[tuple[str, str]]) -> None:
    await set_book(book, first_day_of_month=3, first_day_of_week=7)
    told = await report(book, "SpendingTrends", **days(first, "2026-01-10"), step=step)
    assert [(each.days.from_on, each.days.until_on) for each in told.steps] == steps


async def test_usually_the_last_twelve_steps(book: BookOf) -> None:
    told = await report(book, "SpendingTrends")
    assert len(told.steps) == 12
    last = date.fromisoformat(told.steps[-1].days.until_on)
    assert (last + timedelta(days=1)).day == 1
    assert len((await report(book, "SpendingTrends", step=WEEK)).steps) == 12


async def test_other_currencies_are_converted_at_the_rate_of_their_day(book: BookOf) -> None:
    dollars = await accounts.make(book, currency="USD")
    await set_rate(book, "USD/EUR", "2026-01-10", "0.9")
    await set_rate(book, "USD/EUR", "2026-01-20", "0.5")
    for day in ("2026-01-09", "2026-01-10", "2026-01-10", "2026-01-25"):
        await book.spend(5, account_id=dollars.id, amount=Money(currency="USD", minor=5), booked_on=day)
    told = await report(book, "SpendingTrends", **SPRING)
    # 9 and, half to even, 2. What two spent on one day is converted as one.
    assert told.total.spent.minor == 9 + 2
    (unconverted,) = told.conversion.unconverted
    assert (unconverted.amount, unconverted.first_on) == (Money(currency="USD", minor=5), "2026-01-09")
    assert told.conversion.incomplete
    assert [(rate.rate, rate.first_on) for rate in told.conversion.rates] == [
        ("0.9", "2026-01-10"),
        ("0.5", "2026-01-25"),
    ]
    in_dollars = await report(book, "SpendingTrends", **SPRING, currency="USD")
    assert (in_dollars.total.spent, in_dollars.conversion.incomplete) == (Money(currency="USD", minor=20), False)


async def test_what_cancels_out_unconverted_is_missing_all_the_same(book: BookOf) -> None:
    """The sum is right by chance, its categories are not."""
    pesos = await accounts.make(book, currency="UYU")
    amount = Money(currency="UYU", minor=5)
    await book.spend(5, account_id=pesos.id, amount=amount)
    await book.spend(5, account_id=pesos.id, amount=amount, kind=REFUND, category_id="")
    told = await report(book, "SpendingTrends", **SPRING)
    assert told.conversion.incomplete
    assert [each.amount.minor for each in told.conversion.unconverted] == [0]


@pytest.mark.parametrize("chosen", NOBODYS, ids=lambda chosen: next(iter(chosen)))
async def test_ids_that_are_not_there_fit_nothing(book: BookOf, chosen: dict[str, object]) -> None:
    await book.spend(10)
    assert (await report(book, "SpendingTrends", **SPRING, filter=chosen)).total.spent.minor == 0


async def test_of_a_transaction_the_parts_count_that_fit(book: BookOf) -> None:
    bank = await accounts.make(book)
    parts = [
        {"amount": accounts.eur(10), "category_id": book.spending_id, "note": "rye"},
        {"amount": accounts.eur(7), "account_id": bank.id},
    ]
    await book.spend(17, category_id="", splits=parts, payee="Market")
    for chosen, spent in (
        ({"account_ids": [bank.id]}, 7),
        ({"category_ids": [book.spending_id]}, 10),
        ({"uncategorized": True}, 7),
        ({"uncategorized": True, "category_ids": [book.spending_id]}, 17),
        ({"text": "RYE"}, 17),
        ({"text": "rye", "account_ids": [bank.id]}, 7),
        ({"text": "nothing"}, 0),
        ({"min_amount": accounts.eur(17)}, 17),
        ({"min_amount": accounts.eur(18)}, 0),
    ):
        assert (await report(book, "SpendingTrends", **SPRING, filter=chosen)).total.spent.minor == spent


async def test_it_is_compared_with_a_period_before_or_a_year_before(book: BookOf) -> None:
    await book.spend(3, booked_on="2025-10-01")
    await book.spend(4, booked_on="2025-03-31")
    for comparison, spent, first in ((PERIOD_BEFORE, 3, "2025-10-01"), (YEAR_BEFORE, 4, "2025-01-01")):
        answer = await get(book.person, "SpendingTrends", book.id, **SPRING, compare_with=comparison)
        assert (answer.previous.total.spent.minor, answer.previous.days.from_on) == (spent, first)
        assert len(answer.previous.steps) == 3
    plain = await get(book.person, "SpendingTrends", book.id, **SPRING)
    assert not plain.HasField("previous")
    weeks = await get(
        book.person, "SpendingTrends", book.id, **days("2026-01-05", "2026-01-18"), step=WEEK, compare_with=YEAR_BEFORE
    )
    assert [each.days.from_on for each in weeks.previous.steps] == ["2025-01-06", "2025-01-13"]
    leap = await get(
        book.person, "SpendingTrends", book.id, **days("2024-02-28", "2024-02-29"), step=DAY, compare_with=YEAR_BEFORE
    )
    assert (leap.previous.days.from_on, leap.previous.days.until_on) == ("2023-02-28", "2023-02-28")


async def test_too_many_steps_are_refused(book: BookOf) -> None:
    await is_refused(book, "SpendingTrends", "INVALID_FIELD", **days("2024-01-01", "2026-01-20"), step=DAY)
    await is_refused(book, "SpendingTrends", "INVALID_FIELD", **days("1930-01-01", "2026-01-20"), step=WEEK)


async def test_days_outside_of_the_calendar_are_refused(book: BookOf) -> None:
    await is_refused(book, "SpendingTrends", "INVALID_DATE", **days("9999-11-01", "9999-12-31"))
    await is_refused(book, "SpendingTrends", "INVALID_DATE", until_on="0001-03-01")
