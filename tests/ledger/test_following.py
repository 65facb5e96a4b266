"""What arrives in a book that follows a group: every share as spending, every payment, and what is open, to the cent."""

from collections.abc import AsyncIterator

import pytest

from circle import equally, make_circle, money, paid_by, weighted
from linked import ACTIVE, Linked, make_account, make_category, make_linked
from people import BookOf, Person, new_id
from rpc.groups.spending import delete
from rpc.spaces.sharing import share
from tallystick.app import App
from tallystick.ledger.links.job import PUT_OFF
from tallystick_client.v1 import (
    group_expenses_pb2,
    group_members_pb2,
    group_settlements_pb2,
    ledger_accounts_pb2,
    ledger_links_pb2,
    ledger_pb2,
)
from tallystick_client.v1.group_splits_pb2 import Conversion
from turned_clock import TurnedClock

EARNED = group_expenses_pb2.ExpenseKind.EXPENSE_KIND_INCOME
GIVEN_BACK = group_expenses_pb2.ExpenseKind.EXPENSE_KIND_REFUND


@pytest.fixture
async def linked(ann: Person, server: App) -> AsyncIterator[Linked]:
    """Ann's book and group, and nothing in them yet. In the end the book holds what the group says."""
    linked = await make_linked(ann, server)
    yield linked
    await linked.caught_up()


async def close(book: BookOf, account_id: str, closed_on: str = "2020-01-01") -> None:
    request = ledger_accounts_pb2.CloseAccountRequest(
        request_id=new_id(), book_id=book.id, account_id=account_id, closed_on=closed_on
    )
    await book.person.ledger.CloseAccount(request)


async def test_who_pays_spends_their_share_and_is_owed_the_rest(linked: Linked) -> None:
    expense = await linked.circle.spend(9000, note="by the harbour")
    await linked.caught_up()
    found = await linked.of(expense.id)
    spent, paid = found["EXPENSE"], found["TRANSFER"]
    assert (spent.entries[0].amount, spent.entries[0].category_id) == (money(-3000), linked.book.spending_id)
    assert (spent.payee, spent.note, spent.booked_on) == ("Trip", "Dinner", "2026-02-03")
    assert [entry.amount for entry in paid.entries] == [money(-9000), money(9000)]
    assert paid.entries[0].account_id == linked.book.account_id
    assert paid.entries[1].account_id == spent.entries[0].account_id
    assert {each.link_id for each in (spent, paid)} == {linked.link.id}
    assert await linked.holds(linked.book.account_id) == -9000
    assert await linked.receivables() == {"EUR": 6000}


async def test_who_does_not_pay_owes_their_share(linked: Linked) -> None:
    expense = await linked.circle.spend(9000, by=linked.circle.guests["Gus"])
    await linked.caught_up()
    assert [*await linked.of(expense.id)] == ["EXPENSE"]
    assert await linked.receivables() == {"EUR": -3000}


async def test_what_does_not_concern_the_member_leaves_no_trace(linked: Linked) -> None:
    circle = linked.circle
    seq = (await linked.get()).link.version
    expense = await circle.spend(9000, by=circle.guests["Gus"], among=[*circle.guests.values()])
    await linked.caught_up()
    assert await linked.of(expense.id) == {}
    assert (await linked.get()).link.version == seq


async def test_the_receivable_account_is_named_like_the_group(linked: Linked) -> None:
    await linked.circle.spend(9000)
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts
    request = ledger_accounts_pb2.GetAccountRequest(book_id=linked.book.id, account_id=made.receivable_account_id)
    account = (await linked.person.ledger.GetAccount(request)).account
    assert (account.name, account.currency, account.private_to) == ("Trip", "EUR", "")
    assert account.type == ledger_pb2.AccountType.ACCOUNT_TYPE_RECEIVABLE
    assert (made.currency, made.paid_account_id) == ("EUR", "")


