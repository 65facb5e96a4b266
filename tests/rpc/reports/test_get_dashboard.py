"""What is a book at a glance, and each member of a household? Whose account it is says whose money it is."""

from datetime import date, timedelta

import pytest

from people import BookOf, Person
from rpc.ledger import accounts
from rpc.ledger.accounts import INCOME, TRANSFER, shared_with
from rpc.ledger.exchange import set_rate
from rpc.reports.household import CARD, PERIOD_BEFORE, YEAR_BEFORE, get, make_template, members_of, report, set_book
from rpc.reports.promises import is_refused, keeps_the_promises_of_a_report
from rpc.spaces.sharing import leave
from tallystick_client.v1.money_pb2 import Money
from turned_clock import TurnedClock

ON = "2026-02-10"


@pytest.fixture
def today(clock: TurnedClock) -> date:
    return clock.now().date()


async def test_it_keeps_its_promises(book: BookOf, bob: Person) -> None:
    await keeps_the_promises_of_a_report(book, bob, "Dashboard")
    assert await is_refused(book, "Dashboard", "INVALID_DATE", on="2026-02-30") == ("on",)


async def test_a_book_of_one(book: BookOf) -> None:
    await accounts.opened(book, 5000, on="2026-01-01")
    await accounts.opened(book, -300, on="2026-01-01", type=CARD)
    await book.spend(1000, kind=INCOME, category_id=book.earning_id, booked_on="2026-01-15")
    await book.spend(40, booked_on="2026-02-01")
    await book.spend(2, booked_on="2026-02-11", category_id="")
    await book.spend(900, booked_on="2025-12-31")
    told = await report(book, "Dashboard", on=ON)
    assert (told.on, list(told.members), told.HasField("shared")) == (ON, [], False)
    worth = told.book.net_worth
    assert (worth.on, worth.assets.minor, worth.liabilities.minor) == (ON, 5000 + 1000 - 40 - 900, 300)
    # The month and the year are whole, also what is booked in them later.
    assert (told.book.month.spending.minor, told.book.month.income.minor) == (42, 0)
    assert (told.book.year.spending.minor, told.book.year.income.minor) == (42, 1000)
    assert told.book.year.saving_rate_basis_points == 9580
    assert [(each.category_id, each.total.minor) for each in told.book.month.biggest_categories] == [
        (book.spending_id, 40),
        ("", 2),
    ]


async def test_money_is_whose_account_it_is(book: BookOf, bob: Person) -> None:
    theirs = await shared_with(book, bob)
    members = await members_of(book.person, book.id)
    ann_id, bob_id = members[book.person.user.id], members[bob.user.id]
    of_bob = await accounts.opened(book, 500, held_by_member_id=bob_id)
    own = await accounts.opened(book, 70, private=True)
    await book.spend(1, booked_on="2026-02-01")
    await book.spend(20, account_id=of_bob.id)
    await book.spend(300, account_id=own.id)

    told = await report(book, "Dashboard", on=ON)
    parts = {part.member_id: part for part in told.members}
    assert [part.display_name for part in told.members] == ["Ann", "Bob"]
    assert (parts[ann_id].month.spending.minor, parts[ann_id].net_worth.net.minor) == (300, -230)
    assert (parts[bob_id].month.spending.minor, parts[bob_id].net_worth.net.minor) == (20, 480)
    assert (told.shared.month.spending.minor, told.shared.net_worth.net.minor) == (1, -1)
    assert (told.book.month.spending.minor, told.book.net_worth.net.minor) == (321, 249)

    seen = await report(theirs, "Dashboard", on=ON)
    parts = {part.member_id: part for part in seen.members}
    assert (parts[ann_id].month.spending.minor, parts[ann_id].net_worth.net.minor) == (0, 0)
    assert seen.book.month.spending.minor == 21

    narrowed = await report(book, "Dashboard", on=ON, filter={"member_id": bob_id})
    assert (narrowed.book.month.spending.minor, list(narrowed.members)) == (20, [])


async def test_what_a_member_held_who_left_is_shared(book: BookOf, bob: Person, eve: Person) -> None:
    for person in (bob, eve):
        await shared_with(book, person)
    members = await members_of(book.person, book.id)
    await accounts.opened(book, 500, held_by_member_id=members[bob.user.id])
    await leave(bob, book.id)
    told = await report(book, "Dashboard", on=ON)
    assert [part.display_name for part in told.members] == ["Ann", "Eve"]
    assert told.shared.net_worth.net.minor == 500


