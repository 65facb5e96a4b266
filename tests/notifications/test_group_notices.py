"""Who is told what of a group's expenses, settlements and comments?"""

from typing import Any

import pytest

from circle import Circle, equally, money, paid_by
from inbox import (
    ADDED,
    CHANGED,
    CONFIRMED,
    DELETED,
    DISPUTED,
    GROUP_COMMENTS,
    GROUP_EXPENSES,
    GROUP_SETTLEMENTS,
    REVERSED,
    listed,
    told,
)
from people import Person, new_id
from rpc.groups import hall, settling, spending
from rpc.groups.commenting import say
from rpc.spaces.sharing import VIEWER, invite, join, member_of, remove, share
from rpc.spaces.sharing import update as update_member
from tallystick.app import App
from tallystick_client.v1.group_expenses_pb2 import (
    BatchCreateExpensesRequest,
    DeleteExpenseRequest,
    ExpenseDraft,
    UpdateExpenseRequest,
)


async def id_of(circle: Circle, person: Person) -> str:
    return str((await member_of(circle.person, circle.id, person)).id)


async def change(circle: Circle, expense: Any, **fields: Any) -> None:
    request = UpdateExpenseRequest(
        request_id=new_id(), group_id=circle.id, expense_id=expense.id, change=ExpenseDraft(**fields)
    )
    await circle.person.groups.UpdateExpense(request)


async def delete(circle: Circle, expense: Any) -> None:
    request = DeleteExpenseRequest(request_id=new_id(), group_id=circle.id, expense_id=expense.id)
    await circle.person.groups.DeleteExpense(request)


async def test_an_expense_is_told_to_who_bears_or_paid_a_part(
    server: App, shared: Circle, ann: Person, bob: Person, eve: Person
) -> None:
    bob_id, eve_id = await id_of(shared, bob), await id_of(shared, eve)
    expense = await shared.spend(3000, among=[shared.owner_id, bob_id], by=bob_id)
    await shared.spend(600, among=[shared.owner_id], by=eve_id)
    (of_bob,) = await told(server, bob, GROUP_EXPENSES)
    assert (of_bob.space_id, of_bob.space_name) == (shared.id, "Trip")
    said = of_bob.group_expenses
    assert (said.event, said.actor_name, said.count) == (ADDED, "Ann", 1)
    (part,) = said.expenses
    assert (part.expense_id, part.description) == (expense.id, "Dinner")
    assert (part.amount, part.share) == (money(3000), money(1500))
    (of_eve,) = await listed(eve, GROUP_EXPENSES)
    assert of_eve.group_expenses.expenses[0].share == money(0)
    assert await listed(ann, GROUP_EXPENSES) == []


