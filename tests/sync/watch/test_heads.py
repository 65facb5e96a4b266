"""How do watchers hear of commits? Own ones at once, others' by rounds; and no failure of the database ends that."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import grpc
import pytest

from people import BookOf, Client, Person
from sync.watch.device import bodies, cursor_of, up_to_date, watching
from tallystick import app
from tallystick.caller import Caller
from tallystick.config import Config
from tallystick.errors import Unavailable
from tallystick.store.apart import Apart
from tallystick.sync import heads as module
from tallystick.sync.heads import Heads
from tallystick.sync.watcher import Watcher
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.sync_service_pb2 import WatchRequest
from turned_clock import TurnedClock

PATIENCE_S = 10.0
Rows = list[list[tuple[Any, ...]]]


class Asked:
    """Stands before the database: counts what it is asked, and fails when it is told to."""

    def __init__(self, apart: Apart) -> None:
        self._apart = apart
        self.calls: list[Sequence[Any]] = []
        self.failures: list[Exception] = []

    async def fetch_all(self, *calls: Any) -> Rows:
        self.calls.append(calls)
        if self.failures:
            raise self.failures.pop()
        return await self._apart.fetch_all(*calls)

    async def fetch(self, call: Any) -> list[tuple[Any, ...]]:
        return (await self.fetch_all(call))[0]


def watcher() -> Watcher:
    return Watcher(Caller(UUID(int=1), UUID(int=2), None, ""), WatchRequest(), {})


async def marked(watching: Watcher) -> set[UUID]:
    async with asyncio.timeout(PATIENCE_S):
        await watching.news.wait()
    watching.news.clear()
    dirty, watching.dirty = watching.dirty, set()
    return dirty


@pytest.fixture
def asked(server: app.App) -> Asked:
    return Asked(server.apart)


async def no_round(_: Apart) -> bool:
    """In the place of a round over all heads."""
    return False


async def seq_of(book: BookOf) -> int:
    return (await book.spend(1)).transaction.version


async def test_whoever_saw_an_older_head_than_is_known_looks_again(asked: Asked, book: BookOf) -> None:
    heads, first, second = Heads(), watcher(), watcher()
    seq, space_id = await seq_of(book), UUID(book.id)
    heads.follow(first, space_id, seq)
    heads.follow(second, space_id, seq - 1)
    assert (first.dirty, second.dirty) == (set(), {space_id})


async def test_own_commits_are_looked_at_together_and_before_the_next_round(
    asked: Asked, book: BookOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads, one, space_id = Heads(), watcher(), UUID(book.id)
    monkeypatch.setattr(heads, "_look_at_all", no_round)
    heads.follow(one, space_id, await seq_of(book))
    async with heads.asking(cast("Apart", asked)), asyncio.timeout(PATIENCE_S):
        await book.spend(1)
        for _ in range(50):
            heads.nudge(space_id)
            heads.nudge(UUID(int=7))
        assert await marked(one) == {space_id}
        assert len(asked.calls) == 1


@pytest.mark.parametrize(
    "failure",
    [Unavailable(ErrorReason.ERROR_REASON_DATABASE_UNAVAILABLE, "The database is away."), RuntimeError("whatever")],
    ids=["away", "broken"],
)
async def test_a_failure_of_the_database_ends_no_watch(
    asked: Asked, book: BookOf, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_MAX_S", 0.05)
    heads, one, space_id = Heads(), watcher(), UUID(book.id)
    heads.follow(one, space_id, await seq_of(book))
    asked.failures = [failure]
    async with heads.asking(cast("Apart", asked)):
        await book.spend(1)
        assert await marked(one) == {space_id}
    assert len(asked.calls) > 1
    assert asked.failures == []


async def test_a_round_asks_the_same_question_until_too_much_of_the_answer_is_known(
    asked: Asked, book: BookOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_MAX_S", 0.01)
    monkeypatch.setattr(module, "STALE_MAX", 0)
    heads, one, space_id = Heads(), watcher(), UUID(book.id)
    heads.follow(one, space_id, await seq_of(book))
    async with heads.asking(cast("Apart", asked)):
        await book.spend(1)
        assert await marked(one) == {space_id}
        await book.spend(1)
        assert await marked(one) == {space_id}
        async with asyncio.timeout(PATIENCE_S):
            while asked.calls[-1] == asked.calls[0] or asked.calls[-1] != asked.calls[-2]:
                await asyncio.sleep(0.01)
    assert not one.dirty
    heads.leave(one, [space_id])
    assert (heads._seqs, heads._watchers) == ({}, {})


async def test_watch_hears_of_own_commits_without_waiting_for_a_round(
    config: Config, clock: TurnedClock, book: BookOf, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        app.running(config, clock) as alone,
        grpc.aio.insecure_channel(f"127.0.0.1:{alone.port}") as channel,
    ):
        monkeypatch.setattr(alone.sync.watching._heads, "_look_at_all", no_round)
        client = Client(channel).with_token(ann.tokens.access_token)
        async with up_to_date(client, book.id, ann.user.home_id) as watch:
            spent = (await client.ledger.CreateTransaction(book.expense(100))).transaction
            assert spent in bodies(await watch.expect("changes"))


async def test_watches_that_wait_hold_no_connection(server: app.App, config: Config, book: BookOf, ann: Person) -> None:
    cursors = [await cursor_of(ann, space_id) for space_id in (book.id, ann.user.home_id)]
    streams = [watching(ann, *cursors) for _ in range(20)]
    try:
        for stream in streams:
            await (await stream.__aenter__()).start()
        pool = server.store.pool
        async with asyncio.timeout(PATIENCE_S):
            while (stats := pool.get_stats())["pool_available"] < stats["pool_size"]:
                await asyncio.sleep(0.01)
    finally:
        for stream in streams:
            await stream.__aexit__(None, None, None)
