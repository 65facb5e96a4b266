"""What was spent or earned in which categories? A tree whose sums add up, from any of its branches."""

from typing import Any

import pytest

from people import BookOf, Person, new_id, refusal_of
from rpc.ledger import accounts, categories
from rpc.ledger.accounts import INCOME, REFUND, shared_with
from rpc.ledger.exchange import set_rate
from rpc.reports.household import FOR_EARNING, FOR_SPENDING, PERIOD_BEFORE, YEAR_BEFORE, ask, get, report, set_book
from rpc.reports.promises import (
    NOBODYS,
    days,
    is_refused,
    keeps_the_promises_of_a_report,
    refuses_wrong_amounts,
    refuses_wrong_spans,
)
from tallystick_client.v1.money_pb2 import Money

FEBRUARY = days("2026-02-01", "2026-02-28")


def shape(nodes: Any) -> list[Any]:
    return [
        (each.category_id, each.own.minor, each.total.minor, each.share_basis_points, shape(each.children))
        for each in nodes
    ]


async def test_it_keeps_its_promises(book: BookOf, bob: Person) -> None:
    await keeps_the_promises_of_a_report(book, bob, "CategoryBreakdown")
    await refuses_wrong_spans(book, "CategoryBreakdown")
    await refuses_wrong_amounts(book, "CategoryBreakdown")


async def test_sums_roll_up_and_shares_are_told(book: BookOf) -> None:
    bread, cake = [(await categories.make(book, name, parent_id=book.spending_id)).id for name in ("Bread", "Cake")]
    rye = (await categories.make(book, "Rye", parent_id=bread)).id
    for minor, category_id in ((10, book.spending_id), (60, rye), (5, cake), (25, "")):
        await book.spend(minor, category_id=category_id)
    await book.spend(1000, kind=INCOME, category_id=book.earning_id)
    told = await report(book, "CategoryBreakdown", **FEBRUARY)
    assert told.total.minor == 100
    assert shape(told.nodes) == [
        (book.spending_id, 10, 75, 7500, [(bread, 0, 60, 6000, [(rye, 60, 60, 6000, [])]), (cake, 5, 5, 500, [])]),
        ("", 25, 25, 2500, []),
    ]
    assert [node.uncategorized for node in told.nodes] == [False, True]
    assert told.nodes[0].children[0].name == "Bread"
    earned = await report(book, "CategoryBreakdown", **FEBRUARY, kind=FOR_EARNING)
    assert shape(earned.nodes) == [(book.earning_id, 1000, 1000, 10_000, [])]


async def test_one_can_drill_down(book: BookOf) -> None:
    bread = (await categories.make(book, parent_id=book.spending_id)).id
    rye = (await categories.make(book, parent_id=bread)).id
    for minor, category_id in ((10, book.spending_id), (1, bread), (2, rye)):
        await book.spend(minor, category_id=category_id)
    told = await report(book, "CategoryBreakdown", **FEBRUARY, parent_id=bread)
    assert (told.total.minor, shape(told.nodes)) == (3, [(bread, 1, 3, 10_000, [(rye, 2, 2, 6667, [])])])
    both = await report(book, "CategoryBreakdown", **FEBRUARY, parent_id=bread, filter={"category_ids": [rye]})
    assert shape(both.nodes) == [(bread, 0, 2, 10_000, [(rye, 2, 2, 10_000, [])])]
    empty = await report(book, "CategoryBreakdown", **days("2026-03-01", "2026-03-31"), parent_id=bread)
    assert (empty.total.minor, list(empty.nodes)) == (0, [])
    # The parent says by itself what it is for.
    await book.spend(7, kind=INCOME, category_id=book.earning_id)
    assert (await report(book, "CategoryBreakdown", **FEBRUARY, parent_id=book.earning_id)).total.minor == 7
    assert await is_refused(
        book, "CategoryBreakdown", "CATEGORY_KIND_MISMATCH", parent_id=book.earning_id, kind=FOR_SPENDING
    ) == ("parent_id",)
    gone = await refusal_of(
        book.person.reports.GetCategoryBreakdown(ask("CategoryBreakdown", book.id, parent_id=new_id()))
    )
    assert gone.reason == "NOT_FOUND"


async def test_more_can_come_back_than_was_spent(book: BookOf) -> None:
    await book.spend(10, kind=REFUND)
    told = await report(book, "CategoryBreakdown", **FEBRUARY)
    assert (told.total.minor, shape(told.nodes)) == (-10, [(book.spending_id, -10, -10, 0, [])])


