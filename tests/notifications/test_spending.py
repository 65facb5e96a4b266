"""Who is told that more was spent than usual, or than was planned? Each member, of what they see."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Uuid, bindparam, select

from inbox import BUDGET_REACHED, UNUSUAL_SPENDING, caught_up, delete, listed
from people import BookOf, Person
from recurring import today
from rpc.ledger.accounts import draft, make, record_all
from rpc.spaces.sharing import VIEWER, leave, share
from tallystick.app import App
from tallystick.budgets.alerts import Reached
from tallystick.ledger.tables import account
from tallystick.notifications.due.spending import Spending
from tallystick.notifications.following.job import SPENDING_DELAY
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.money_pb2 import Money
from turned_clock import TurnedClock

THIS_MONTH = today().replace(day=1)
ACCOUNTS = prepare(select(account.c.id).where(account.c.space_id == bindparam("space_id", type_=Uuid)))


def months_ago(number: int) -> str:
    month = THIS_MONTH
    for _ in range(number):
        month = (month - timedelta(days=1)).replace(day=1)
    return month.isoformat()


async def spend_usually(book: BookOf, account_id: str, minors: Sequence[int], **other: Any) -> None:
    """So much in each of the months before this one, the nearest first."""
    fields = {"category_id": book.spending_id} | other
    drafts = [
        draft(account_id, -minor, months_ago(1 + number), **fields) for number, minor in enumerate(minors) if minor
    ]
    await record_all(book, drafts)


async def spend_now(book: BookOf, account_id: str, minor: int, **other: Any) -> None:
    fields = {"category_id": book.spending_id} | other
    await record_all(book, [draft(account_id, -minor, THIS_MONTH.isoformat(), **fields)])


async def look(server: App, clock: TurnedClock, *jobs: Spending) -> None:
    await caught_up(server)
    with clock.later(seconds=SPENDING_DELAY.total_seconds() + 1):
        await asyncio.gather(*(job.run() for job in jobs or [server.notifications.spending]))


async def unusual(server: App, clock: TurnedClock, person: Person) -> list[Any]:
    await look(server, clock)
    found = [each.unusual_spending for each in await listed(person, UNUSUAL_SPENDING)]
    return [(each.spent.minor, each.usual.minor) for each in reversed(found)]


async def test_twice_the_mean_is_told_once_a_month(server: App, clock: TurnedClock, book: BookOf) -> None:
    await spend_usually(book, book.account_id, [4000, 5000, 6000])
    await spend_now(book, book.account_id, 9999)
    assert await unusual(server, clock, book.person) == []
    await spend_now(book, book.account_id, 1)
    assert await unusual(server, clock, book.person) == [(10000, 5000)]
    (one,) = await listed(book.person, UNUSUAL_SPENDING)
    said = one.unusual_spending
    assert (one.space_id, said.category_id, said.category_name) == (book.id, book.spending_id, "Food")
    assert said.month == THIS_MONTH.isoformat()
    await delete(book.person, one.id)
    await spend_now(book, book.account_id, 50000)
    assert await unusual(server, clock, book.person) == []


async def test_what_has_no_category_or_is_earned_is_never_unusual(
    server: App, clock: TurnedClock, book: BookOf
) -> None:
    for category in ("", book.earning_id):
        sign = -1 if category else 1
        await record_all(
            book,
            [
                draft(book.account_id, -sign * minor, months_ago(ago), category_id=category)
                for ago, minor in enumerate([90000, 4000, 4000, 4000])
            ],
        )
    assert await unusual(server, clock, book.person) == []


async def test_each_is_told_of_what_they_see(
    server: App, clock: TurnedClock, book: BookOf, bob: Person, eve: Person
) -> None:
    await share(book.person, book.id, bob, VIEWER)
    await share(book.person, book.id, eve)
    private = await make(book, private=True)
    await spend_usually(book, book.account_id, [5000, 5000, 5000])
    await spend_now(book, book.account_id, 9000)
    await spend_now(book, private.id, 2000)
    await leave(eve, book.id)
    assert await unusual(server, clock, book.person) == [(11000, 5000)]
    assert await unusual(server, clock, bob) == []
    await spend_now(book, book.account_id, 1500)
    assert await unusual(server, clock, bob) == [(10500, 5000)]
    assert await unusual(server, clock, eve) == []


@dataclass
class Alerts:
    """What is reached in which book; and by whom it was asked, as the accounts that they see. Other tests' books may be due, too."""

    reached: dict[UUID, list[Reached]] = field(default_factory=dict)
    seen: dict[UUID, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))

    async def find(self, tx: ReadTx, today: date) -> list[Reached]:
        self.seen[tx.space_id].append((today, len(await tx.fetch(ACCOUNTS(space_id=tx.space_id)))))
        return self.reached.get(tx.space_id, [])


