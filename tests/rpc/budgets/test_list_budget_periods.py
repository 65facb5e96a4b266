"""What ListBudgetPeriods promises."""

from typing import Any

import pytest

from people import BookOf, Person, make_book, refusal_of
from rpc.budgets.planning import Planning, listed, make_planning, months, weeks
from turned_clock import TurnedClock


async def periods(planning: Planning, **fields: Any) -> list[tuple[str, str]]:
    answer = await planning.call("ListBudgetPeriods", **fields)
    return [(period.from_on, period.until_on) for period in answer.periods]


@pytest.mark.parametrize(
    ("scheme", "starts_on", "until_on", "expected"),
    [
        (
            *(months("2026-01-31"), "2026-01-31", "2026-04-30"),
            [
                ("2026-01-31", "2026-02-27"),
                ("2026-02-28", "2026-03-30"),
                ("2026-03-31", "2026-04-29"),
                ("2026-04-30", "2026-05-30"),
            ],
        ),
        (
            *(weeks("2025-12-29"), "2025-12-31", "2026-01-05"),
            [("2025-12-29", "2026-01-04"), ("2026-01-05", "2026-01-11")],
        ),
        (
            *(weeks("2025-12-29", 4), "2026-01-31", "2026-02-01"),
            [("2026-01-26", "2026-02-22")],
        ),
        (
            *(months("2026-01-01", 3), "2026-02-03", "2026-04-01"),
            [("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30")],
        ),
        (
            *(months("2026-02-28", 12), "2026-01-01", "2026-03-01"),
            [("2025-02-28", "2026-02-27"), ("2026-02-28", "2027-02-27")],
        ),
        (
            *(
                listed(("2026-05-01", "2026-05-03"), ("2026-01-01", "2026-01-10"), ("2025-01-01", "2025-01-02")),
                "2026-01-05",
                "",
            ),
            [("2026-01-01", "2026-01-10"), ("2026-05-01", "2026-05-03")],
        ),
    ],
    ids=["from the 31st", "weeks over the year", "four weeks", "quarters", "years", "listed"],
)
async def test_periods_of_every_kind(
    book: BookOf, scheme: Any, starts_on: str, until_on: str, expected: list[tuple[str, str]]
) -> None:
    planning = await make_planning(book, periods=scheme, starts_on=starts_on)
    assert await periods(planning, until_on=until_on) == expected


async def test_it_ends_with_the_period_of_today_and_says_which_that_is(book: BookOf, clock: TurnedClock) -> None:
    today = clock.now().date()
    planning = await make_planning(book, starts_on=today.replace(year=today.year - 1, day=1).isoformat())
    found = (await planning.call("ListBudgetPeriods")).periods
    assert [period.current for period in found] == [False] * 12 + [True]
    assert found[-1].from_on == today.replace(day=1).isoformat()


async def test_pages_follow_each_other_within_the_days_that_were_asked_for(book: BookOf) -> None:
    planning = await make_planning(book)
    asked = {"from_on": "2026-03-31", "until_on": "2026-07-01"}
    first = await planning.call("ListBudgetPeriods", page_size=3, **asked)
    rest = await planning.call("ListBudgetPeriods", page_size=3, page_token=first.next_page_token, **asked)
    found = [period.from_on for period in (*first.periods, *rest.periods)]
    assert (found, rest.next_page_token) == ([f"2026-0{month}-01" for month in range(3, 8)], "")
    other = await refusal_of(planning.call("ListBudgetPeriods", page_size=3, page_token=first.next_page_token))
    assert other.reason == "INVALID_PAGE_TOKEN"


async def test_a_page_is_never_longer_than_sixty(book: BookOf) -> None:
    planning = await make_planning(book, starts_on="2006-01-01")
    assert len(await periods(planning, page_size=10_000)) == 60


async def test_before_the_first_there_is_none(book: BookOf) -> None:
    planning = await make_planning(book)
    assert await periods(planning, from_on="2020-01-01", until_on="2025-12-31") == []
    assert (await refusal_of(periods(planning, from_on="2026-02-30"))).reason == "INVALID_DATE"
    end = await make_planning(book, periods=listed(("2026-01-01", "2026-01-31")), starts_on="")
    assert await periods(end, from_on="2026-02-01") == []


async def test_a_foreign_budget_is_not_found(book: BookOf, bob: Person) -> None:
    planning, theirs = await make_planning(book), await make_planning(await make_book(bob))
    assert (await refusal_of(periods(planning, budget_id=theirs.budget.id))).reason == "NOT_FOUND"