async def test_categories_without_any_money_are_left_out(book: BookOf) -> None:
    await book.spend(10)
    await book.spend(10, kind=REFUND)
    assert not (await report(book, "CategoryBreakdown", **FEBRUARY)).nodes


async def test_days_at_both_ends_count_once(book: BookOf) -> None:
    for day in ("2025-12-30", "2025-12-31", "2026-01-15", "2026-02-01", "2026-02-02"):
        await book.spend(1, booked_on=day)
        await book.spend(1, booked_on=day, category_id="")
    told = await report(book, "CategoryBreakdown", **days("2025-12-31", "2026-02-01"))
    assert [(node.category_id, node.total.minor) for node in told.nodes] == [
        *sorted([("", 3), (book.spending_id, 3)], key=lambda pair: pair[0])
    ]


async def test_a_merged_category_counts_where_it_went(book: BookOf) -> None:
    bread = await categories.make(book)
    await book.spend(3, category_id=bread.id)
    await categories.merge(book, bread.id, book.spending_id)
    assert shape((await report(book, "CategoryBreakdown", **FEBRUARY)).nodes) == [(book.spending_id, 3, 3, 10_000, [])]


async def test_what_is_deleted_counts_no_more(book: BookOf) -> None:
    made = (await book.spend(3)).transaction
    await accounts.delete_transaction(book, made)
    assert (await report(book, "CategoryBreakdown", **FEBRUARY)).total.minor == 0


async def test_private_spending_is_not_there_for_others(book: BookOf, bob: Person) -> None:
    private = await accounts.make(book, private=True)
    await book.spend(3, account_id=private.id)
    await book.spend(4, account_id=private.id, category_id="")
    theirs = await shared_with(book, bob)
    assert (await report(book, "CategoryBreakdown", **FEBRUARY)).total.minor == 7
    for asked in ({}, {"filter": {"account_ids": [private.id]}}, {"filter": {"text": "bakery"}}):
        assert (await report(theirs, "CategoryBreakdown", **FEBRUARY, **asked)).total.minor == 0


async def test_sums_of_other_currencies_add_up_to_the_total(book: BookOf) -> None:
    """Each category is converted by itself: what is shown below each other adds up."""
    dollars, other = await accounts.make(book, currency="USD"), await categories.make(book)
    await set_rate(book, "USD/EUR", "2026-02-01", "0.5")
    for category_id in (book.spending_id, other.id):
        await book.spend(3, account_id=dollars.id, amount=Money(currency="USD", minor=3), category_id=category_id)
    told = await report(book, "CategoryBreakdown", **FEBRUARY)
    assert [node.total.minor for node in told.nodes] == [2, 2]
    assert told.total.minor == 4


async def test_usually_the_month_that_today_is_in(book: BookOf) -> None:
    await set_book(book, first_day_of_month=28)
    told = await report(book, "CategoryBreakdown")
    assert (told.days.from_on[-2:], told.days.until_on[-2:]) == ("28", "27")


@pytest.mark.parametrize("chosen", NOBODYS, ids=lambda chosen: next(iter(chosen)))
async def test_ids_that_are_not_there_fit_nothing(book: BookOf, chosen: dict[str, object]) -> None:
    await book.spend(10)
    told = await report(book, "CategoryBreakdown", **FEBRUARY, filter=chosen)
    assert (told.total.minor, list(told.nodes)) == (0, [])


async def test_children_can_be_left_out(book: BookOf) -> None:
    bread = await categories.make(book, parent_id=book.spending_id)
    await book.spend(3, category_id=bread.id)
    await book.spend(4)
    chosen = {"category_ids": [book.spending_id]}
    assert (await report(book, "CategoryBreakdown", **FEBRUARY, filter=chosen)).total.minor == 7
    assert (
        await report(book, "CategoryBreakdown", **FEBRUARY, filter=chosen | {"without_children": True})
    ).total.minor == 4


async def test_it_is_compared_with_earlier_days(book: BookOf) -> None:
    await book.spend(1, booked_on="2026-01-31")
    await book.spend(2, booked_on="2025-02-28")
    for comparison, total in ((PERIOD_BEFORE, 1), (YEAR_BEFORE, 2)):
        answer = await get(book.person, "CategoryBreakdown", book.id, **FEBRUARY, compare_with=comparison)
        assert answer.previous.total.minor == total
