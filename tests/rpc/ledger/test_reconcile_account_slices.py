"""What if a statement covers more than one commit holds? Then it is locked in slices, and a call that was cut off goes on."""

from typing import Any
from uuid import UUID

import pytest

import proof
from people import BookOf, new_id, refusal_of
from rpc.ledger.accounts import (
    RECONCILED,
    close,
    draft,
    get,
    held_and_cleared,
    reconcile,
    reconcile_request,
    record,
    record_all,
    transaction,
)
from rpc.ledger.promises import changed
from tallystick.app import App
from tallystick.errors import Unavailable
from tallystick.ledger.accounts import commands_reconciling
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick_client.v1 import ledger_accounts_pb2 as pb

ON = "2026-01-31"


async def record_many(book: BookOf, count: int) -> list[str]:
    days = [f"2026-01-{number % 28 + 1:02}" for number in range(count)]
    return await record_all(book, [draft(book.account_id, 1, day) for day in days])


def seq_of(database: proof.Connection, book: BookOf) -> int:
    return proof.heads(database)[UUID(book.id)]


def locked_count(database: proof.Connection, book: BookOf) -> int:
    ((count,),) = database.execute(
        "SELECT count(*) FROM entry WHERE space_id = %s AND live AND status = %s", (book.id, int(RECONCILED))
    ).fetchall()
    return int(count)


async def test_reconcile_account_locks_more_than_a_commit_holds(book: BookOf, database: proof.Connection) -> None:
    ids = await record_many(book, 500) + await record_many(book, 450)
    later = await record(book, book.account_id, 5, "2026-02-01")
    before = seq_of(database, book)
    request = reconcile_request(book, book.account_id, 951, ON, adjust=True)
    answer: pb.ReconcileAccountResponse = await book.person.ledger.ReconcileAccount(request)
    assert answer.reconciliation.entries_reconciled == locked_count(database, book) == 951
    assert seq_of(database, book) == before + 3
    assert (await transaction(book, ids[0])).status == (await transaction(book, ids[-1])).status == RECONCILED
    assert await transaction(book, later.id) == later
    assert await held_and_cleared(book, book.account_id, ON) == (951, 951)
    assert (await get(book, book.account_id)).reconciled_on == ON
    assert await book.person.ledger.ReconcileAccount(request) == answer
    reused = await refusal_of(book.person.ledger.ReconcileAccount(changed(request, statement_on="2026-01-30")))
    assert reused.reason == "REQUEST_ID_REUSED"
    assert seq_of(database, book) == before + 3


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> int:
    """A commit that holds three entries, so that ten need several."""
    monkeypatch.setattr(commands_reconciling, "SLICE_MAX", 3)
    return 3


def cut_off_after(server: App, monkeypatch: pytest.MonkeyPatch, slices: int) -> None:
    """The server goes away when so many slices are committed."""
    write, done = server.store.write, 0

    async def cut_off(*arguments: Any, **options: Any) -> Any:
        nonlocal done
        if done == slices:
            raise Unavailable(ErrorReason.ERROR_REASON_SHUTTING_DOWN, "Cut off.")
        answer = await write(*arguments, **options)
        done += arguments[3] is commands_reconciling.lock_a_slice
        return answer

    monkeypatch.setattr(server.store, "write", cut_off)


@pytest.mark.parametrize("slices", [1, 2, 3])
async def test_reconcile_account_that_was_cut_off_goes_on_when_it_is_repeated(
    book: BookOf, database: proof.Connection, server: App, small_slices: int, slices: int
) -> None:
    await record_many(book, 12)
    before = seq_of(database, book)
    request = reconcile_request(book, book.account_id, 12, ON)
    with pytest.MonkeyPatch.context() as patch:
        cut_off_after(server, patch, slices)
        assert (await refusal_of(book.person.ledger.ReconcileAccount(request))).reason == "SHUTTING_DOWN"
    assert locked_count(database, book) == slices * small_slices
    assert (await get(book, book.account_id)).reconciled_on == ""

    other = changed(request, statement_on="2026-01-30")
    assert (await refusal_of(book.person.ledger.ReconcileAccount(other))).reason == "REQUEST_ID_REUSED"

    answer = await book.person.ledger.ReconcileAccount(request)
    assert answer.reconciliation.entries_reconciled == locked_count(database, book) == 12
    # Three slices and the last commit: none was done twice.
    assert seq_of(database, book) == before + 4
    assert await book.person.ledger.ReconcileAccount(request) == answer


async def test_reconcile_account_that_was_cut_off_can_be_done_by_another_call(
    book: BookOf, database: proof.Connection, server: App, small_slices: int
) -> None:
    await record_many(book, 10)
    with pytest.MonkeyPatch.context() as patch:
        cut_off_after(server, patch, 1)
        await refusal_of(reconcile(book, book.account_id, 10, ON))
    await record(book, book.account_id, 5, "2026-01-05")
    assert (await refusal_of(reconcile(book, book.account_id, 10, ON))).reason == "STATEMENT_MISMATCH"
    answer = await reconcile(book, book.account_id, 15, ON, reconciliation_id=new_id())
    assert answer.reconciliation.entries_reconciled == locked_count(database, book) == 11


@pytest.mark.parametrize("adjust", [False, True])
async def test_reconcile_account_that_must_fail_locks_no_slice(
    book: BookOf, database: proof.Connection, small_slices: int, adjust: bool
) -> None:
    await record_many(book, 10)
    await close(book, book.account_id, "2026-01-30")
    before = proof.count_rows(database)
    refusal = await refusal_of(reconcile(book, book.account_id, 11, ON, adjust=adjust))
    assert refusal.reason == ("ACCOUNT_CLOSED" if adjust else "STATEMENT_MISMATCH")
    assert proof.count_rows(database) == before
