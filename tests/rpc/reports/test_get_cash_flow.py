"""What came in and went out, and what is going to? Templates say what is coming, once for each occurrence."""

from datetime import date, timedelta

import pytest

from people import BookOf, Person, new_id
from rpc.ledger import accounts
from rpc.ledger.accounts import INCOME, REFUND, TRANSFER, shared_with
from rpc.ledger.exchange import set_rate
from rpc.reports.household import DAY, MONTH, PERIOD_BEFORE, QUARTER, WEEK, get, make_template, report
from rpc.reports.promises import (
    days,
    is_refused,
    keeps_the_promises_of_a_report,
    refuses_wrong_amounts,
    refuses_wrong_spans,
)
from tallystick_client.v1 import ledger_templates_pb2
from tallystick_client.v1.money_pb2 import Money
from turned_clock import TurnedClock

ONE_DAY = timedelta(days=1)


@pytest.fixture
def today(clock: TurnedClock) -> date:
    return clock.now().date()


def flow(step: object, name: str = "flow") -> tuple[int, int, int]:
    its = getattr(step, name)
    return getattr(its, "in").minor, its.out.minor, its.net.minor


async def test_it_keeps_its_promises(book: BookOf, bob: Person) -> None:
    await keeps_the_promises_of_a_report(book, bob, "CashFlow")
    await refuses_wrong_spans(book, "CashFlow")
    await refuses_wrong_amounts(book, "CashFlow")


async def test_what_came_in_and_went_out(book: BookOf) -> None:
    bank = await accounts.opened(book, 1000)
    await book.spend(100, kind=INCOME, category_id="", booked_on="2026-02-01")
    await book.spend(30, booked_on="2026-02-08")
    await book.spend(10, booked_on="2026-02-09", kind=REFUND)
    await book.spend(55, kind=TRANSFER, category_id="", to_account_id=bank.id, booked_on="2026-02-08")
    told = await report(book, "CashFlow", **days("2026-02-01", "2026-02-14"), step=WEEK)
    assert [flow(step) for step in told.steps] == [(100, 0, 100), (0, 30, -30), (0, -10, 10)]
    assert (told.total.out.minor, told.total.net.minor) == (20, 80)
    assert not any(step.HasField("expected") for step in told.steps)


async def test_templates_say_what_is_expected(book: BookOf, today: date) -> None:
    await make_template(
        book, book.account_id, schedule={"starts_on": today.isoformat(), "rule": "FREQ=DAILY;INTERVAL=2"}
    )
    wages = {"kind": INCOME, "category_id": book.earning_id, "amount": accounts.eur(500)}
    tomorrow = {"starts_on": (today + ONE_DAY).isoformat(), "rule": "FREQ=DAILY;INTERVAL=3", "count": 1}
    await make_template(book, book.account_id, draft=wages, schedule=tomorrow)
    await book.spend(7, booked_on=today.isoformat())
    yesterday = (today - ONE_DAY).isoformat()
    told = await report(book, "CashFlow", **days(yesterday, today.isoformat()), step=DAY, forecast_steps=2)
    assert [step.days.from_on for step in told.steps] == [(today + ONE_DAY * n).isoformat() for n in (-1, 0, 1, 2)]
    assert not told.steps[0].HasField("expected")
    assert [flow(step, "expected") for step in told.steps[1:]] == [
        (0, 80_000, -80_000),
        (500, 0, 500),
        (0, 80_000, -80_000),
    ]
    assert [flow(step) for step in told.steps[1:3]] == [(0, 7, -7), (0, 0, 0)]
    assert told.total.out.minor == 7


async def test_what_waits_is_expected_today_and_what_is_done_no_more(book: BookOf, today: date) -> None:
    started = today - ONE_DAY * 3
    made = await make_template(
        book, book.account_id, schedule={"starts_on": started.isoformat(), "rule": "FREQ=DAILY", "count": 3}
    )
    asked = days(today.isoformat(), today.isoformat())
    told = await report(book, "CashFlow", **asked, step=DAY, forecast_steps=1)
    assert [flow(step, "expected")[1] for step in told.steps] == [240_000, 0]
    for request in (
        ledger_templates_pb2.SkipOccurrenceRequest(request_id=new_id(), book_id=book.id, template_id=made.id),
        ledger_templates_pb2.ExecuteTemplateRequest(request_id=new_id(), book_id=book.id, template_id=made.id),
    ):
        await getattr(book.person.ledger, type(request).__name__.removesuffix("Request"))(request)
    told = await report(book, "CashFlow", **asked, step=DAY, forecast_steps=1)
    assert flow(told.steps[0], "expected")[1] == 80_000
    await book.person.ledger.UpdateTemplate(
        ledger_templates_pb2.UpdateTemplateRequest(
            request_id=new_id(), book_id=book.id, template_id=made.id, paused=True
        )
    )
    told = await report(book, "CashFlow", **asked, step=DAY, forecast_steps=1)
    assert flow(told.steps[0], "expected")[1] == 0


