"""What GetBudgetAnalysis promises, call by call. test_get_budget_analysis_walk.py holds its sums against every transaction."""

from typing import Any

import grpc
import pytest

from linked import make_linked
from people import MISSING_ID, BookOf, Person, make_book, new_id, refusal_of, sign_up
from rpc.budgets.planning import (
    ALL_OF_IT,
    EXPENSE,
    REFUND,
    TRANSFER,
    Planning,
    limit,
    listed,
    make_envelopes,
    make_planning,
    money,
    months,
)
from rpc.ledger.categories import archive, delete, merge, restore
from rpc.ledger.exchange import set_rate
from rpc.spaces.sharing import VIEWER, member_of, share
from tallystick.app import App
from tallystick_client.v1 import ledger_templates_pb2
from tallystick_client.v1.ledger_pb2 import Split, TransactionDraft
from turned_clock import TurnedClock


async def test_spending_counts_against_the_limit_of_its_month(book: BookOf) -> None:
    planning = await make_planning(book, thresholds_bp=[2000, 2500, 2501])
    food = await planning.item("Food", 10_000)
    await planning.spend("Food", 2500, "2026-02-03")
    await planning.spend("Food", 900, "2026-03-01")
    await planning.spend("Fun", 700, "2026-02-03")
    figures = await planning.figures(food, "2026-02-15")
    assert (figures.planned_minor, figures.actual_minor, figures.left_minor) == (10_000, 2500, 7500)
    assert list(figures.reached_bp) == [2000, 2500]


async def test_months_from_the_fifteenth(book: BookOf) -> None:
    planning = await make_planning(book, periods=months("2026-01-15"))
    await planning.item("Food", 10_000, rollover=ALL_OF_IT, limits=[limit(10_000), limit(5000, "2026-03-01")])
    spent = {"2026-01-14": 1, "2026-01-15": 10, "2026-02-14": 100, "2026-02-15": 1000, "2026-03-15": 10_000}
    for on, minor in spent.items():
        await planning.spend("Food", minor, on)
    found = [
        (period.from_on, each.figures.carried_minor, each.figures.assigned_minor, each.figures.actual_minor)
        for period in (await planning.analysis("2026-03-20", before=5)).periods
        for each in period.items
    ]
    assert found == [
        ("2025-12-15", 0, 10_000, 1),
        ("2026-01-15", 9999, 10_000, 110),
        ("2026-02-15", 19_889, 5000, 1000),
        ("2026-03-15", 23_889, 5000, 10_000),
    ]