async def test_a_change_of_the_amount_moves_what_is_there(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    before = await linked.of(expense.id)
    await linked.change(expense.id, amount=money(12000), payers=paid_by(**{linked.circle.owner_id: 12000}))
    await linked.caught_up()
    after = await linked.of(expense.id)
    assert {kind: each.id for kind, each in before.items()} == {kind: each.id for kind, each in after.items()}
    assert (await linked.spent(), await linked.holds(linked.book.account_id)) == ({"EUR": 4000}, -12000)


async def test_a_change_of_the_split_moves_the_share_alone(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    before = await linked.of(expense.id)
    await linked.change(expense.id, split=weighted(**{linked.circle.owner_id: 1, linked.circle.guests["Gus"]: 1}))
    await linked.caught_up()
    after = await linked.of(expense.id)
    assert (await linked.spent(), after["TRANSFER"].version) == ({"EUR": 4500}, before["TRANSFER"].version)


async def test_a_change_of_the_day_and_the_words_arrives(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    await linked.change(expense.id, booked_on="2026-03-04", description="Supper")
    await linked.caught_up()
    for each in (await linked.of(expense.id)).values():
        assert (each.booked_on, each.note) == ("2026-03-04", "Supper")


async def test_somebody_else_pays_after_all(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    await linked.change(expense.id, payers=paid_by(**{linked.circle.guests["Gus"]: 9000}))
    await linked.caught_up()
    assert [*await linked.of(expense.id)] == ["EXPENSE"]
    assert await linked.holds(linked.book.account_id) == 0


async def test_what_is_deleted_goes_and_what_is_restored_comes_back(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    before = await linked.of(expense.id)
    await linked.call("DeleteExpense", expense.id)
    await linked.caught_up()
    assert (await linked.of(expense.id), await linked.holds(linked.book.account_id)) == ({}, 0)
    await linked.call("RestoreExpense", expense.id)
    await linked.caught_up()
    after = await linked.of(expense.id)
    assert {each.id for each in before.values()} == {each.id for each in after.values()}
    assert await linked.receivables() == {"EUR": 6000}


async def test_a_refund_is_a_refund_and_the_money_comes_back(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    refund = await linked.circle.spend(3000, kind=GIVEN_BACK, refund_of_id=expense.id)
    await linked.caught_up()
    found = await linked.of(refund.id)
    assert found["REFUND"].entries[0].amount == money(1000)
    assert found["REFUND"].entries[0].category_id == linked.book.spending_id
    assert found["TRANSFER"].entries[1].account_id == linked.book.account_id
    assert await linked.holds(linked.book.account_id) == -6000
    assert await linked.spent() == {"EUR": 2000}


async def test_what_is_earned_together_is_income(linked: Linked) -> None:
    earned = await linked.circle.spend(3000, kind=EARNED)
    await linked.caught_up()
    found = await linked.of(earned.id)
    assert (found["INCOME"].entries[0].amount, found["INCOME"].entries[0].category_id) == (money(1000), "")
    assert await linked.holds(linked.book.account_id) == 3000
    assert await linked.receivables() == {"EUR": -2000}


async def test_an_expense_that_becomes_income_changes_its_kind(linked: Linked) -> None:
    expense = await linked.circle.spend(3000)
    await linked.caught_up()
    await linked.change(expense.id, kind=EARNED)
    await linked.caught_up()
    assert (await linked.of(expense.id))["INCOME"].entries[0].category_id == ""
    assert await linked.holds(linked.book.account_id) == 3000


async def test_settling_moves_money_between_the_account_and_what_is_open(linked: Linked) -> None:
    circle = linked.circle
    await circle.spend(9000)
    got = await linked.settle(circle.guests["Gus"], circle.owner_id, 3000)
    gave = await linked.settle(circle.owner_id, circle.guests["Hal"], 500)
    await linked.caught_up()
    assert await linked.receivables() == {"EUR": 3500}
    assert await linked.holds(linked.book.account_id) == -9000 + 3000 - 500
    assert [*await linked.of(got.id), *await linked.of(gave.id)] == ["TRANSFER", "TRANSFER"]
    assert await linked.spent() == {"EUR": 3000}


async def test_what_is_disputed_or_reversed_counts_no_more(linked: Linked) -> None:
    circle = linked.circle
    await circle.spend(9000)
    first = await linked.settle(circle.guests["Gus"], circle.owner_id, 1000)
    second = await linked.settle(circle.guests["Gus"], circle.owner_id, 2000)
    await linked.caught_up()
    named = {"request_id": new_id(), "group_id": circle.id}
    dispute = group_settlements_pb2.DisputeSettlementRequest(**named, settlement_id=first.id, text="never came")
    await linked.person.groups.DisputeSettlement(dispute)
    await linked.caught_up()
    assert (await linked.of(first.id), await linked.holds(linked.book.account_id)) == ({}, -7000)
    named["request_id"] = new_id()
    reverse = group_settlements_pb2.ReverseSettlementRequest(**named, settlement_id=second.id)
    await linked.person.groups.ReverseSettlement(reverse)
    await linked.caught_up()
    assert (await linked.of(second.id), await linked.holds(linked.book.account_id)) == ({}, -9000)


async def test_another_currency_has_another_receivable_account_and_one_for_what_was_paid(linked: Linked) -> None:
    expense = await linked.circle.spend(9000, currency="USD")
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts
    assert (made.currency, await linked.holds(made.paid_account_id)) == ("USD", -9000)
    assert (await linked.of(expense.id))["TRANSFER"].entries[0].account_id == made.paid_account_id
    await linked.circle.spend(300)
    await linked.caught_up()
    assert await linked.receivables() == {"USD": 6000, "EUR": 200}


async def test_what_was_paid_in_the_accounts_currency_leaves_it_in_that(ann: Person, server: App) -> None:
    circle = await make_circle(ann, "Gus", "Hal")
    linked = await make_linked(ann, server, circle)
    dollars = await make_account(linked.book, "USD")
    await linked.update("paid_from_account_id", paid_from_account_id=dollars)
    expense = await circle.spend(9000, currency="USD", conversion=Conversion(amount=money(8100)))
    await linked.caught_up()
    paid = (await linked.of(expense.id))["TRANSFER"]
    assert [entry.amount for entry in paid.entries] == [money(-9000, "USD"), money(8100)]
    assert (paid.implied_rate, paid.entries[0].account_id) == ("0.9", dollars)
    assert (await linked.receivables(), await linked.spent()) == ({"EUR": 5400}, {"EUR": 2700})


async def test_an_account_that_does_not_fit_is_left_alone(linked: Linked) -> None:
    await close(linked.book, linked.book.account_id, "2026-02-01")
    later = await linked.circle.spend(9000)
    earlier = await linked.circle.spend(300, booked_on="2026-01-01")
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts
    assert (await linked.of(later.id))["TRANSFER"].entries[0].account_id == made.paid_account_id
    assert (await linked.of(earlier.id))["TRANSFER"].entries[0].account_id == linked.book.account_id


async def test_another_account_from_now_on_leaves_what_is_there_where_it_is(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    other = await make_account(linked.book, "EUR")
    await linked.update("paid_from_account_id", paid_from_account_id=other)
    await linked.change(expense.id, amount=money(6000), payers=paid_by(**{linked.circle.owner_id: 6000}))
    await linked.circle.spend(300)
    await linked.caught_up()
    assert (await linked.holds(linked.book.account_id), await linked.holds(other)) == (-6000, -300)


async def test_the_groups_categories_become_the_books(linked: Linked) -> None:
    fun, food = await make_category(linked.book, "Fun"), await make_category(linked.book, "Meals")
    named = [
        ledger_links_pb2.LinkedCategory(name="Cinema", category_id=fun),
        ledger_links_pb2.LinkedCategory(name="food", category_id=food),
    ]
    await linked.update("categories", categories=named)
    expenses = [await linked.circle.spend(300, category=name) for name in ("cinema", " Food", "other", "")]
    await linked.caught_up()
    chosen = [(await linked.of(each.id))["EXPENSE"].entries[0].category_id for each in expenses]
    assert chosen == [fun, food, linked.book.spending_id, linked.book.spending_id]
    await linked.change(expenses[0].id, category="Food")
    await linked.caught_up()
    assert (await linked.of(expenses[0].id))["EXPENSE"].entries[0].category_id == food


async def test_what_somebody_says_of_it_in_the_book_stays(linked: Linked) -> None:
    fun = await make_category(linked.book, "Fun")
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    spent = (await linked.of(expense.id))["EXPENSE"]
    await linked.describe(spent, category_id=fun, note="with Gus", payee="Harbour Inn")
    paid = paid_by(**{linked.circle.owner_id: 12000})
    await linked.change(expense.id, amount=money(12000), payers=paid, description="Supper", category="Food")
    await linked.caught_up()
    found = await linked.of(expense.id)
    after = found["EXPENSE"]
    assert (after.entries[0].category_id, after.note, after.payee) == (fun, "with Gus", "Harbour Inn")
    assert after.entries[0].amount == money(-4000)
    assert found["TRANSFER"].note == "Supper"


async def test_whoever_takes_a_debt_over_spends_and_whoever_lets_one_go_does_too(linked: Linked) -> None:
    """Nobody's money moves: what is open changes all the same."""
    circle = linked.circle
    await circle.spend(9000)
    await linked.caught_up()
    leave = group_members_pb2.LeaveGroupRequest(
        request_id=new_id(),
        group_id=circle.id,
        member_id=circle.guests["Gus"],
        forgiven=group_members_pb2.ForgivenOnLeaving(),
    )
    await linked.person.groups.LeaveGroup(leave)
    await linked.caught_up()
    assert (await linked.receivables(), await linked.spent()) == ({"EUR": 3000}, {"EUR": 6000})
    leave = group_members_pb2.LeaveGroupRequest(
        request_id=new_id(),
        group_id=circle.id,
        member_id=circle.guests["Hal"],
        taken_over=group_members_pb2.TakenOverOnLeaving(member_id=circle.owner_id),
    )
    await linked.person.groups.LeaveGroup(leave)
    await linked.caught_up()
    assert (await linked.receivables(), await linked.spent()) == ({}, {"EUR": 9000})
    assert await linked.holds(linked.book.account_id) == -9000


async def test_what_a_statement_covers_stays_and_the_rest_is_corrected(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    await linked.reconcile(linked.book.account_id)
    covered = (await linked.of(expense.id))["TRANSFER"]
    await linked.change(expense.id, amount=money(12000), payers=paid_by(**{linked.circle.owner_id: 12000}))
    await linked.caught_up()
    assert await linked.holds(linked.book.account_id) == -9000
    assert await linked.spent() == {"EUR": 4000}
    (made,) = (await linked.get()).link.accounts
    assert await linked.holds(made.paid_account_id) == -3000
    stays = next(each for each in await linked.transactions() if each.id == covered.id)
    assert stays == covered
    await linked.call("DeleteExpense", expense.id)
    await linked.caught_up()
    assert (await linked.holds(made.paid_account_id), await linked.receivables()) == (9000, {})
    await linked.call("RestoreExpense", expense.id)
    await linked.change(expense.id, amount=money(9000), payers=paid_by(**{linked.circle.owner_id: 9000}))
    await linked.caught_up()
    assert (await linked.holds(made.paid_account_id), len(await linked.of(expense.id))) == (0, 2)


async def test_a_share_that_a_statement_covers_is_corrected_as_spending(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts
    for minor in (6000, 12000, 300):
        await linked.reconcile(made.receivable_account_id)
        paid = paid_by(**{linked.circle.owner_id: minor})
        await linked.change(expense.id, amount=money(minor), payers=paid)
        await linked.caught_up()
        assert await linked.spent() == {"EUR": minor // 3}
    await linked.reconcile(made.receivable_account_id)
    await linked.call("DeleteExpense", expense.id)
    await linked.caught_up()
    assert await linked.spent() == {}


async def test_what_a_statement_covers_in_a_currency_is_undone_in_it(linked: Linked) -> None:
    expense = await linked.circle.spend(9000)
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts
    await linked.reconcile(made.receivable_account_id)
    paid = paid_by(**{linked.circle.owner_id: 9900})
    await linked.change(expense.id, amount=money(9900, "USD"), payers=paid)
    await linked.caught_up()
    assert await linked.receivables() == {"USD": 6600}
    assert await linked.spent() == {"USD": 3300}


async def test_a_receivable_account_that_was_closed_is_opened_again(linked: Linked) -> None:
    await linked.circle.spend(9000, booked_on="2020-01-01")
    await linked.caught_up()
    (made,) = (await linked.get()).link.accounts
    await close(linked.book, made.receivable_account_id)
    await linked.circle.spend(300)
    await linked.caught_up()
    assert await linked.receivables() == {"EUR": 6200}


async def test_two_books_of_two_members_follow_one_group(linked: Linked, bob: Person, server: App) -> None:
    await share(linked.person, linked.circle.id, bob)
    other = await make_linked(bob, server, linked.circle)
    members = [linked.circle.owner_id, other.link.member_id]
    await linked.circle.spend(1000, split=equally(*members))
    await linked.settle(other.link.member_id, linked.circle.owner_id, 200)
    await linked.caught_up()
    await other.require_even()
    assert (await linked.receivables(), await other.receivables()) == ({"EUR": 300}, {"EUR": -300})
    assert (await linked.spent(), await other.spent()) == ({"EUR": 500}, {"EUR": 500})


async def test_one_book_follows_two_groups(linked: Linked) -> None:
    circle = await make_circle(linked.person, "Ida")
    first_id = linked.link.id
    await linked.circle.spend(9000)
    await circle.spend(500)
    other = Linked(linked.book, circle, None, linked.server)
    await other.link_again()
    await linked.caught_up()
    await other.require_even()
    assert other.link.id != first_id
    assert (await linked.receivables(), await other.receivables()) == ({"EUR": 6000}, {"EUR": 250})


async def test_what_comes_back_has_the_category_that_the_group_gives_it_now(linked: Linked) -> None:
    fun = await make_category(linked.book, "Fun")
    await linked.update("categories", categories=[ledger_links_pb2.LinkedCategory(name="fun", category_id=fun)])
    expense = await linked.circle.spend(300)
    await linked.caught_up()
    await linked.change(expense.id, category="fun")
    await delete(linked.circle, expense)
    await linked.caught_up()
    request = group_expenses_pb2.RestoreExpenseRequest(
        request_id=new_id(), group_id=linked.circle.id, expense_id=expense.id
    )
    await linked.person.groups.RestoreExpense(request)
    await linked.caught_up()
    assert (await linked.of(expense.id))["EXPENSE"].entries[0].category_id == fun


async def test_what_does_not_fit_into_a_book_says_so_on_the_link_until_it_does(
    linked: Linked, clock: TurnedClock
) -> None:
    """A group may hold what a book's months cannot."""
    most = 2**63 - 1
    expense = await linked.circle.spend(most, among=[linked.circle.owner_id])
    await linked.circle.spend(3000)
    await linked.follow()
    link = (await linked.get()).link
    assert (link.problem, link.state) == ("AMOUNT_OUT_OF_RANGE", ACTIVE)
    await delete(linked.circle, expense)
    with clock.later(seconds=PUT_OFF.total_seconds() + 1):
        await linked.follow()
    assert (await linked.get()).link.problem == ""