async def test_a_change_is_told_where_it_moves_money(server: App, shared: Circle, bob: Person, eve: Person) -> None:
    bob_id, eve_id = await id_of(shared, bob), await id_of(shared, eve)
    expense = await shared.spend(3000, among=[shared.owner_id, bob_id])
    await told(server, bob)
    await change(shared, expense, description="Supper", booked_on="2026-02-09", category="food", note="x")
    assert len(await told(server, bob, GROUP_EXPENSES)) == 1
    await change(shared, expense, amount=money(4000), payers=paid_by(**{shared.owner_id: 4000}))
    await change(shared, expense, split=equally(shared.owner_id, bob_id, eve_id))
    await change(shared, expense, split=equally(shared.owner_id, eve_id))
    found = [each.group_expenses for each in await told(server, bob, GROUP_EXPENSES)]
    assert [each.event for each in found] == [ADDED, *3 * [CHANGED]]
    assert [each.expenses[0].share.minor // 10 for each in found] == [150, 200, 133, 0]
    assert [each.group_expenses.event for each in await listed(eve, GROUP_EXPENSES)] == [CHANGED, CHANGED]


async def test_what_is_deleted_and_comes_back_is_told(server: App, shared: Circle, bob: Person) -> None:
    bob_id = await id_of(shared, bob)
    expense = await shared.spend(3000, among=[shared.owner_id, bob_id])
    await delete(shared, expense)
    await spending.restore(shared, expense)
    events = [each.group_expenses.event for each in await told(server, bob, GROUP_EXPENSES)]
    assert events == [ADDED, DELETED, ADDED]
    (ann_made,) = {each.group_expenses.actor_name for each in await listed(bob, GROUP_EXPENSES)}
    assert ann_made == "Ann"


async def test_many_in_one_commit_are_one_notification_that_counts_them(
    server: App, shared: Circle, bob: Person
) -> None:
    bob_id = await id_of(shared, bob)
    drafts = [shared.draft(300, among=[shared.owner_id, bob_id], description=f"Nr {number}") for number in range(7)]
    drafts += [shared.draft(300, among=[shared.owner_id]) for _ in range(3)]
    request = BatchCreateExpensesRequest(request_id=new_id(), group_id=shared.id, expenses=drafts)
    await shared.person.groups.BatchCreateExpenses(request)
    (one,) = await told(server, bob, GROUP_EXPENSES)
    assert one.group_expenses.count == 7
    assert [each.description for each in one.group_expenses.expenses] == [f"Nr {number}" for number in range(5)]


async def test_settlements_are_told_to_the_other_side(
    server: App, shared: Circle, ann: Person, bob: Person, eve: Person
) -> None:
    bob_id = await id_of(shared, bob)
    first = await settling.pay(shared, shared.owner_id, bob_id, 700)
    second = await settling.pay(shared, bob_id, shared.owner_id, 200, by=bob)
    third = await settling.pay(shared, shared.owner_id, bob_id, 50)
    await settling.confirm(bob, first)
    await settling.dispute(ann, second)
    await settling.reverse(ann, third)
    found = await told(server, bob, GROUP_SETTLEMENTS)
    assert [each.group_settlements.event for each in found] == [ADDED, ADDED, DISPUTED, REVERSED]
    said = found[0].group_settlements
    assert (said.actor_name, said.count) == ("Ann", 1)
    (part,) = said.settlements
    assert (part.settlement_id, part.from_name, part.to_name, part.amount) == (first.id, "Ann", "Bob", money(700))
    assert [each.group_settlements.settlements[0].from_me for each in found] == [False, False, True, False]
    of_ann = [each.group_settlements.event for each in await told(server, ann, GROUP_SETTLEMENTS)]
    assert of_ann == [ADDED, CONFIRMED]
    assert await listed(eve, GROUP_SETTLEMENTS) == []


async def test_comments_are_told_to_who_has_a_part(
    server: App, shared: Circle, ann: Person, bob: Person, eve: Person
) -> None:
    bob_id = await id_of(shared, bob)
    expense = await shared.spend(3000, among=[shared.owner_id, bob_id])
    comment = await say(shared, eve, expense, "Was it good?" + 300 * ".")
    (of_ann,), (of_bob,) = await told(server, ann, GROUP_COMMENTS), await told(server, bob, GROUP_COMMENTS)
    said = of_bob.group_comments
    assert (said.actor_name, said.count, said.comment_id, said.expense_id) == ("Eve", 1, comment.id, expense.id)
    assert (said.description, said.text[:12], len(said.text)) == ("Dinner", "Was it good?", 200)
    assert of_ann.group_comments == said
    await say(shared, bob, expense, "Yes")
    assert len(await told(server, ann, GROUP_COMMENTS)) == 2
    assert len(await listed(bob, GROUP_COMMENTS)) == 1
    assert await listed(eve, GROUP_COMMENTS) == []


async def test_viewers_are_told_and_who_has_left_is_not(server: App, shared: Circle, bob: Person, eve: Person) -> None:
    bob_id = await id_of(shared, bob)
    await update_member(shared.person, await member_of(shared.person, shared.id, bob), "role", role=VIEWER)
    await shared.spend(3000, among=[shared.owner_id, bob_id])
    assert len(await told(server, bob, GROUP_EXPENSES)) == 1
    # Nothing that was told goes with whoever leaves, and nothing is told to who has left by then.
    eve_id = await id_of(shared, eve)
    expense = await shared.spend(3000, among=[shared.owner_id, eve_id])
    await told(server, eve)
    await change(shared, expense, split=equally(shared.owner_id))
    await remove(shared.person, await member_of(shared.person, shared.id, eve))
    assert [each.group_expenses.event for each in await told(server, eve, GROUP_EXPENSES)] == [ADDED]


async def test_who_comes_later_is_not_told_of_what_was_before(server: App, circle: Circle, bob: Person) -> None:
    """Also when it is told only after they came."""
    gus = circle.guests["Gus"]
    await circle.spend(3000, among=[circle.owner_id, gus])
    await share(circle.person, circle.id, bob)
    assert await told(server, bob) == []


async def test_who_takes_the_place_of_a_guest_is_told_from_then_on(server: App, circle: Circle, bob: Person) -> None:
    gus = circle.guests["Gus"]
    await circle.spend(3000, among=[circle.owner_id, gus])
    await join(bob, (await invite(circle.person, circle.id, guest_id=gus)).code)
    await circle.spend(600, among=[circle.owner_id, gus])
    (one,) = await told(server, bob, GROUP_EXPENSES)
    assert one.group_expenses.expenses[0].share == money(300)


async def test_a_deleted_group_is_silent_until_it_comes_back(server: App, shared: Circle, bob: Person) -> None:
    bob_id = await id_of(shared, bob)
    await shared.spend(3000, among=[shared.owner_id, bob_id])
    await hall.delete(shared.person, shared.id)
    assert await told(server, bob, GROUP_EXPENSES) == []
    await hall.restore(shared.person, shared.id)
    assert len(await told(server, bob, GROUP_EXPENSES)) == 1


@pytest.mark.parametrize("minor", [1, 7])
async def test_what_was_converted_is_told_in_what_it_counts_as(
    server: App, shared: Circle, bob: Person, minor: int
) -> None:
    bob_id = await id_of(shared, bob)
    await shared.spend(1000 * minor, currency="USD", among=[bob_id], convert_with="0.5", convert_source="me")
    (one,) = await told(server, bob, GROUP_EXPENSES)
    (part,) = one.group_expenses.expenses
    assert (part.amount, part.share) == (money(1000 * minor, "USD"), money(500 * minor))