async def test_what_falls_due_next(book: BookOf, bob: Person, today: date) -> None:
    await shared_with(book, bob)
    members = await members_of(book.person, book.id)
    of_bob = await accounts.make(book, held_by_member_id=members[bob.user.id])
    waits = today - timedelta(days=2)
    rent = await make_template(
        book, book.account_id, schedule={"starts_on": waits.isoformat(), "rule": "FREQ=DAILY;INTERVAL=10"}
    )
    moved = {"kind": TRANSFER, "category_id": "", "to_account_id": of_bob.id, "amount": accounts.eur(5)}
    soon = (today + timedelta(days=1)).isoformat()
    allowance = await make_template(
        book, book.account_id, draft=moved, schedule={"starts_on": soon, "rule": "FREQ=DAILY", "count": 1}
    )
    told = await report(book, "Dashboard", biggest=3)
    later = [(waits + timedelta(days=number)).isoformat() for number in (0, 10)]
    assert [(each.template_id, each.booked_on) for each in told.book.due] == [
        (rent.id, later[0]),
        (allowance.id, soon),
        (rent.id, later[1]),
    ]
    assert (told.book.due[1].kind, told.book.due[1].amount) == (TRANSFER, accounts.eur(5))
    parts = {part.member_id: part for part in told.members}
    assert [each.template_id for each in parts[members[bob.user.id]].due] == [allowance.id]
    assert [each.template_id for each in told.shared.due] == [rent.id, allowance.id, rent.id]
    assert not parts[members[book.person.user.id]].due


@pytest.mark.parametrize(
    ("on", "comparison", "earlier", "month", "year"),
    [
        ("2026-03-31", PERIOD_BEFORE, "2026-02-28", "2026-02-01", "2025-01-01"),
        ("2026-01-15", PERIOD_BEFORE, "2025-12-15", "2025-12-01", "2025-01-01"),
        ("2026-03-31", YEAR_BEFORE, "2025-03-31", "2025-03-01", "2025-01-01"),
        ("2024-02-29", YEAR_BEFORE, "2023-02-28", "2023-02-01", "2023-01-01"),
    ],
)
async def test_it_is_compared_with_what_was_earlier(
    book: BookOf, on: str, comparison: int, earlier: str, month: str, year: str
) -> None:
    for day in sorted({earlier, month, year}):
        await book.spend(10, booked_on=day)
    answer = await get(book.person, "Dashboard", book.id, on=on, compare_with=comparison)
    previous = answer.previous
    assert (previous.on, previous.book.net_worth.on) == (earlier, earlier)
    assert (previous.book.month.days.from_on, previous.book.year.days.from_on) == (month, year)
    counted = [day for day in {earlier, month, year} if month <= day <= previous.book.month.days.until_on]
    assert previous.book.month.spending.minor == 10 * len(counted)
    in_year = [day for day in {earlier, month, year} if year <= day <= previous.book.year.days.until_on]
    assert previous.book.year.spending.minor == 10 * len(in_year)
    assert not previous.book.due


async def test_months_and_years_are_the_books(book: BookOf) -> None:
    await set_book(book, first_day_of_month=15)
    told = await report(book, "Dashboard", on="2026-01-10")
    assert (told.book.month.days.from_on, told.book.month.days.until_on) == ("2025-12-15", "2026-01-14")
    assert (told.book.year.days.from_on, told.book.year.days.until_on) == ("2025-01-15", "2026-01-14")


async def test_it_is_told_in_any_currency_and_says_by_which_rates(book: BookOf) -> None:
    await accounts.opened(book, 1000)
    await book.spend(100, booked_on="2026-02-01")
    await set_rate(book, "EUR/USD", "2026-02-01", "1.5")
    told = await report(book, "Dashboard", on=ON, currency="USD")
    assert told.book.month.spending == Money(currency="USD", minor=150)
    assert told.book.net_worth.net == Money(currency="USD", minor=1350)
    assert [rate.rate for rate in told.book.month.conversion.rates] == ["1.5"]
    assert [rate.rate for rate in told.book.net_worth_conversion.rates] == ["1.5"]
    missing = await report(book, "Dashboard", on="2026-01-20", currency="USD")
    assert missing.book.net_worth.incomplete
    assert missing.book.net_worth_conversion.unconverted[0].amount == accounts.eur(1000)
