"""How well is a book kept to its budgets? The report says what the budgets say of themselves, and counts."""

from datetime import date
from typing import Any

from people import BookOf, Person, make_book, new_id, refusal_of
from rpc.budgets.planning import ALL_OF_IT, Planning, listed, make_planning, money, months
from rpc.reports.household import ask, get
from rpc.reports.promises import is_refused
from rpc.spaces.sharing import VIEWER, share
from tallystick.ledger.sums import month_number
from turned_clock import TurnedClock

NAME = "BudgetPerformance"


async def performance(planning: Planning, **fields: Any) -> Any:
    answer = await get(planning.person, NAME, planning.book.id, **fields)
    (only,) = answer.budgets
    return only


def day_of(clock: TurnedClock, months_ago: int, day: int = 1) -> str:
    year, month = divmod(month_number(clock.now().date()) - months_ago, 12)
    return date(year, month + 1, day).isoformat()


async def test_every_period_is_what_the_analysis_says(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food", 100, rollover=ALL_OF_IT)
    await planning.item("Fun", 50)
    for on, minor in (("2026-02-03", 130), ("2026-03-03", 60), ("2026-04-30", 80)):
        await planning.spend("Food", minor, on)
    await planning.spend("Fun", 51, "2026-03-31")
    told = await performance(planning, on="2026-04-01", periods=4)
    analysis = await planning.analysis("2026-04-01", before=3)
    assert [
        (each.days.from_on, each.days.until_on, each.planned.minor, each.actual.minor, each.left.minor)
        for each in told.periods
    ] == [
        (each.from_on, each.until_on, each.whole.planned_minor, each.whole.actual_minor, each.whole.left_minor)
        for each in analysis.periods
    ]
    (of_food,) = [each for each in told.items if each.item_id == food.id]
    assert (of_food.name, told.name, told.conversion.currency) == ("Food", planning.budget.name, "EUR")
    assert [each.planned.minor for each in of_food.periods] == [100, 200, 170, 210]
    assert [each.used_basis_points for each in of_food.periods] == [0, 6500, 3529, 3810]


async def test_it_counts_the_periods_that_have_ended_and_those_that_were_kept(book: BookOf, clock: TurnedClock) -> None:
    planning = await make_planning(book, periods=months(day_of(clock, 2)), starts_on=day_of(clock, 2))
    await planning.item("Food", 100)
    for months_ago, minor in ((2, 100), (1, 103), (0, 300)):
        await planning.spend("Food", minor, day_of(clock, months_ago))
    told = await performance(planning)
    (item,) = told.items
    assert (told.periods_ended, told.periods_kept, item.periods_ended, item.periods_kept) == (2, 1, 2, 1)
    assert [each.ended for each in item.periods] == [True, True, False]
    # Half to even; what goes on is not in it.
    assert item.average.minor == 102


async def test_without_a_plan_there_is_no_part_of_it_and_before_an_end_no_average(
    book: BookOf, clock: TurnedClock
) -> None:
    planning = await make_planning(book, periods=months(day_of(clock, 0)), starts_on=day_of(clock, 0))
    await planning.item("Food", 0)
    await planning.spend("Food", 5, day_of(clock, 0))
    (item,) = (await performance(planning)).items
    (period,) = item.periods
    assert (period.actual.minor, period.left.minor) == (5, -5)
    assert not period.HasField("used_basis_points")
    assert not item.HasField("average")


async def test_all_budgets_in_force_that_have_a_period_on_the_day_are_told_of_in_order(book: BookOf) -> None:
    one, other = await make_planning(book), await make_planning(book)
    await make_planning(book, template=True)
    await make_planning(book, periods=listed(("2025-01-01", "2025-01-31")), starts_on="2025-01-01")
    answer = await get(book.person, NAME, book.id, on="2026-03-01")
    assert [each.budget_id for each in answer.budgets] == sorted([one.budget.id, other.budget.id])
    named = await get(book.person, NAME, book.id, on="2026-03-01", budget_ids=[other.budget.id.upper()])
    assert [each.budget_id for each in named.budgets] == [other.budget.id]


async def test_a_budget_that_is_named_must_be_there_and_have_a_period(book: BookOf, bob: Person) -> None:
    planning, template = await make_planning(book), await make_planning(book, template=True)
    foreign = await make_planning(await make_book(bob))
    await is_refused(book, NAME, "BUDGET_NOT_IN_FORCE", budget_ids=[template.budget.id], on="2026-03-01")
    await is_refused(book, NAME, "NO_BUDGET_PERIOD", budget_ids=[planning.budget.id], on="2020-03-01")
    for missing in (foreign.budget.id, new_id()):
        await is_refused(book, NAME, "NOT_FOUND", budget_ids=[missing])
    assert await is_refused(book, NAME, "INVALID_DATE", on="2026-02-30") == ("on",)
    assert await is_refused(book, NAME, "INVALID_FIELD", periods=61) == ("periods",)


async def test_a_viewer_sees_it_and_a_stranger_nothing(book: BookOf, bob: Person) -> None:
    planning = await make_planning(book)
    await planning.item("Food", 100)
    for book_id in (book.id, new_id()):
        assert (await refusal_of(bob.reports.GetBudgetPerformance(ask(NAME, book_id)))).reason == "NOT_FOUND"
    await share(book.person, book.id, bob, VIEWER)
    asked = {"on": "2026-03-01"}
    assert await get(bob, NAME, book.id, **asked) == await get(book.person, NAME, book.id, **asked)


async def test_what_cannot_be_converted_is_told_apart(book: BookOf) -> None:
    planning = await make_planning(book)
    await planning.item("Food", 100)
    account_id = await planning.account("XPF")
    await planning.spend("Food", 7, "2026-03-02", account_id=account_id, amount=money(7, "XPF"))
    told = await performance(planning, on="2026-03-31", periods=1)
    assert told.conversion.incomplete
    assert [(each.amount.currency, each.amount.minor) for each in told.conversion.unconverted] == [("XPF", 7)]
    assert told.periods[0].actual.minor == 0
