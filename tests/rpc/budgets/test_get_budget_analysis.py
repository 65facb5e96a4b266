"""GetBudgetAnalysis: what was planned, spent and left, by item, by member, and in envelopes?"""

from people import BookOf
from rpc.budgets.planning import ALL_OF_IT, limit, make_envelopes, make_planning, months


async def test_spending_counts_against_the_limit_of_its_month(book: BookOf) -> None:
    planning = await make_planning(book)
    food = await planning.item("Food", 10_000)
    await planning.spend("Food", 2500, "2026-02-03")
    await planning.spend("Food", 900, "2026-03-01")
    await planning.spend("Fun", 700, "2026-02-03")
    figures = await planning.figures(food, "2026-02-15")
    assert (figures.planned_minor, figures.actual_minor, figures.left_minor) == (10_000, 2500, 7500)


async def test_months_from_the_fifteenth(book: BookOf) -> None:
    planning = await make_planning(book, periods=months("2026-01-15"))
    await planning.item("Food", 10_000, rollover=ALL_OF_IT, limits=[limit(10_000), limit(5000, "2026-03-01")])
    for minor, on in (
        (1, "2026-01-14"),
        (10, "2026-01-15"),
        (100, "2026-02-14"),
        (1000, "2026-02-15"),
        (10_000, "2026-03-15"),
    ):
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
    assert [(each.figures.assigned_minor, each.figures.left_minor) for each in period.items] == [
        (35_000, -1000),
        (5000, 5000),
    ]
    assert (period.envelopes.income_minor, period.envelopes.unbudgeted_minor) == (100_000, 1000)
    assert (period.envelopes.to_be_assigned_minor, period.envelopes.assignable_minor) == (59_000, 59_000)
