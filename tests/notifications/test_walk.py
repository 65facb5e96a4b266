"""A long walk: whatever people do in a group and a book, with two servers that follow at once and die again and again, everybody is told
exactly what a model says, once."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
import pytest

from circle import Circle, equally, make_circle, money, paid_by
from fresh_database import fresh_database
from inbox import ADDED, CHANGED, CONFIRMED, DELETED, DISPUTED, REVERSED, delete, listed
from ledger.two_servers import Died
from people import Client, Person, new_id, sign_up
from rpc.groups import settling
from rpc.groups.commenting import say
from rpc.spaces.sharing import member_of, remove, share
from tallystick import app
from tallystick.config import Config
from tallystick.notifications.following.job import LEASE, NoticeFollow
from tallystick.notifications.raising import Raising
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1.group_expenses_pb2 import (
    BatchCreateExpensesRequest,
    DeleteExpenseRequest,
    Expense,
    ExpenseDraft,
    RestoreExpenseRequest,
    UpdateExpenseRequest,
)
from tallystick_client.v1.space_pb2 import Member
from turned_clock import TurnedClock

STEPS = 120
Told = tuple[Any, ...]
Step = Callable[[], Awaitable[None]]


@dataclass
class Debt:
    """An expense as the model knows it: whose it is to bear, how much it is, and whether it is there."""

    id: str
    minor: int
    among: frozenset[str]
    is_there: bool = True


@dataclass
class Walk:
    """People in a group, and what each of them is to be told."""

    circle: Circle
    dice: random.Random
    # By member id. Those who are in now.
    inside: dict[str, Person]
    outside: list[Person]
    settle: Step
    expected: dict[str, Counter[Told]] = field(default_factory=dict)
    debts: list[Debt] = field(default_factory=list)
    settlements: list[Any] = field(default_factory=list)
    # Who ever gave or got something: they may owe, and cannot go.
    settled: set[str] = field(default_factory=set)

    def expect(self, by: Person, told: Told, *, member_ids: frozenset[str]) -> None:
        """All of these who are in, but for whoever does it."""
        for member_id, person in self.inside.items():
            if person is not by and member_id in member_ids:
                self.expected.setdefault(person.user.id, Counter())[told] += 1

    def somebody(self) -> tuple[str, Person]:
        return self.dice.choice(sorted(self.inside.items()))

    def some(self) -> frozenset[str]:
        return frozenset(self.dice.sample(sorted(self.inside), self.dice.randint(1, len(self.inside))))

    def choose(self) -> tuple[Step, bool]:
        """What to do next, and whether others may be killed meanwhile."""
        steps = [self.spend, self.spend_many, self.change, self.rename, self.undo, self.pay, self.answer, self.come]
        settling_ones = [self.comment, self.go]
        step = self.dice.choice([*steps, *settling_ones])
        return step, step not in settling_ones

    def _draft(self, payer: str, minor: int, among: frozenset[str]) -> ExpenseDraft:
        return self.circle.draft(minor, by=payer, among=sorted(among))

    async def spend(self) -> None:
        await self._spend(1)

    async def spend_many(self) -> None:
        await self._spend(self.dice.randint(2, 6))

    async def _spend(self, many: int) -> None:
        payer, person = self.somebody()
        drafts, counted = [], Counter[str]()
        made = []
        for _ in range(many):
            minor, among = self.dice.randint(100, 9999), self.some()
            drafts.append(self._draft(payer, minor, among))
            made.append((minor, among | {payer}))
            counted.update(among | {payer})
        request = BatchCreateExpensesRequest(request_id=new_id(), group_id=self.circle.id, expenses=drafts)
        answer = await person.groups.BatchCreateExpenses(request)
        for expense_id, (minor, among) in zip(answer.expense_ids, made, strict=True):
            self.debts.append(Debt(expense_id, minor, among))
        for member_id, count in counted.items():
            self.expect(person, ("expenses", ADDED, count), member_ids=frozenset({member_id}))

    def _one(self, *, there: bool = True) -> Debt | None:
        found = [each for each in self.debts if each.is_there == there]
        return self.dice.choice(found) if found else None

    async def change(self) -> None:
        """Another amount, and others who bear it."""
        (payer, person), debt = self.somebody(), self._one()
        if debt is None:
            return
        among = self.some()
        draft = ExpenseDraft(
            amount=money(debt.minor + 1), payers=paid_by(**{payer: debt.minor + 1}), split=equally(*sorted(among))
        )
        await self._update(person, debt, draft)
        concerned = debt.among | among | {payer}
        self.expect(person, ("expenses", CHANGED, 1), member_ids=concerned)
        debt.minor, debt.among = debt.minor + 1, among | {payer}

    async def rename(self) -> None:
        (_, person), debt = self.somebody(), self._one()
        if debt is not None:
            await self._update(person, debt, ExpenseDraft(description=f"Nr {self.dice.random()}"))

    async def _update(self, person: Person, debt: Debt, draft: ExpenseDraft) -> None:
        request = UpdateExpenseRequest(request_id=new_id(), group_id=self.circle.id, expense_id=debt.id, change=draft)
        await person.groups.UpdateExpense(request)

    async def undo(self) -> None:
        """Deletes one, or brings one back."""
        (_, person), there = self.somebody(), self.dice.random() < 0.6
        debt = self._one(there=there)
        if debt is None:
            return
        named: dict[str, Any] = {"request_id": new_id(), "group_id": self.circle.id, "expense_id": debt.id}
        if there:
            await person.groups.DeleteExpense(DeleteExpenseRequest(**named))
        else:
            await person.groups.RestoreExpense(RestoreExpenseRequest(**named))
        self.expect(person, ("expenses", DELETED if there else ADDED, 1), member_ids=debt.among)
        debt.is_there = not there

    async def comment(self) -> None:
        (_, person), debt = self.somebody(), self._one()
        if debt is not None:
            await say(self.circle, person, Expense(id=debt.id))
            self.expect(person, ("comments", debt.id), member_ids=debt.among)
            # Before the expense is somebody else's: it is told to whose it is then.
            await self.settle()

    async def pay(self) -> None:
        if len(self.inside) < 2:
            return
        (from_id, _), (to_id, _) = self.dice.sample(sorted(self.inside.items()), 2)
        _, person = self.somebody()
        made = await settling.pay(self.circle, from_id, to_id, self.dice.randint(1, 99), by=person)
        self.expect(person, ("settlements", ADDED, 1), member_ids=frozenset({from_id, to_id}))
        self.settlements.append(made)
        self.settled |= {from_id, to_id}

    async def answer(self) -> None:
        """The one who got it says that they did, or did not; or it is taken back."""
        if not self.settlements:
            return
        made = self.settlements.pop(self.dice.randrange(len(self.settlements)))
        person = self.inside[made.to_member_id]
        verb, event = self.dice.choice(
            [(settling.confirm, CONFIRMED), (settling.dispute, DISPUTED), (settling.reverse, REVERSED)]
        )
        await verb(person, made)
        both = frozenset({made.from_member_id, made.to_member_id})
        self.expect(person, ("settlements", event, 1), member_ids=both)

    async def come(self) -> None:
        if self.outside:
            person = self.outside.pop()
            await share(self.circle.person, self.circle.id, person)
            member = await member_of(self.circle.person, self.circle.id, person)
            self.expect(person, ("members", member.id, True), member_ids=frozenset(self.inside))
            self.inside[member.id] = person

    async def go(self) -> None:
        """Only who owes nothing can: so it is mostly the one who has just come."""
        bound = self.settled.union(*(debt.among for debt in self.debts))
        free = [each for each, person in self.inside.items() if each not in bound and person is not self.circle.person]
        if free:
            member_id = self.dice.choice(sorted(free))
            # What was not told to somebody before they went is not told to them any more.
            await self.settle()
            self.outside.append(self.inside.pop(member_id))
            await remove(self.circle.person, Member(id=member_id, space_id=self.circle.id))
            self.expect(self.circle.person, ("members", member_id, False), member_ids=frozenset(self.inside))


def told_by(notification: Any) -> Told:
    """What a notification tells, as the model says it."""
    details = getattr(notification, notification.WhichOneof("details"))
    match notification.WhichOneof("details"):
        case "group_expenses":
            return ("expenses", details.event, details.count)
        case "group_settlements":
            return ("settlements", details.event, details.count)
        case "group_comments":
            return ("comments", details.expense_id)
        case "member_moved":
            return ("members", details.member_id, details.joined)
    raise AssertionError(f"nobody expected {notification}")


class Dying(Raising):
    """Its process is killed at some moment: before, or just after, it has told something."""

    def __init__(self, server: app.App, dice: random.Random) -> None:
        super().__init__(server.store, server.apart)
        self._left, self._dies_before = dice.randint(0, 6), dice.random() < 0.5

    async def _tell(self, *arguments: Any) -> None:
        self._left -= 1
        if self._left < 0 and self._dies_before:
            raise Died
        await super()._tell(*arguments)
        if self._left < 0:
            raise Died


def follower(server: app.App, raising: Raising | None = None) -> NoticeFollow:
    jobs = server.notifications
    return NoticeFollow(server.store, server.apart, jobs.follow._reading, raising or jobs.raising)


async def follow_and_die(server: app.App, dice: random.Random) -> None:
    with suppress(Died):
        await follower(server, Dying(server, dice)).run()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everybody_is_told_everything_once(postgres: EmbeddedPostgres, config: Config, seed: int) -> None:
    dice, clock = random.Random(seed), TurnedClock()
    async with fresh_database(postgres) as database:
        settings = replace(config, database_url=database.app_dsn)
        async with (
            app.running(settings, clock) as first,
            app.running(settings, clock) as second,
            grpc.aio.insecure_channel(f"127.0.0.1:{first.port}") as channel,
        ):

            async def settle() -> None:
                """Whatever those who died have left behind is taken over."""
                with clock.later(seconds=LEASE.total_seconds() + 1):
                    await asyncio.gather(*(follower(server).run() for server in (first, second)))
                    await follower(first).run()

            people = [await sign_up(Client(channel), name) for name in ("Ann", "Bob", "Cyd", "Dee")]
            circle = await make_circle(people[0])
            walk = Walk(circle, dice, {circle.owner_id: people[0]}, people[1:], settle)
            seen: dict[str, Counter[Told]] = {person.user.id: Counter() for person in people}
            for _ in range(STEPS):
                killed = [follow_and_die(server, dice) for server in (first, second) if dice.random() < 0.7]
                step, is_at_once = walk.choose()
                await asyncio.gather(*killed, *([step()] if is_at_once else ()))
                if not is_at_once:
                    await step()
                if dice.random() < 0.2:
                    person = dice.choice(people)
                    for each in (await listed(person))[:1]:
                        seen[person.user.id][told_by(each)] += 1
                        await delete(person, each.id)
            await settle()
            for person in people:
                seen[person.user.id].update(told_by(each) for each in await listed(person))
                assert seen[person.user.id] == walk.expected.get(person.user.id, Counter())
            assert sum(sum(told.values()) for told in seen.values()) > STEPS
