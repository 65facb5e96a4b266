"""What tables of accounts and reports promise: the numbers of the API."""

from typing import Any

from people import BookOf, Person, refusal_of
from rpc.budgets.planning import make_planning
from rpc.exports.taking import ACCOUNTS, BREAKDOWN, BUDGETS, NET_WORTH, refused, take
from rpc.ledger import accounts, categories
from rpc.ledger.crowded_book import CrowdedBook
from tallystick.exports.numbers import plain
from tallystick_client.v1.ledger_pb2 import CategoryKind
from tallystick_client.v1.report_budgets_pb2 import GetBudgetPerformanceRequest
from tallystick_client.v1.report_net_worth_pb2 import GetNetWorthRequest
from tallystick_client.v1.report_pb2 import ReportStep
from tallystick_client.v1.report_spending_pb2 import GetCategoryBreakdownRequest

DAYS: dict[str, Any] = {"from_on": "2026-01-01", "until_on": "2026-03-31"}


async def test_accounts_hold_what_the_list_says(crowd: CrowdedBook) -> None:
    rows = (await take(crowd.book.person, book_id=crowd.book.id, content=ACCOUNTS)).rows()
    held = await accounts.listed(crowd.book)
    assert {row["Id"]: row["Balance"] for row in rows} == {
        account_id: plain(minor, crowd.currency_of[account_id]) for account_id, minor in held.items()
    }


async def test_own_amounts_of_a_breakdown_add_up_to_its_total(book: BookOf) -> None:
    child = await categories.make(book, name="=Bread", parent_id=book.spending_id)
    await book.spend(250)
    await book.spend(1000, category_id=child.id)
    await book.spend(333, category_id="")
    rows = (await take(book.person, book_id=book.id, content=BREAKDOWN, **DAYS)).rows()
    report = (
        await book.person.reports.GetCategoryBreakdown(GetCategoryBreakdownRequest(book_id=book.id, **DAYS))
    ).report
    assert sum(int(row["Own"].replace(".", "")) for row in rows) == report.total.minor == 1583
    bread = next(row for row in rows if row["Category"] == "'=Bread")
    assert (bread["Category group"], bread["Total"], bread["Currency"]) == ("Food", "10.00", "EUR")
    assert {row["Category"] for row in rows} == {"Food", "'=Bread", ""}


async def test_what_was_earned_has_a_breakdown_too(book: BookOf) -> None:
    await book.spend(500, kind=accounts.INCOME, category_id=book.earning_id)
    kind = CategoryKind.CATEGORY_KIND_INCOME
    rows = (await take(book.person, book_id=book.id, content=BREAKDOWN, kind=kind, **DAYS)).rows()
    assert [(row["Category"], row["Percent"]) for row in rows] == [("Wages", "100.00")]


async def test_net_worth_is_that_of_the_report(book: BookOf) -> None:
    await book.spend(250)
    step = ReportStep.REPORT_STEP_MONTH
    rows = (await take(book.person, book_id=book.id, content=NET_WORTH, step=step, **DAYS)).rows()
    asked = GetNetWorthRequest(book_id=book.id, step=step, **DAYS)
    points = (await book.person.reports.GetNetWorth(asked)).report.points
    assert [(row["Date"], row["Net worth"]) for row in rows] == [
        (point.on, plain(point.net.minor, "EUR")) for point in points
    ]
    assert rows[-1]["Net worth"] == "-2.50"


async def test_budgets_fare_as_in_the_report(book: BookOf) -> None:
    planning = await make_planning(book)
    rows = (await take(book.person, book_id=book.id, content=BUDGETS, until_on="2026-03-31")).rows()
    answer = await book.person.reports.GetBudgetPerformance(
        GetBudgetPerformanceRequest(book_id=book.id, on="2026-03-31")
    )
    wholes = [period for budget in answer.budgets for period in budget.periods]
    assert planning.budget.name in {row["Budget"] for row in rows}
    assert [row["Actual"] for row in rows if not row["Item"]] == [plain(each.actual.minor, "EUR") for each in wholes]


async def test_a_foreign_book_is_not_found(book: BookOf, bob: Person) -> None:
    for content in (ACCOUNTS, BREAKDOWN, NET_WORTH, BUDGETS):
        assert (await refusal_of(refused(bob, book_id=book.id, content=content))).reason == "NOT_FOUND"
