"""Is every book proven once a night, by one of the servers, and does an operator hear of what differs?"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

import proof as tables
from fresh_database import FreshDatabase, fresh_database
from ledger.corruptions import CORRUPTIONS
from ledger.spoiler import Spoiler
from sample_book import SampleBook, make_book
from tallystick import schema
from tallystick.clock import Clock
from tallystick.jobs.writes import RunState
from tallystick.ledger.proof.proving import BookProof, Verdict
from tallystick.proof.job import LEASE, ProofJob, slot_of
from tallystick.proof.proving import entities_of
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store.apart import Apart
from tallystick.store.keyring import load_or_create
from tallystick.store.pool import open_pool
from tallystick.store.store import Store
from tallystick.v1.space_pb2 import SpaceKind

EVENING = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


class Hands(Clock):
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@dataclass
class Night:
    """Books in a database of their own, and servers that share it."""

    database: FreshDatabase
    store: Store
    books: list[SampleBook]
    hands: Hands

    def server(self) -> tuple[ProofJob, CollectorRegistry]:
        registry = CollectorRegistry()
        proof = BookProof(self.store, entities_of(schema))
        return ProofJob("book", SpaceKind.SPACE_KIND_BOOK, proof, Apart(self.store), self.hands, registry), registry

    def runs(self) -> list[tuple[Any, ...]]:
        with self.database.as_superuser() as connection:
            return connection.execute("SELECT space_id, slot, state, attempts, problem FROM job_run").fetchall()

    def spoil(self, book: SampleBook, name: str) -> None:
        with tables.connect(self.database.superuser_dsn) as connection:
            connection.execute("SET session_replication_role = replica")
            seal = tables.open_seal(connection, self.store.keys, book.space_id)
            CORRUPTIONS[name](Spoiler(connection, seal, Random(1)))


@pytest.fixture
async def night(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Night]:
    path = tmp_path_factory.mktemp("data") / "keyring.json"
    async with fresh_database(postgres) as database, open_pool(database.app_dsn, 4) as pool:
        store = Store(pool, load_or_create(path), Clock(), nudge=lambda space_id: None)
        books = [await make_book(store) for _ in range(3)]
        for book in books:
            await book.spend(1_234)
        yield Night(database, store, books, Hands(EVENING))


def value(registry: CollectorRegistry, name: str, **labels: str) -> float:
    found = registry.get_sample_value(name, labels)
    assert found is not None, "a series exists from the start, so that a rate over the first difference is not lost"
    return found


def logged(capsys: pytest.CaptureFixture[str], event: str) -> list[dict[str, Any]]:
    lines = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    return [line for line in lines if line["event"] == event]


async def test_every_book_is_proven_once_a_night_whatever_the_number_of_servers(night: Night) -> None:
    (one, first), (other, second) = night.server(), night.server()
    await asyncio.gather(one.run(), other.run())
    await one.run()
    wanted = {(book.space_id, EVENING.date(), RunState.DONE, 1, None) for book in night.books}
    assert {(*row,) for row in night.runs()} == wanted
    assert sum(value(each, "tallystick_books_proven_total") for each in (first, second)) == 3

    night.hands.at += timedelta(days=1)
    await other.run()
    assert len(night.runs()) == 6


def test_a_night_begins_after_midnight() -> None:
    assert slot_of(datetime(2026, 3, 2, 1, 59, tzinfo=UTC)) == EVENING.date()
    assert slot_of(datetime(2026, 3, 2, 2, 0, tzinfo=UTC)) > EVENING.date()


async def test_a_book_that_differs_is_logged_without_amounts_and_counted(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    book = night.books[1]
    night.spoil(book, "a balance")
    job, registry = night.server()
    await job.run()
    (line,) = logged(capsys, "book_differs")
    assert (line["level"], line["book_id"], line["differences"]) == ("error", str(book.space_id), 1)
    assert line["kinds"] == {"balance": 1}
    assert line["first"] == [f"balance balance.amount {book.account_id}"]
    assert "123" not in json.dumps(line | {"first": "", "at": "", "book_id": ""})
    assert value(registry, "tallystick_book_differences_total", kind="balance") == 1
    assert value(registry, "tallystick_book_differences_total", kind="total") == 0
    assert value(registry, "tallystick_books_proven_total") == 3
    assert {state for _, _, state, _, _ in night.runs()} == {RunState.DONE}


async def test_books_that_hold_are_not_logged(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    await night.server()[0].run()
    assert capsys.readouterr().out == ""


async def test_what_stops_one_proof_stops_no_other_and_is_tried_again(
    night: Night, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of_space, broken = BookProof.of_space, night.books[0].space_id

    async def fail(self: BookProof, book_id: UUID, tell: Any) -> Verdict:
        if book_id == broken:
            raise ZeroDivisionError
        return await of_space(self, book_id, tell)

    job, registry = night.server()
    with monkeypatch.context() as patched:
        patched.setattr(BookProof, "of_space", fail)
        await job.run()
    assert [line["book_id"] for line in logged(capsys, "book_not_proven")] == [str(broken)]
    assert value(registry, "tallystick_books_proven_total") == 2
    assert {row[2:] for row in night.runs() if row[0] == broken} == {(RunState.FAILED, 1, "ZeroDivisionError")}

    await job.run()
    assert value(registry, "tallystick_books_proven_total") == 2, "nobody tries again before the lease has run out"
    night.hands.at += LEASE
    await job.run()
    assert {row[2:] for row in night.runs() if row[0] == broken} == {(RunState.DONE, 2, None)}


async def test_deleted_books_are_proven_and_erased_ones_are_not(night: Night) -> None:
    with night.database.as_superuser() as connection:
        connection.execute("UPDATE space SET deleted_at = now() WHERE id = %s", (night.books[0].space_id,))
        connection.execute("UPDATE space SET erased_at = now() WHERE id = %s", (night.books[1].space_id,))
    await night.server()[0].run()
    assert {row[0] for row in night.runs()} == {night.books[0].space_id, night.books[2].space_id}
