"""Does an import do everything once, wherever it is interrupted?"""

import asyncio
from typing import Any
from uuid import UUID

import pytest

import proof
from imports.desk import STATUS, Desk, statement
from imports.killing import Killing, again_and_again
from inbox import IMPORT_FINISHED, listed
from tallystick.app import App
from tallystick.imports import recording, reverting, service, staging
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE
from tallystick_client.v1 import ledger_proof_pb2, ledger_service_pb2_grpc

ROWS = 12
TEXT = statement(
    *(f"2026-03-{day:02},Shop {day},-{day}.00,{'Travel' if day % 2 else 'Food'}" for day in range(1, ROWS + 1)),
    head="Date,Payee,Amount,Category",
)
SUM = -100 * sum(range(1, ROWS + 1))


@pytest.fixture(autouse=True)
def small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many commits of few rows."""
    monkeypatch.setattr(recording, "ROWS_IN_COMMIT", 5)
    monkeypatch.setattr(reverting, "ROWS_IN_COMMIT", 5)


async def test_killed_at_every_commit_it_goes_on_and_does_all_of_it_once(
    desk: Desk, server: App, monkeypatch: pytest.MonkeyPatch, postgres: EmbeddedPostgres
) -> None:
    made = await desk.create(TEXT, choices={"create_categories": True})
    killing = Killing(server.store, monkeypatch)
    done, attempts = await again_and_again(lambda: desk.process(made.id), killing)
    assert attempts > 3
    assert (done.status, done.counts.imported) == (STATUS.IMPORT_STATUS_DONE, ROWS)
    killing.left = 0
    assert await desk.book.balance() == SUM
    assert len(await desk.transactions()) == ROWS
    assert await _holds(desk)
    reverted, attempts = await again_and_again(lambda: desk.revert(made.id), killing)
    assert attempts > 3
    assert (reverted.counts.reverted, reverted.counts.kept) == (ROWS, 0)
    killing.left = 0
    assert (await desk.book.balance(), await desk.transactions()) == (0, [])
    assert await _holds(desk)
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as database:
        proof.prove(database, server.store.keys, UUID(desk.book.id))


async def test_killed_while_it_is_compared_it_is_compared_anew(
    desk: Desk, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "COMPARED_AT_ONCE", 200)
    monkeypatch.setattr(staging, "ROWS_IN_COMMIT", 50)
    lines = [f"2026-{1 + at % 12:02}-{1 + at % 28:02},Shop {at},-{1 + at}.00" for at in range(210)]
    made = await desk.create(statement(*lines))
    killing = Killing(server.store, monkeypatch)
    compared, attempts = await again_and_again(lambda: desk.process(made.id, only_compare=True), killing)
    assert attempts > 2
    assert compared.counts.new == 210
    assert [row.row_no for row in await desk.rows(made.id)] == [*range(1, 211)]


async def test_many_calls_at_once_end_alike_and_tell_it_once(desk: Desk) -> None:
    made = await desk.create(TEXT)
    ends = await asyncio.gather(*(desk.process(made.id) for _ in range(4)))
    assert {each.counts.imported for each in ends} == {ROWS}
    assert await desk.book.balance() == SUM
    notices = await _notices(desk)
    assert [(each.imported, each.known, each.failed) for each in notices] == [(ROWS, 0, 0)]


async def _notices(desk: Desk) -> list[Any]:
    return [each.import_finished for each in await listed(desk.book.person, IMPORT_FINISHED)]


async def _holds(desk: Desk) -> bool:
    """What the book itself says when it is proven."""
    stub = ledger_service_pb2_grpc.LedgerServiceStub(desk.book.person.channel)
    request = ledger_proof_pb2.VerifyBookRequest(book_id=desk.book.id)
    told = [each async for each in stub.VerifyBook(request, metadata=desk.book.person.metadata)]
    return bool(told[-1].verdict.holds)