def alert(threshold_bp: int = 8000, item_id: UUID | None = None, from_on: date = THIS_MONTH) -> Reached:
    item_id = item_id or uuid4()
    planned, actual = Money(currency="EUR", minor=20000), Money(currency="EUR", minor=17000)
    return Reached(uuid4(), "Household", item_id, "Food", from_on, threshold_bp, planned, actual)


@pytest.fixture
def alerts() -> Alerts:
    return Alerts()


def jobs(server: App, alerts: Alerts, many: int = 1) -> list[Spending]:
    return [Spending(server.store, server.apart, server.notifications.raising, alerts.find) for _ in range(many)]


async def test_a_threshold_is_told_once_to_each_member(
    server: App, clock: TurnedClock, book: BookOf, bob: Person, eve: Person, alerts: Alerts
) -> None:
    await share(book.person, book.id, bob, VIEWER)
    first = alert()
    alerts.reached[UUID(book.id)] = [first]
    for _ in range(3):
        await book.spend()
        await look(server, clock, *jobs(server, alerts, 2))
    for person in (book.person, bob):
        (one,) = await listed(person, BUDGET_REACHED)
        said = one.budget_reached
        assert (said.budget_name, said.item_id, said.item_name) == ("Household", str(first.item_id), "Food")
        assert (said.from_on, said.threshold_bp) == (THIS_MONTH.isoformat(), 8000)
        assert (said.planned.minor, said.actual.minor) == (20000, 17000)
    assert await listed(eve, BUDGET_REACHED) == []


async def test_other_thresholds_items_and_periods_are_told_by_themselves(
    server: App, clock: TurnedClock, book: BookOf, alerts: Alerts
) -> None:
    first = alert()
    others = [alert(10000, first.item_id), alert(), alert(8000, first.item_id, THIS_MONTH - timedelta(days=1))]
    for reached in ([first], [first, *others]):
        alerts.reached[UUID(book.id)] = reached
        await book.spend()
        await look(server, clock, *jobs(server, alerts))
    assert len(await listed(book.person, BUDGET_REACHED)) == 4


async def test_budgets_are_read_as_each_member_and_on_the_book_s_own_day(
    server: App, clock: TurnedClock, book: BookOf, bob: Person, alerts: Alerts
) -> None:
    await share(book.person, book.id, bob)
    await make(book, private=True)
    await look(server, clock, *jobs(server, alerts))
    assert sorted(alerts.seen[UUID(book.id)]) == [(today(), 1), (today(), 2)]


async def test_a_book_that_changes_while_it_is_looked_at_is_looked_at_again(
    server: App, clock: TurnedClock, book: BookOf, alerts: Alerts
) -> None:
    late = alert()

    class Slow(Alerts):
        async def find(self, tx: ReadTx, today: date) -> list[Reached]:
            found = list(self.reached.get(tx.space_id, []))
            if tx.space_id == UUID(book.id) and not self.reached:
                self.reached[UUID(book.id)] = [late]
                await book.spend()
                await caught_up(server)
            return found

    slow = Slow()
    await book.spend()
    await look(server, clock, *jobs(server, slow))
    assert await listed(book.person, BUDGET_REACHED) == []
    with clock.later(seconds=2 * SPENDING_DELAY.total_seconds() + 2):
        await jobs(server, slow)[0].run()
    assert len(await listed(book.person, BUDGET_REACHED)) == 1


async def test_a_book_without_changes_is_not_looked_at(
    server: App, clock: TurnedClock, book: BookOf, alerts: Alerts
) -> None:
    await book.spend()
    await look(server, clock, *jobs(server, alerts))
    await look(server, clock, *jobs(server, alerts))
    assert len(alerts.seen[UUID(book.id)]) == 1
