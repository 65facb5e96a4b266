"""Who is told that a budget has come to a part of its plan? The whole way: a budget, an expense, and what is told of it."""

from datetime import timedelta

import pytest

from inbox import BUDGET_REACHED, caught_up, delete, listed
from people import BookOf, Person
from recurring import today
from rpc.budgets.planning import Planning, make_planning, months
from rpc.ledger.accounts import delete_transaction
from rpc.spaces.sharing import VIEWER, share
from tallystick.app import App
from tallystick.budgets.alerts import find_reached
from tallystick.notifications.due.spending import Spending
from tallystick.notifications.following.job import SPENDING_DELAY
from turned_clock import TurnedClock

THIS_MONTH = today().replace(day=1).isoformat()
LAST_MONTH = (today().replace(day=1) - timedelta(days=1)).replace(day=1).isoformat()


@pytest.fixture
async def planning(book: BookOf) -> Planning:
    """100 for food in a month, told at 50, 80 and 100 percent."""
    planned = await make_planning(
        book, periods=months(LAST_MONTH), starts_on=LAST_MONTH, thresholds_bp=[5000, 8000, 10000]
    )
    await planned.item("Food", 100)
    return planned


async def told(server: App, clock: TurnedClock, person: Person) -> list[tuple[int, int, int]]:
    """What the person was told of thresholds, the lowest first, after two servers have looked at once."""
    await caught_up(server)
    with clock.later(seconds=SPENDING_DELAY.total_seconds() + 1):
        for _ in range(2):
            await Spending(server.store, server.apart, server.notifications.raising, find_reached).run()
    found = [each.budget_reached for each in await listed(person, BUDGET_REACHED)]
    return sorted((each.threshold_bp, each.planned.minor, each.actual.minor) for each in found)


async def test_each_threshold_is_told_once_when_it_is_reached(
    planning: Planning, server: App, clock: TurnedClock
) -> None:
    await planning.spend("Food", 49, THIS_MONTH)
    assert await told(server, clock, planning.person) == []
    await planning.spend("Food", 31, THIS_MONTH)
    both = [(5000, 100, 80), (8000, 100, 80)]
    assert await told(server, clock, planning.person) == both
    await planning.spend("Food", 1, THIS_MONTH)
    assert await told(server, clock, planning.person) == both
    await planning.spend("Food", 40, THIS_MONTH)
    assert await told(server, clock, planning.person) == [*both, (10000, 100, 121)]


async def test_what_was_taken_back_and_spent_again_is_not_told_again(
    planning: Planning, server: App, clock: TurnedClock
) -> None:
    spent = await planning.spend("Food", 60, THIS_MONTH)
    assert await told(server, clock, planning.person) == [(5000, 100, 60)]
    await delete_transaction(planning.book, spent)
    await planning.spend("Food", 70, THIS_MONTH)
    assert await told(server, clock, planning.person) == [(5000, 100, 60)]


async def test_what_the_user_has_deleted_is_not_told_again(planning: Planning, server: App, clock: TurnedClock) -> None:
    await planning.spend("Food", 60, THIS_MONTH)
    await told(server, clock, planning.person)
    for each in await listed(planning.person, BUDGET_REACHED):
        await delete(planning.person, each.id)
    await planning.spend("Food", 1, THIS_MONTH)
    assert await told(server, clock, planning.person) == []


async def test_other_periods_and_templates_are_not_told_of(planning: Planning, server: App, clock: TurnedClock) -> None:
    template = await make_planning(planning.book, template=True, thresholds_bp=[1])
    await template.item("Food", 1)
    await planning.spend("Food", 100, LAST_MONTH)
    assert await told(server, clock, planning.person) == []


async def test_every_member_is_told_of_what_they_see(
    planning: Planning, server: App, clock: TurnedClock, bob: Person
) -> None:
    await share(planning.person, planning.book.id, bob, VIEWER)
    private = await planning.account("EUR", private=True)
    await planning.spend("Food", 50, THIS_MONTH, account_id=private)
    await planning.spend("Food", 50, THIS_MONTH)
    assert await told(server, clock, bob) == [(5000, 100, 50)]
    assert await told(server, clock, planning.person) == [(5000, 100, 100), (8000, 100, 100), (10000, 100, 100)]