async def test_filters_hold_for_what_is_expected_too(book: BookOf, today: date) -> None:
    bank = await accounts.make(book)
    parts = [
        {"amount": accounts.eur(10), "category_id": book.spending_id},
        {"amount": accounts.eur(7), "account_id": bank.id, "note": "rye"},
    ]
    draft = {"amount": accounts.eur(17), "category_id": "", "splits": parts, "payee": "Market"}
    await make_template(
        book, book.account_id, draft=draft, schedule={"starts_on": today.isoformat(), "rule": "FREQ=YEARLY"}
    )
    transfer = {"kind": TRANSFER, "category_id": "", "to_account_id": bank.id}
    await make_template(
        book, book.account_id, draft=transfer, schedule={"starts_on": today.isoformat(), "rule": "FREQ=DAILY"}
    )
    for chosen, expected in (
        ({}, 17),
        ({"account_ids": [bank.id]}, 7),
        ({"category_ids": [book.spending_id]}, 10),
        ({"uncategorized": True}, 7),
        ({"text": "MARKET"}, 17),
        ({"text": "rye", "uncategorized": True}, 7),
        ({"text": "nothing"}, 0),
        ({"kinds": [INCOME]}, 0),
        ({"min_amount": accounts.eur(17)}, 17),
        ({"min_amount": accounts.eur(18)}, 0),
        ({"max_amount": Money(currency="USD", minor=100)}, 0),
        ({"payee_ids": [new_id()]}, 0),
    ):
        told = await report(book, "CashFlow", until_on=today.isoformat(), step=MONTH, forecast_steps=1, filter=chosen)
        assert sum(flow(step, "expected")[1] for step in told.steps if step.HasField("expected")) == expected


async def test_other_currencies_are_expected_at_todays_rates(book: BookOf, today: date) -> None:
    dollars = await accounts.make(book, currency="USD")
    await set_rate(book, "USD/EUR", (today - ONE_DAY).isoformat(), "0.5")
    draft = {"amount": Money(currency="USD", minor=100)}
    await make_template(
        book, dollars.id, draft=draft, schedule={"starts_on": (today + ONE_DAY).isoformat(), "rule": "FREQ=DAILY"}
    )
    told = await report(book, "CashFlow", **days(today.isoformat(), today.isoformat()), step=DAY, forecast_steps=3)
    assert [flow(step, "expected")[1] for step in told.steps] == [0, 50, 50, 50]
    assert [(rate.rate, rate.first_on) for rate in told.conversion.rates] == [("0.5", today.isoformat())]


async def test_private_templates_are_expected_by_nobody_else(book: BookOf, bob: Person, today: date) -> None:
    private = await accounts.make(book, private=True)
    await make_template(book, private.id, schedule={"starts_on": today.isoformat(), "rule": "FREQ=DAILY", "count": 1})
    theirs = await shared_with(book, bob)
    asked = days(today.isoformat(), today.isoformat()) | {"step": DAY, "forecast_steps": 1}
    assert flow((await report(book, "CashFlow", **asked)).steps[0], "expected")[1] == 80_000
    assert flow((await report(theirs, "CashFlow", **asked)).steps[0], "expected")[1] == 0


async def test_nobody_sees_more_than_five_years_ahead(book: BookOf, today: date) -> None:
    assert await is_refused(book, "CashFlow", "INVALID_DATE", step=QUARTER, forecast_steps=21) == ("forecast_steps",)
    assert len((await report(book, "CashFlow", step=QUARTER, forecast_steps=19)).steps) == 12 + 19
    await is_refused(book, "CashFlow", "INVALID_FIELD", forecast_steps=61)


async def test_it_is_compared_with_as_much_time_before(book: BookOf) -> None:
    await book.spend(3, booked_on="2026-01-31")
    asked = days("2026-02-01", "2026-02-28") | {"forecast_steps": 1, "compare_with": PERIOD_BEFORE}
    answer = await get(book.person, "CashFlow", book.id, **asked)
    assert [flow(step) for step in answer.previous.steps] == [(0, 3, -3)]
    assert (answer.previous.days.from_on, answer.previous.days.until_on) == ("2026-01-01", "2026-01-31")
    assert answer.report.days.until_on == "2026-03-31"