async def test_envelopes(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food, fun = await planning.item("Food"), await planning.item("Fun")
    await planning.earn(100_000, "2026-01-02")
    await planning.assign(food, 40_000, "2026-01-10")
    await planning.move(food, fun, 5000, "2026-01-11")
    await planning.spend("Food", 36_000, "2026-01-12")
    await planning.spend("", 1000, "2026-01-13")
    period = await planning.period("2026-01-20")
    figures = [each.figures for each in period.items]
    assert [(each.assigned_minor, each.left_minor) for each in figures] == [(35_000, -1000), (5000, 5000)]
    assert (period.envelopes.income_minor, period.envelopes.unbudgeted_minor) == (100_000, 1000)
    assert (period.envelopes.to_be_assigned_minor, period.envelopes.assignable_minor) == (59_000, 59_000)


async def test_what_a_later_period_lives_on_cannot_be_assigned_now(book: BookOf) -> None:
    planning = await make_envelopes(book)
    food = await planning.item("Food")
    await planning.earn(1000, "2026-01-02")
    await planning.assign(food, 700, "2027-06-01")
    envelopes = (await planning.period("2026-01-20")).envelopes
    assert (envelopes.to_be_assigned_minor, envelopes.assignable_minor) == (1000, 300)
    await planning.spend("", 400, "2026-12-31")
    assert (await planning.period("2026-01-20")).envelopes.assignable_minor == -100


async def test_an_entry_counts_for_every_limit_and_for_the_first_envelope(book: BookOf) -> None:
    """And once in all of them."""
    for make, expected in ((make_planning, [250, 250]), (make_envelopes, [250, 0])):
        planning = await make(await make_book(book.person))
        await planning.item("Food", position=2)
        await planning.item("all", position=1, account_ids=[planning.book.account_id])
        await planning.spend("Food", 250, "2026-02-03")
        period = await planning.period("2026-02-03")
        assert [each.figures.actual_minor for each in period.items] == expected
        assert period.whole.actual_minor == 250


async def test_refunds_count_against_spending_and_transfers_never(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    everything = await planning.item("all", account_ids=[book.account_id])
    other_id = await planning.account()
    await planning.spend("Food", 500, "2026-02-03")
    await planning.spend("Food", 200, "2026-02-04", kind=REFUND)
    await planning.spend("", 900, "2026-02-05", kind=TRANSFER, to_account_id=other_id, payee="")
    await planning.account(opening_balance=money(-5000), opening_on="2026-02-01")
    assert await planning.spent(food, "2026-02-03") == await planning.spent(everything, "2026-02-03") == 300


async def test_who_spent_it(book: BookOf) -> None:
    """A member that holds the account; of a private one, its owner; else nobody in particular."""
    planning = await make_planning(book)
    await planning.item("Food")
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve)
    ann_id = (await member_of(book.person, book.id, book.person)).id
    eve_id = (await member_of(book.person, book.id, eve)).id
    await planning.spend("Food", 1, "2026-02-03")
    await planning.spend("Food", 10, "2026-02-03", account_id=await planning.account(held_by_member_id=eve_id))
    await planning.spend("Food", 100, "2026-02-03", account_id=await planning.account(private=True))
    for person, expected in ((book.person, {"": 1, eve_id: 10, ann_id: 100}), (eve, {"": 1, eve_id: 10})):
        period = await planning.period("2026-02-03", by=person)
        for figures in (period.whole, period.items[0].figures):
            assert {each.member_id: each.actual_minor for each in figures.members} == expected
            assert figures.actual_minor == sum(expected.values())


async def test_foreign_spending_is_converted_at_the_rate_of_its_day(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    dollars = await planning.account("USD")
    await set_rate(book, "USD/EUR", "2026-02-01", "0.5")
    await set_rate(book, "USD/EUR", "2026-02-10", "2")
    # Two on a day come to one amount before it is converted: 1 and 1 are a whole cent.
    for minor, on in ((1, "2026-02-03"), (1, "2026-02-03"), (100, "2026-02-12")):
        await planning.spend("Food", minor, on, account_id=dollars, amount=money(minor, "USD"))
    answer = await planning.analysis("2026-02-03")
    assert answer.periods[0].items[0].figures.actual_minor == 201
    assert [(each.from_currency, each.rate, each.first_on) for each in answer.rates] == [
        ("USD", "0.5", "2026-02-03"),
        ("USD", "2", "2026-02-12"),
    ]
    assert (answer.incomplete, list(answer.unconverted)) == (False, [])
    assert food.id == answer.periods[0].items[0].item_id


async def test_what_has_no_rate_is_told_apart(book: BookOf) -> None:
    planning = await make_planning(book)
    await planning.item("Food")
    francs = await planning.account("CHF")
    await planning.spend("Food", 100, "2026-02-03")
    for minor, on in ((700, "2026-02-03"), (50, "2026-02-20")):
        await planning.spend("Food", minor, on, account_id=francs, amount=money(minor, "CHF"))
    answer = await planning.analysis("2026-02-03")
    (missing,) = answer.unconverted
    assert (missing.amount, missing.first_on, missing.last_on) == (money(750, "CHF"), "2026-02-03", "2026-02-20")
    assert (answer.incomplete, answer.periods[0].whole.actual_minor) == (True, 100)


async def test_shares_of_a_group_count_as_spending(ann: Person, server: App) -> None:
    linked = await make_linked(ann, server)
    planning = await make_planning(linked.book)
    food = await planning.item("Food")
    await linked.circle.spend(9000)
    await linked.caught_up()
    assert await planning.spent(food, "2026-02-03") == 3000


async def test_the_forecast_counts_what_templates_will_still_post(book: BookOf, clock: TurnedClock) -> None:
    today = clock.now().date()
    planning = await make_planning(book, periods=months(today.replace(day=1).isoformat()), starts_on=today.isoformat())
    food, fun = await planning.item("Food"), await planning.item("Fun")
    await planning.spend("Food", 100, today.isoformat())
    await _template(planning, "Food", 30, today.isoformat())
    await _template(planning, "Fun", 7, today.replace(year=today.year + 1).isoformat())
    figures = await planning.figures(food, "")
    assert (figures.actual_minor, figures.forecast_minor, figures.forecast_left_minor) == (100, 130, 9870)
    assert (await planning.figures(fun, "")).forecast_minor == 0
    assert (await planning.period("")).whole.forecast_minor == 130


async def test_the_forecast_leaves_out_what_is_on_accounts_of_others(book: BookOf, clock: TurnedClock) -> None:
    today = clock.now().date().isoformat()
    planning = await make_planning(book, periods=listed((today, today)), starts_on="")
    food = await planning.item("Food")
    eve = await sign_up(book.person.client, "Eve")
    await share(book.person, book.id, eve)
    private_id = await planning.account(private=True)
    parts = [Split(amount=money(10), account_id=book.account_id), Split(amount=money(20), account_id=private_id)]
    for part in parts:
        part.category_id = book.spending_id
    await _template(planning, "Food", 30, today, category_id="", splits=parts)
    assert (await planning.figures(food, "")).forecast_minor == 30
    assert (await planning.figures(food, "", by=eve)).forecast_minor == 10


async def test_pace_is_the_part_of_the_plan_until_today(book: BookOf, clock: TurnedClock) -> None:
    today = clock.now().date()
    span = (today.replace(day=1).isoformat(), today.isoformat())
    planning = await make_planning(book, periods=listed(span), starts_on="")
    food = await planning.item("Food", 3000)
    await planning.spend("Food", 100, span[0])
    figures = await planning.figures(food, "")
    assert (figures.pace_minor, figures.ahead_minor) == (3000, -2900)


async def test_an_item_follows_a_category_that_is_merged_and_goes_on_when_it_is_archived(book: BookOf) -> None:
    planning = await make_planning(book)
    fun = await planning.item("Fun")
    await planning.spend("Fun", 100, "2026-02-03")
    await planning.category("Games")
    await planning.spend("Games", 20, "2026-02-03")
    await merge(book, planning.categories["Fun"], planning.categories["Games"])
    assert await planning.spent(fun, "2026-02-03") == 120
    item = (await planning.call("GetBudgetItem", item_id=fun.id)).item
    assert list(item.category_ids) == [planning.categories["Games"]]
    await archive(book, planning.categories["Games"])
    assert await planning.spent(fun, "2026-02-03") == 120
    assert (await refusal_of(delete(book, planning.categories["Games"]))).reason == "IN_USE"


async def test_what_is_below_a_category_counts_unless_it_is_left_out(book: BookOf) -> None:
    planning = await make_planning(book)
    await planning.category("Bread", parent_id=book.spending_id)
    rolls_id = await planning.category("Rolls", parent_id=planning.categories["Bread"])
    with_all, alone = await planning.item("Food"), await planning.item("Food", without_children=True)
    await planning.spend("Food", 1, "2026-02-03")
    await planning.spend("Rolls", 10, "2026-02-03")
    assert (await planning.spent(with_all, "2026-02-03"), await planning.spent(alone, "2026-02-03")) == (11, 1)
    spare_id = await planning.category("Spare", parent_id=rolls_id)
    await delete(book, spare_id)
    await restore(book, spare_id)
    await planning.spend("Spare", 100, "2026-02-03")
    assert await planning.spent(with_all, "2026-02-03") == 111


@pytest.mark.parametrize(
    ("asked", "code", "reason"),
    [
        ({"on": "2025-12-31"}, grpc.StatusCode.FAILED_PRECONDITION, "NO_BUDGET_PERIOD"),
        ({"on": "2026-02-30"}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_DATE"),
        ({"on": "9999-12-31"}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_DATE"),
        ({"on": "2026-02-03", "before": 60}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        ({"on": "2026-02-03", "before": -1}, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD"),
        ({"budget_id": MISSING_ID}, grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
    ],
    ids=str,
)
async def test_what_cannot_be_told_is_refused(
    book: BookOf, asked: dict[str, Any], code: grpc.StatusCode, reason: str
) -> None:
    planning = await make_planning(book)
    refusal = await refusal_of(planning.call("GetBudgetAnalysis", **asked))
    assert (refusal.code, refusal.reason) == (code, reason)


async def test_a_template_is_not_in_force(book: BookOf) -> None:
    planning = await make_planning(book, template=True)
    assert (await refusal_of(planning.analysis("2026-02-03"))).reason == "BUDGET_NOT_IN_FORCE"


async def test_sums_that_64_bits_cannot_hold_are_refused(book: BookOf) -> None:
    planning = await make_planning(book)
    for name in ("Food", "Fun"):
        await planning.item(name, 2**63 - 1)
    assert (await refusal_of(planning.analysis("2026-02-03"))).reason == "AMOUNT_OUT_OF_RANGE"


async def test_viewers_may_look_and_strangers_find_nothing(book: BookOf, bob: Person) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food")
    viewer = await sign_up(book.person.client, "Vic")
    await share(book.person, book.id, viewer, VIEWER)
    assert (await planning.figures(food, "2026-02-03", by=viewer)).planned_minor == 10_000
    assert (await refusal_of(planning.analysis("2026-02-03", by=bob))).reason == "NOT_FOUND"
    theirs = await make_planning(await make_book(bob))
    refusal = await refusal_of(planning.call("GetBudgetAnalysis", budget_id=theirs.budget.id, on="2026-02-03"))
    assert refusal.reason == "NOT_FOUND"


async def _template(planning: Planning, name: str, minor: int, on: str, **other: Any) -> None:
    """An expense on that day, for somebody to post."""
    fields: dict[str, Any] = {
        "kind": EXPENSE,
        "account_id": planning.book.account_id,
        "category_id": planning.categories[name],
        "amount": money(minor),
    }
    request = ledger_templates_pb2.CreateTemplateRequest(
        request_id=new_id(),
        book_id=planning.book.id,
        name=name,
        draft=TransactionDraft(**fields | other),
        schedule=ledger_templates_pb2.Schedule(starts_on=on, rule="FREQ=DAILY", count=1),
        mode=ledger_templates_pb2.TemplateMode.TEMPLATE_MODE_REMIND,
    )
    await planning.person.ledger.CreateTemplate(request)
