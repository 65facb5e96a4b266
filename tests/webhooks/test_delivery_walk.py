"""Two servers, people who write, receivers that fail, servers that die: does everything arrive, in the order that is promised?

Seeded: a walk that fails does so again. No clock is waited for; it is turned.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import grpc
import pytest

from fresh_database import fresh_database
from ledger.two_servers import Died
from people import BookOf, Client, make_book, new_id, sign_up
from tallystick import app
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.webhooks import bodies
from tallystick.webhooks import job as delivery_job
from tallystick.webhooks.job import DeliveryJob
from tallystick_client.v1 import ledger_pb2, ledger_transactions_pb2, sync_service_pb2
from turned_clock import TurnedClock
from webhooks.desk import Hooked, hook
from webhooks.receiver import BROKEN, LOOPBACK, OK, Received, Receiver, receiving

STEPS = 60
HOURS_MAX = 20


class Mortal(DeliveryJob):
    """Dies now and then: before it has noted what came of a delivery, or just after."""

    dice = random.Random(0)
    is_mortal = True

    async def _move(self, *arguments: Any, **options: Any) -> bool:
        fate = self.dice.random() if self.is_mortal else 1.0
        if fate < 0.05:
            raise Died
        moved = await super()._move(*arguments, **options)
        if fate < 0.1:
            raise Died
        return moved


@dataclass
class Target:
    """A receiver that fails at random, and remembers what it has taken."""

    receiver: Receiver
    dice: random.Random
    clock: TurnedClock
    is_well: bool = False
    taken: list[Received] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)

    async def answer(self, received: Received, writer: asyncio.StreamWriter) -> None:
        fate = 1.0 if self.is_well else self.dice.random()
        if fate < 0.15:
            await BROKEN(received, writer)
        elif fate < 0.3:
            writer.transport.abort()
        else:
            # It has it; whether the answer arrives is another matter.
            self.taken.append(received)
            self.moments.append(self.clock.now())
            if fate > 0.4:
                await OK(received, writer)


@dataclass
class Walk:
    """What happens."""

    book: BookOf
    hooks: list[Hooked]
    targets: list[Target]
    jobs: list[Mortal]
    clock: TurnedClock
    dice: random.Random
    hours: float = 0.0

    async def step(self) -> None:
        await self.dice.choice([self.write, self.write, self.write_many, self.deliver, self.deliver, self.wait])()

    async def write(self) -> None:
        for _ in range(self.dice.randint(1, 4)):
            await self.book.spend(self.dice.randint(1, 10_000), note="n" * self.dice.randint(0, 200))

    async def write_many(self) -> None:
        draft = ledger_pb2.TransactionDraft(
            kind=ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=self.book.account_id,
            amount=self.book.expense(1).amount,
            booked_on="2026-02-03",
        )
        request = ledger_transactions_pb2.BatchCreateTransactionsRequest(
            request_id=new_id(), book_id=self.book.id, transactions=[draft] * self.dice.randint(1, 30)
        )
        await self.book.person.ledger.BatchCreateTransactions(request)

    async def wait(self) -> None:
        """Less than a day in all, so that nothing is given up."""
        self.hours = min(self.hours + self.dice.random(), HOURS_MAX)

    async def deliver(self) -> None:
        with self.clock.later(hours=self.hours):
            await asyncio.gather(*(self._run(job) for job in self.jobs))

    async def _run(self, job: Mortal) -> None:
        with suppress(Died):
            await job.run()
        await job._end_workers()

    async def finish(self) -> None:
        """Everybody is well again, and time passes."""
        for target in self.targets:
            target.is_well = True
        for job in self.jobs:
            job.is_mortal = False
        self.hours += 2
        await self.deliver()


@asynccontextmanager
async def opened(postgres: EmbeddedPostgres, config: Config, seed: int) -> AsyncIterator[Walk]:
    clock, dice = TurnedClock(), random.Random(seed)
    Mortal.dice = random.Random(seed + 1)
    async with fresh_database(postgres) as database, receiving() as one, receiving() as other:
        settings = replace(config, database_url=database.app_dsn, webhook_networks=LOOPBACK)
        async with (
            app.running(settings, clock) as first,
            app.running(settings, clock) as second,
            grpc.aio.insecure_channel(f"127.0.0.1:{first.port}") as channel,
        ):
            book = await make_book(await sign_up(Client(channel), "Ann"))
            targets = [Target(each, dice, clock) for each in (one, other)]
            for target in targets:
                target.receiver.answer = target.answer
            hooks = [await hook(first, book, one), await hook(first, book, other, kinds=["transaction"])]
            jobs = [Mortal(each.store, each.apart, each.webhooks.delivering) for each in (first, second)]
            yield Walk(book, hooks, targets, jobs, clock, dice)


async def told_to_copies(walk: Walk) -> dict[str, int]:
    """Every transaction that there is, and its version."""
    request = sync_service_pb2.PullRequest(space_id=walk.book.id)
    pages = [page async for page in walk.book.person.streams.Pull(request)]
    changes = [change for page in pages for change in page.changes if change.entity.HasField("transaction")]
    return {change.entity.transaction.id: change.version for change in changes}


@pytest.mark.parametrize("seed", range(4))
async def test_everything_arrives_in_order(
    postgres: EmbeddedPostgres, config: Config, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(bodies, "PART_CHANGES", 7)
    monkeypatch.setattr(delivery_job, "PAGE_ROWS", 15)
    async with opened(postgres, config, seed) as walk:
        for _ in range(STEPS):
            await walk.step()
        await walk.finish()
        wanted = await told_to_copies(walk)
        assert wanted
        for hooked, target in zip(walk.hooks, walk.targets, strict=True):
            require_all(target, hooked, wanted)
            assert await hooked.letters() == []
            answer = await hooked.get()
            assert answer.told_version == answer.space_version
        assert any(len(each.taken) > len({one.delivery_id for one in each.taken}) for each in walk.targets)


def require_all(target: Target, hooked: Hooked, wanted: dict[str, int]) -> None:
    for received, moment in zip(target.taken, target.moments, strict=True):
        received.require_signed(hooked.secret, moment)
    # Repeats are what they were.
    by_id: dict[str, bytes] = {}
    for received in target.taken:
        assert by_id.setdefault(received.delivery_id, received.body) == received.body
    # Without them, commits come in order, whole, and each begins where the one before has ended.
    first = {received.delivery_id: received.event for received in reversed(target.taken)}
    order = list(dict.fromkeys(received.delivery_id for received in target.taken))
    told: dict[str, int] = {}
    ended = hooked.webhook.version
    is_whole = True
    for event in (first[each] for each in order):
        assert event.from_version == ended
        assert event.to_version > ended or not is_whole
        ended, is_whole = event.to_version, event.complete
        told |= {
            each.entity.transaction.id: each.version for each in event.changes if each.entity.HasField("transaction")
        }
    assert is_whole
    assert told == wanted
