"""Webhooks keep up with their spaces: everything at least once and in order, whatever happens to whoever works on it."""

import asyncio
import time
from contextlib import suppress
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from ledger.two_servers import Died
from people import BookOf, Person, make_book
from tallystick.app import App
from tallystick.webhooks import job as delivery_job
from tallystick.webhooks import writes
from tallystick.webhooks.delivering import Delivering
from tallystick.webhooks.job import LEASE, DeliveryJob
from tallystick.webhooks.rules import GIVE_UP_AFTER, PAUSE_MAX
from tallystick.webhooks.sending import Sender
from turned_clock import TurnedClock
from webhooks.desk import FAILURES, PROBLEMS, Hooked, hook
from webhooks.receiver import BROKEN, LOOPBACK, OK, Received, Receiver, receiving, silent

SHORT_S = 0.3
PATIENCE_S = 10.0


async def spend(book: BookOf, many: int) -> list[int]:
    """The versions of so many commits."""
    return [(await book.spend()).transaction.version for _ in range(many)]


def job_of(server: App, job: type[DeliveryJob] = DeliveryJob, *, deadline_s: float = PATIENCE_S) -> DeliveryJob:
    """Another server's, as far as webhooks can tell."""
    delivering = Delivering(
        server.webhooks.delivering.secrets, Sender(LOOPBACK, deadline_s=deadline_s), server.store.clock
    )
    return job(server.store, server.apart, delivering)


async def run(job: DeliveryJob, hooked: Hooked) -> None:
    await job.run([UUID(hooked.book.id)])


