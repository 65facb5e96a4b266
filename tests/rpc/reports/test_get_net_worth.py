"""What are accounts worth together? By their types, at the rates of each day, for as long as they are."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from people import BookOf, Person, new_id
from rpc.ledger import accounts
from rpc.ledger.accounts import INCOME, shared_with
from rpc.ledger.exchange import set_rate
from rpc.reports.household import (
    CARD,
    DAY,
    LOAN,
    MONTH,
    PERIOD_BEFORE,
    WEEK,
    YEAR,
    YEAR_BEFORE,
    get,
    members_of,
    report,
    set_book,
)
from rpc.reports.promises import days, is_refused, keeps_the_promises_of_a_report, refuses_wrong_spans
from tallystick_client.v1.money_pb2 import Money
from turned_clock import TurnedClock


async def test_it_keeps_its_promises(book: BookOf, bob: Person) -> None:
    await keeps_the_promises_of_a_report(book, bob, "NetWorth")
    await refuses_wrong_spans(book, "NetWorth")


async def test_cards_and_loans_are_owed_and_all_else_is_owned(book: BookOf) -> None:
    await accounts.opened(book, 5000)
    await accounts.opened(book, -1200, type=CARD)
    await accounts.opened(book, 300, type=LOAN)
    (point,) = (await report(book, "NetWorth", **days("2026-02-01", "2026-02-01"))).points
    assert (point.assets.minor, point.liabilities.minor, point.net.minor) == (5000, 900, 4100)
    (currency,) = point.currencies
    assert (currency.assets, currency.liabilities, currency.net) == (point.assets, point.liabilities, point.net)
    assert not point.accounts


@pytest.mark.parametrize(
    ("step", "ends"),
    [
        (DAY, ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]),
        (WEEK, ["2026-02-01", "2026-02-02"]),
        (MONTH, ["2026-01-31", "2026-02-02"]),
        (YEAR, ["2026-02-02"]),
    ],
)
async def test_points_are_the_last_days_of_steps(book: BookOf, step: int, ends: list[str]) -> None:
    await book.spend(100, booked_on="2026-01-31")
    await book.spend(20, booked_on="2026-02-02")
    told = await report(book, "NetWorth", **days("2026-01-30", "2026-02-02"), step=step)
    assert [point.on for point in told.points] == ends
    held = {"2026-01-30": 0, "2026-01-31": -100, "2026-02-01": -100, "2026-02-02": -120}
    assert [point.net.minor for point in told.points] == [held[end] for end in ends]


async def test_months_and_weeks_are_the_books(book: BookOf) -> None:
    await set_book(book, first_day_of_month=28, first_day_of_week=3)
    told = await report(book, "NetWorth", **days("2026-01-01", "2026-03-31"), step=MONTH)
    assert [point.on for point in told.points] == ["2026-01-27", "2026-02-27", "2026-03-27", "2026-03-31"]
    weeks = await report(book, "NetWorth", **days("2025-12-29", "2026-01-08"), step=WEEK)
    assert [point.on for point in weeks.points] == ["2025-12-30", "2026-01-06", "2026-01-08"]


async def test_each_day_is_converted_at_its_own_rate(book: BookOf) -> None:
    dollars = await accounts.make(
        book, currency="USD", opening_balance=Money(currency="USD", minor=1000), opening_on="2026-01-01"
    )
    await set_rate(book, "USD/EUR", "2026-01-10", "0.9")
    await set_rate(book, "USD/EUR", "2026-01-11", "0.8")
    told = await report(book, "NetWorth", **days("2026-01-09", "2026-01-12"), step=DAY, by_account=True)
    missing, *points = told.points
    assert [point.net.minor for point in points] == [900, 800, 800]
    assert (missing.incomplete, missing.net.minor, points[0].incomplete) == (True, 0, False)
    assert [account.HasField("worth") for account in missing.accounts] == [True, False]
    assert {account.account_id: account.held.minor for account in missing.accounts}[dollars.id] == 1000
    conversion = told.conversion
    assert [(rate.rate, rate.first_on, rate.last_on) for rate in conversion.rates] == [
        ("0.9", "2026-01-10", "2026-01-10"),
        ("0.8", "2026-01-11", "2026-01-12"),
    ]
    assert conversion.incomplete
    (unconverted,) = conversion.unconverted
    assert unconverted.amount == Money(currency="USD", minor=1000)
    assert (unconverted.first_on, unconverted.last_on) == ("2026-01-09", "2026-01-09")


async def test_what_is_missing_on_many_days_is_told_as_of_the_last(book: BookOf) -> None:
    opening = Money(currency="UYU", minor=1000)
    await accounts.make(book, currency="UYU", opening_balance=opening, opening_on="2026-01-02")
    told = await report(book, "NetWorth", **days("2026-01-01", "2026-01-05"), step=DAY)
    (unconverted,) = told.conversion.unconverted
    assert unconverted.amount == opening
    assert (unconverted.first_on, unconverted.last_on) == ("2026-01-02", "2026-01-05")


async def test_it_is_told_in_any_currency(book: BookOf) -> None:
    await accounts.opened(book, 1000)
    await set_rate(book, "EUR/JPY", "2026-01-01", "160.5")
    told = await report(book, "NetWorth", **days("2026-02-01", "2026-02-01"), currency="JPY")
    assert told.points[0].net == Money(currency="JPY", minor=1605)


async def test_transfers_move_nothing_and_closed_accounts_count_for_their_time(book: BookOf) -> None:
    bank = await accounts.opened(book, 700)
    await book.spend(
        700,
        kind=accounts.TRANSFER,
        account_id=bank.id,
        to_account_id=book.account_id,
        category_id="",
        booked_on="2026-01-20",
    )
    await accounts.close(book, bank.id, "2026-01-25")
    told = await report(book, "NetWorth", **days("2026-01-19", "2026-01-26"), step=DAY, by_account=True)
    assert [point.net.minor for point in told.points] == [700] * 8
    by_account = [{each.account_id: each.held.minor for each in point.accounts} for point in told.points]
    assert [held[bank.id] for held in by_account] == [700, 0, 0, 0, 0, 0, 0, 0]


async def test_deleted_accounts_hold_nothing(book: BookOf) -> None:
    bank = await accounts.opened(book, 700)
    await accounts.call("Delete", book, bank.id)
    assert (await report(book, "NetWorth", **days("2026-02-01", "2026-02-01"))).points[0].net.minor == 0
    await accounts.call("Restore", book, bank.id)
    assert (await report(book, "NetWorth", **days("2026-02-01", "2026-02-01"))).points[0].net.minor == 700


async def test_private_accounts_are_worth_nothing_to_others(book: BookOf, bob: Person) -> None:
    await accounts.opened(book, 500)
    await accounts.opened(book, 70, private=True)
    theirs = await shared_with(book, bob)
    asked = days("2026-02-01", "2026-02-01")
    assert (await report(book, "NetWorth", **asked)).points[0].net.minor == 570
    assert (await report(theirs, "NetWorth", **asked)).points[0].net.minor == 500


async def test_filters_choose_accounts(book: BookOf, bob: Person) -> None:
    await shared_with(book, bob)
    members = await members_of(book.person, book.id)
    bank = await accounts.opened(book, 500, held_by_member_id=members[bob.user.id])
    await accounts.opened(book, 70, private=True)
    for chosen, net in (
        ({"account_ids": [bank.id]}, 500),
        ({"member_id": members[bob.user.id]}, 500),
        ({"member_id": members[book.person.user.id]}, 70),
        ({"currencies": ["EUR"]}, 570),
        ({"currencies": ["USD"]}, 0),
        ({"account_ids": [new_id()]}, 0),
        ({"member_id": new_id()}, 0),
    ):
        told = await report(book, "NetWorth", **days("2026-02-01", "2026-02-01"), filter=chosen)
        assert told.points[0].net.minor == net


async def test_it_is_compared_with_earlier_days(book: BookOf) -> None:
    await book.spend(10, kind=INCOME, category_id="", booked_on="2025-02-10")
    await book.spend(5, kind=INCOME, category_id="", booked_on="2026-01-31")
    for comparison, span, nets in (
        (PERIOD_BEFORE, ("2026-01-01", "2026-01-31"), [15]),
        (YEAR_BEFORE, ("2025-02-01", "2025-02-28"), [10]),
    ):
        answer = await get(
            book.person, "NetWorth", book.id, **days("2026-02-01", "2026-02-28"), compare_with=comparison
        )
        assert (answer.previous.days.from_on, answer.previous.days.until_on) == span
        assert [point.net.minor for point in answer.previous.points] == nets
        assert [point.net.minor for point in answer.report.points] == [15]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Asuncion"])
async def test_today_is_the_books(book: BookOf, clock: TurnedClock, zone: str) -> None:
    await set_book(book, time_zone=zone)
    told = await report(book, "NetWorth")
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    assert date.fromisoformat(told.points[-1].on) == today
    assert len(told.points) in (12, 13)


async def test_too_many_steps_are_refused(book: BookOf) -> None:
    assert await is_refused(book, "NetWorth", "INVALID_FIELD", **days("2024-01-01", "2026-01-20"), step=DAY) == (
        "step",
    )
    told = await report(book, "NetWorth", **days("2024-01-01", "2026-01-19"), step=DAY)
    assert len(told.points) == 750


@pytest.mark.parametrize("span", [("9999-01-01", "9999-12-31"), ("0001-01-01", "0001-02-01")])
async def test_the_ends_of_the_calendar_are_refused_or_answered(book: BookOf, span: tuple[str, str]) -> None:
    """A step that would leave the calendar is no step."""
    told = await report(book, "NetWorth", **days(*span), step=DAY)
    assert told.points[-1].net.minor == 0
    await is_refused(book, "NetWorth", "INVALID_DATE", **days("0001-01-01", "0001-02-01"), compare_with=PERIOD_BEFORE)
    await is_refused(book, "NetWorth", "INVALID_DATE", **days("9999-01-01", "9999-12-31"), step=YEAR)


async def test_sums_that_64_bits_cannot_hold_are_refused(book: BookOf) -> None:
    for _ in range(2):
        await accounts.opened(book, 2**63 - 1)
    await is_refused(book, "NetWorth", "AMOUNT_OUT_OF_RANGE", **days("2026-02-01", "2026-02-01"))
