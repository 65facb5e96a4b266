"""Does every report say what the transactions say? Books in which everything happens, against all of it counted again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from people import Person
from rpc.ledger.accounts import EXPENSE, PENDING, REFUND
from rpc.reports.household import (
    DAY,
    FOR_EARNING,
    FOR_SPENDING,
    MONTH,
    PERIOD_BEFORE,
    QUARTER,
    WEEK,
    YEAR,
    Household,
    get,
    make_household,
    members_of,
    set_book,
)
from rpc.reports.reckoning import Days, Reckoning, reckon
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.report_pb2 import AccountFilter, ReportFilter

SEEDS = range(4)
FIRST = date(2024, 11, 20)


@dataclass
class World:
    """A household, how each of its people sees it, and a dice for what is asked."""

    home: Household
    views: list[Reckoning]
    member_ids: list[str]
    dice: Random

    def filters(self) -> Iterator[ReportFilter]:
        """Nothing, each filter by itself, and two together."""
        home, pick = self.home, self.dice.choice
        singles: list[dict[str, Any]] = [
            {"account_ids": self.dice.sample(list(home.currencies), 3)},
            {"currencies": [pick(["EUR", "KWD", "UYU"])]},
            {"member_id": pick(self.member_ids)},
            {"category_ids": [home.spending_ids[0], pick(home.earning_ids)]},
            {"category_ids": [pick(home.spending_ids)], "without_children": True},
            {"uncategorized": True},
            {"category_ids": [home.spending_ids[1]], "uncategorized": True},
            {"payee_ids": [pick(home.payee_ids)]},
            {"tag_ids": [pick(home.tag_ids)]},
            {"payment_method_ids": [pick(home.method_ids)]},
            {"kinds": [REFUND]},
            {"kinds": [EXPENSE, REFUND]},
            {"statuses": [PENDING]},
            {"text": "BAKERY"},
            {"min_amount": Money(currency="EUR", minor=100)},
            {"max_amount": Money(currency="KWD", minor=1050)},
        ]
        yield ReportFilter()
        for fields in singles:
            yield ReportFilter(**fields)
        for _ in range(4):
            one, other = self.dice.sample(singles, 2)
            yield ReportFilter(**one | other)

    def days(self) -> Days:
        """Whole months, and days that are not."""
        first = FIRST + timedelta(days=self.dice.randint(0, 90))
        last = first + timedelta(days=self.dice.choice([0, 6, 29, 80, 300]))
        if self.dice.random() < 0.5:
            first, last = first.replace(day=1), (last.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(1)
        return first, last


@pytest.fixture(params=SEEDS)
async def world(request: pytest.FixtureRequest, ann: Person, eve: Person) -> World:
    dice = Random(request.param)
    days = sorted((FIRST + timedelta(days=dice.randint(0, 400))).isoformat() for _ in range(25))
    days += ["2024-12-31", "2025-01-01", "2025-02-28", "2025-03-01"]
    home = await make_household(ann, eve, request.param, days)
    for _ in range(6):
        await home.record(20)
    for _ in range(25):
        await home.happen()
    await home.merge()
    await set_book(home.book, first_day_of_month=dice.choice([1, 1, 2, 15, 28]), first_day_of_week=dice.randint(1, 7))
    names = dict(zip(home.payee_ids, ("Bakery", "Zoo"), strict=True))
    views = [await reckon(person, home.book.id, names) for person in (ann, eve)]
    return World(home, views, list((await members_of(ann, home.book.id)).values()), dice)


def _span(days: Days) -> dict[str, str]:
    return {"from_on": days[0].isoformat(), "until_on": days[1].isoformat()}


def _read(days: Any) -> Days:
    return date.fromisoformat(days.from_on), date.fromisoformat(days.until_on)


async def test_spending_trends(world: World) -> None:
    for view in world.views:
        for chosen in world.filters():
            days, step, currency = (
                world.days(),
                world.dice.choice([WEEK, MONTH, QUARTER, YEAR]),
                world.dice.choice(["EUR", "KWD"]),
            )
            if step == WEEK or (days[1] - days[0]).days < 40:
                step = world.dice.choice([DAY, WEEK])
            asked = _span(days) | {"step": step, "currency": currency, "filter": chosen, "by_category": True}
            answer = await get(view.person, "SpendingTrends", world.home.book.id, **asked, compare_with=PERIOD_BEFORE)
            for told in (answer.report, answer.previous):
                _check_trends(view, told, chosen, step, currency)
            assert _read(answer.report.days) == days
            assert _read(answer.previous.days)[1] == days[0] - timedelta(days=1)


def _check_trends(view: Reckoning, told: Any, chosen: ReportFilter, step: int, currency: str) -> None:
    view.missing = set()
    lines = list(view.lines(chosen))
    steps = view.steps(step, _read(told.days))
    assert [_read(each.days) for each in told.steps] == steps
    spent = earned = 0
    for each, days in zip(told.steps, steps, strict=True):
        sums = view.sums(lines, days, currency)
        its_spent, its_earned = (
            sum(minor for (_, is_earning), minor in sums.items() if is_earning == wanted) for wanted in (False, True)
        )
        assert (each.sum.spent.minor, each.sum.earned.minor) == (its_spent, its_earned)
        assert each.sum.saved == Money(currency=currency, minor=its_earned - its_spent)
        for kind, wanted in ((FOR_SPENDING, False), (FOR_EARNING, True)):
            categories = {c.category_id: (c.own.minor, c.total.minor) for c in each.categories if c.kind == kind}
            assert categories == view.rolled_up(sums, earning=wanted)
        spent, earned = spent + its_spent, earned + its_earned
    assert (told.total.spent.minor, told.total.earned.minor) == (spent, earned)
    assert {each.amount.currency for each in told.conversion.unconverted} == view.missing
    assert told.conversion.incomplete == bool(view.missing)


async def test_category_breakdown(world: World) -> None:
    for view in world.views:
        for chosen in world.filters():
            days, kind = world.days(), world.dice.choice([FOR_SPENDING, FOR_EARNING])
            answer = await get(
                view.person, "CategoryBreakdown", world.home.book.id, **_span(days), kind=kind, filter=chosen
            )
            sums = view.sums(view.lines(chosen), days, "EUR")
            expected = view.rolled_up(sums, earning=kind == FOR_EARNING)
            told = {each.category_id: (each.own.minor, each.total.minor) for each in _flat(answer.report.nodes)}
            assert told == expected
            assert answer.report.total.minor == sum(own for own, _ in expected.values())
            for node in _flat(answer.report.nodes):
                assert [child.total.minor for child in node.children] == sorted(
                    (child.total.minor for child in node.children), reverse=True
                )
                assert node.total.minor == node.own.minor + sum(child.total.minor for child in node.children)


def _flat(nodes: Any) -> list[Any]:
    return [each for node in nodes for each in (node, *_flat(node.children))]


async def test_summaries(world: World) -> None:
    for view in world.views:
        for chosen in world.filters():
            day = world.days()[0]
            for name, step in (("MonthlySummary", MONTH), ("YearlySummary", YEAR)):
                answer = await get(view.person, name, world.home.book.id, on=day.isoformat(), filter=chosen, biggest=50)
                assert _read(answer.report.days) == view.period(step, day)
                _check_summary(view, answer.report, chosen)
                lines = list(view.lines(chosen))
                payees = view.payees(lines, _read(answer.report.days), "EUR")
                assert [each.spent.minor for each in answer.report.biggest_payees] == payees


def _check_summary(view: Reckoning, told: Any, chosen: Any, account_ids: Any = None) -> None:
    lines = [line for line in view.lines(chosen) if account_ids is None or line.account_id in account_ids]
    sums = view.sums(lines, _read(told.days), "EUR")
    spending, income = (
        sum(minor for (_, is_earning), minor in sums.items() if is_earning == wanted) for wanted in (False, True)
    )
    assert (told.spending.minor, told.income.minor, told.saved.minor) == (spending, income, income - spending)
    assert told.HasField("saving_rate_basis_points") == (income > 0)
    tops = [
        (own, total) for each, (own, total) in view.rolled_up(sums, earning=False).items() if not view.parents.get(each)
    ]
    biggest = sorted((total for _, total in tops if total > 0), reverse=True)
    assert [each.total.minor for each in told.biggest_categories] == biggest[: len(told.biggest_categories)]


async def test_cash_flow(world: World) -> None:
    for view in world.views:
        for chosen in world.filters():
            days = world.days()
            answer = await get(view.person, "CashFlow", world.home.book.id, **_span(days), step=WEEK, filter=chosen)
            lines, steps = list(view.lines(chosen)), view.steps(WEEK, days)
            assert [_read(each.days) for each in answer.report.steps] == steps
            for each, its_days in zip(answer.report.steps, steps, strict=True):
                sums = view.sums(lines, its_days, "EUR")
                out, came = (
                    sum(minor for (_, is_earning), minor in sums.items() if is_earning == wanted)
                    for wanted in (False, True)
                )
                assert (getattr(each.flow, "in").minor, each.flow.out.minor, each.flow.net.minor) == (
                    came,
                    out,
                    came - out,
                )


async def test_net_worth(world: World) -> None:
    for view in world.views:
        for step in (DAY, WEEK, MONTH, QUARTER, YEAR):
            for fields in ({}, {"member_id": world.dice.choice(world.member_ids)}, {"currencies": ["KWD"]}):
                days, chosen = world.days(), AccountFilter(**fields)
                answer = await get(
                    view.person,
                    "NetWorth",
                    world.home.book.id,
                    **_span(days),
                    step=step,
                    filter=chosen,
                    by_account=True,
                )
                ends = [last for _, last in view.steps(step, days)]
                assert [point.on for point in answer.report.points] == [day.isoformat() for day in ends]
                accounts = [each for each in view.accounts.values() if view.is_chosen(each, chosen)]
                view.missing = set()
                for point, day in zip(answer.report.points, ends, strict=True):
                    _check_point(view, point, accounts, day)
                assert {each.amount.currency for each in answer.report.conversion.unconverted} == view.missing


def _check_point(view: Reckoning, point: Any, accounts: list[Any], day: date) -> None:
    assets, liabilities = view.worth(accounts, day, "EUR")
    assert (point.assets.minor, point.liabilities.minor) == (assets, liabilities)
    assert point.net.minor == assets - liabilities
    held = {each.account_id: each.held.minor for each in point.accounts}
    if held:
        assert held == {each.id: view.held(each.id, day) for each in accounts}
    assert sum(each.net.minor for each in point.currencies if each.net.currency == "KWD") == sum(
        view.held(each.id, day) for each in accounts if each.currency == "KWD"
    )


async def test_dashboard(world: World) -> None:
    for view in world.views:
        for day in (world.days()[0], world.days()[1]):
            answer = await get(
                view.person, "Dashboard", world.home.book.id, on=day.isoformat(), biggest=50, compare_with=PERIOD_BEFORE
            )
            members = [each.member_id for each in answer.report.members]
            assert sorted(members) == sorted(world.member_ids)
            for told in (answer.report, answer.previous):
                parts = [(told.book, None), *((part, {part.member_id}) for part in told.members), (told.shared, {""})]
                for part, holders in parts:
                    ids = {each for each, holder in view.holders.items() if holders is None or holder in holders}
                    on = date.fromisoformat(told.on)
                    _check_point(view, part.net_worth, [view.accounts[each] for each in ids], on)
                    for summary, step in ((part.month, MONTH), (part.year, YEAR)):
                        assert _read(summary.days) == view.period(step, _read(summary.days)[0])
                        _check_summary(view, summary, ReportFilter(), ids)
            assert _read(answer.report.book.month.days) == view.period(MONTH, day)
            assert _read(answer.previous.book.month.days)[1] == _read(answer.report.book.month.days)[0] - timedelta(1)
            assert _read(answer.previous.book.year.days)[1] == _read(answer.report.book.year.days)[0] - timedelta(1)