async def test_a_failure_holds_up_what_is_behind_it(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    first, second = await spend(hooked.book, 2)
    receiver.answer = BROKEN
    for hours in range(3):
        with clock.later(hours=hours):
            await hooked.deliver()
            await hooked.deliver()
    assert receiver.versions == [first] * 3
    assert len({(each.delivery_id, each.body) for each in receiver.received}) == 1
    assert [each.number for each in await hooked.attempts()] == [3, 2, 1]
    receiver.answer = OK
    with clock.later(hours=4):
        await hooked.deliver()
        receiver.received[-1].require_signed(hooked.secret, clock.now())
    assert receiver.versions == [first] * 4 + [second]
    assert [each.number for each in await hooked.attempts()] == [1, 4, 3, 2, 1]


async def test_pauses_grow(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    await spend(hooked.book, 1)
    receiver.answer = BROKEN
    tried: list[int] = []
    for minutes in range(0, 300, 1):
        with clock.later(minutes=minutes):
            await hooked.deliver()
        if len(receiver.received) > len(tried):
            tried.append(minutes)
    pauses = [after - before for before, after in pairwise(tried)]
    assert pauses[0] == 1
    assert max(pauses[:3]) < 10
    assert PAUSE_MAX.total_seconds() / 120 <= pauses[-1] <= PAUSE_MAX.total_seconds() / 60 + 1


async def test_after_a_day_it_is_given_up_and_the_next_goes_on(
    hooked: Hooked, receiver: Receiver, clock: TurnedClock
) -> None:
    first, second, third = await spend(hooked.book, 3)

    async def refuse_first(received: Received, writer: asyncio.StreamWriter) -> None:
        await (BROKEN if received.event.to_version == first else OK)(received, writer)

    receiver.answer = refuse_first
    await hooked.deliver()
    with clock.later(seconds=GIVE_UP_AFTER.total_seconds()):
        await hooked.deliver()
    assert receiver.versions == [first, first, second, third]
    (letter,) = await hooked.letters()
    assert (letter.to_version, letter.attempts, letter.problem) == (first, 2, FAILURES.DELIVERY_PROBLEM_STATUS)
    # Whoever has not got the first one sees that something is missing.
    assert [event.from_version for event in receiver.events[1:3]] == [hooked.webhook.version, first]
    assert await hooked.problem() == 0


async def test_one_that_fails_for_days_stops_and_lacks_nothing_when_it_goes_on(
    hooked: Hooked, receiver: Receiver, clock: TurnedClock
) -> None:
    versions = await spend(hooked.book, 5)
    receiver.answer = BROKEN
    await hooked.give_up(clock, 3)
    assert await hooked.problem() == PROBLEMS.WEBHOOK_PROBLEM_TARGET_FAILING
    tried = len(receiver.received)
    with clock.later(days=30):
        await hooked.deliver()
    assert len(receiver.received) == tried
    assert [each.to_version for each in await hooked.letters()] == versions[:2]
    receiver.answer = OK
    assert (await hooked.update(description="mended")).problem == 0
    await hooked.deliver()
    assert receiver.versions[tried : tried + 3] == versions[2:]


async def test_a_target_that_comes_back_is_forgiven(hooked: Hooked, receiver: Receiver, clock: TurnedClock) -> None:
    await spend(hooked.book, 6)
    receiver.answer = BROKEN
    await hooked.give_up(clock, 2)
    receiver.answer = OK
    with clock.later(days=3):
        await hooked.deliver()
        assert receiver.versions[-1] == receiver.versions[-2] + 1
    receiver.answer = BROKEN
    await spend(hooked.book, 1)
    await hooked.rewind()
    await hooked.give_up(clock, 2)
    assert await hooked.problem() == 0


async def test_a_target_that_hangs_holds_up_nobody_else(
    server: App, book: BookOf, receiver: Receiver, ann: Person
) -> None:
    async with receiving() as hanging:
        hanging.answer = silent
        stuck = await hook(server, book, hanging)
        hooked = await hook(server, book, receiver)
        versions = await spend(book, 2)
        job = job_of(server, deadline_s=PATIENCE_S)
        running = asyncio.create_task(run(job, hooked))
        # Whichever of them is reached first.
        await until(lambda: receiver.versions[-2:] == versions and bool(hanging.received))
        assert not running.done()
        assert len(hanging.received) == 1
        await job._end_workers()
        with suppress(asyncio.CancelledError):
            await running
        assert await stuck.attempts() == []


async def test_no_connection_is_held_while_targets_hang(server: App, ann: Person, receiver: Receiver) -> None:
    """More of them than the pool has connections."""
    receiver.answer = silent
    books = [await make_book(ann) for _ in range(3)]
    for book in books:
        for _ in range(6):
            await hook(server, book, receiver)
        await book.spend()
    job = job_of(server, deadline_s=PATIENCE_S)
    running = asyncio.create_task(job.run([UUID(book.id) for book in books]))
    await until(lambda: len(receiver.received) == delivery_job.AT_ONCE)
    assert server.store.pool.get_stats()["pool_available"] >= 1
    await asyncio.wait_for(books[0].spend(), PATIENCE_S)
    await job._end_workers()
    with suppress(asyncio.CancelledError):
        await running


async def until(condition: Any) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        await asyncio.sleep(0.01)


async def test_two_servers_tell_everything_once(hooked: Hooked, receiver: Receiver, server: App) -> None:
    for _ in range(5):
        versions = await spend(hooked.book, 3)
        await asyncio.gather(*(run(job_of(server), hooked) for _ in range(4)))
        assert receiver.versions[-3:] == versions
    assert len(receiver.ids) == len(set(receiver.ids)) == 15


async def test_a_server_that_is_only_slow_does_not_put_back_how_far_it_is(
    hooked: Hooked, receiver: Receiver, server: App, clock: TurnedClock
) -> None:
    """Its lease has run out, and somebody else has told all of it meanwhile."""
    (first, *_, last) = await spend(hooked.book, 3)
    may_answer = asyncio.Event()

    async def wait(received: Received, writer: asyncio.StreamWriter) -> None:
        await may_answer.wait()
        await OK(received, writer)

    receiver.answer = wait
    slow = asyncio.create_task(run(job_of(server), hooked))
    await until(lambda: receiver.received)
    receiver.answer = OK
    with clock.later(seconds=LEASE.total_seconds() + 1):
        await run(job_of(server), hooked)
    assert receiver.versions[-1] == last
    may_answer.set()
    await slow
    assert receiver.versions.count(first) == 2
    assert receiver.versions.count(last) == 1
    assert (await hooked.get()).told_version == last


async def test_a_change_takes_it_out_of_the_hands_of_whoever_works_on_it(
    hooked: Hooked, receiver: Receiver, server: App
) -> None:
    await spend(hooked.book, 3)
    async with receiving() as other:

        async def move(received: Received, writer: asyncio.StreamWriter) -> None:
            receiver.answer = OK
            await hooked.update(url=other.url)
            await OK(received, writer)

        receiver.answer = move
        await run(job_of(server), hooked)
        assert len(receiver.received) == 1
        assert other.versions[:3] == [receiver.versions[0], receiver.versions[0] + 1, receiver.versions[0] + 2]


class Dying(DeliveryJob):
    """Dies when it is about to note what came of a delivery, or has just done so."""

    left = 0
    before = True

    async def _move(self, *arguments: Any, **options: Any) -> bool:
        type(self).left -= 1
        if self.left < 0 and self.before:
            raise Died
        moved = await super()._move(*arguments, **options)
        if self.left < 0:
            raise Died
        return moved


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("steps", range(4))
async def test_whoever_dies_is_followed_by_somebody_who_goes_on(
    hooked: Hooked, receiver: Receiver, server: App, clock: TurnedClock, steps: int, before: bool
) -> None:
    versions = await spend(hooked.book, 3)
    Dying.left, Dying.before = steps, before
    with suppress(Died):
        await run(job_of(server, Dying), hooked)
    told = len(receiver.received)
    await run(job_of(server), hooked)
    assert len(receiver.received) == told
    with clock.later(seconds=LEASE.total_seconds() + 1):
        await run(job_of(server), hooked)
    assert list(dict.fromkeys(receiver.versions)) == versions
    assert len(receiver.versions) <= 4
    assert len(set(receiver.ids)) == 3


async def test_it_goes_on_by_itself(server: App, receiver: Receiver, book: BookOf) -> None:
    hooked = await hook(server, book, receiver)
    async with job_of(server).going_on():
        for version in await spend(hooked.book, 2):
            await until(lambda version=version: version in receiver.versions)


async def test_others_have_their_turn_after_a_while(
    hooked: Hooked, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_job, "TURN_MAX", 1)
    monkeypatch.setattr(delivery_job, "PAGE_ROWS", 3)
    versions = await spend(hooked.book, 8)
    await hooked.deliver()
    assert receiver.versions == versions


async def test_a_look_without_webhooks_is_one_query(server: App, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    async def fetch(call: Any) -> list[Any]:
        asked.append(call.statement)
        return []

    monkeypatch.setattr(server.apart, "fetch", fetch)
    await job_of(server)._look(None)
    await job_of(server)._look([UUID(int=1)])
    assert asked == [writes.LEASE_ANY, writes.LEASE_OF]
