"""VerifyBook: is everything that a book keeps what its transactions and its journal say?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import grpc
import pytest

import proof as tables
from ledger.corruptions import CORRUPTIONS
from ledger.spoiler import BALANCE_DIFFERS, Spoiler, unguarded
from ledger.whole_book import eur, make_whole_book
from people import BookOf, Client, Person, new_id, read_refusal
from rpc.ledger.shelf import delete, make, restore, with_key, with_member
from rpc.spaces.sharing import VIEWER
from tallystick.app import App
from tallystick.ledger.tables import BALANCE
from tallystick.proof import proving
from tallystick.store.own_work import own_snapshot
from tallystick_client.v1 import ledger_pb2, ledger_service_pb2_grpc, ledger_transactions_pb2
from tallystick_client.v1 import ledger_proof_pb2 as pb


def verify(person: Client, book_id: str, **options: Any) -> Any:
    """The call itself, which is a stream."""
    stub = ledger_service_pb2_grpc.LedgerServiceStub(person.channel)
    return stub.VerifyBook(pb.VerifyBookRequest(book_id=book_id), metadata=person.metadata, **options)


async def steps_of(person: Client, book_id: str) -> list[pb.VerifyBookResponse]:
    return [step async for step in verify(person, book_id)]


async def differences_of(person: Client, book_id: str) -> list[pb.Difference]:
    return [step.difference for step in await steps_of(person, book_id) if step.HasField("difference")]


async def refused(person: Client, book_id: str) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await steps_of(person, book_id)
    refusal = read_refusal(failed.value)
    return refusal.code, refusal.reason


def spoiled(server: App, database: tables.Connection, book: BookOf) -> Any:
    return unguarded(database, tables.open_seal(database, server.store.keys, UUID(book.id)))


async def spend_often(book: BookOf, times: int) -> None:
    draft = ledger_pb2.TransactionDraft(
        kind=ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE,
        account_id=book.account_id,
        amount=eur(1),
        booked_on="2026-02-03",
    )
    await book.person.ledger.BatchCreateTransactions(
        ledger_transactions_pb2.BatchCreateTransactionsRequest(
            request_id=new_id(), book_id=book.id, transactions=[draft] * times
        )
    )


async def test_verify_book_finds_nothing_wrong_with_a_book_in_which_everything_has_happened(
    book: BookOf, database: tables.Connection
) -> None:
    await make_whole_book(book)
    *others, last = await steps_of(book.person, book.id)
    assert all(step.HasField("progress") for step in others)
    ((seq, transactions, accounts, changes),) = database.execute(
        """
        SELECT seq, (SELECT count(*) FROM transaction WHERE space_id = space.id AND deleted_at IS NULL),
          (SELECT count(*) FROM account WHERE space_id = space.id AND deleted_at IS NULL),
          (SELECT count(*) FROM journal WHERE space_id = space.id)
        FROM space WHERE id = %s
        """,
        (book.id,),
    ).fetchall()
    assert last.verdict == pb.Verdict(
        holds=True, transactions=transactions, accounts=accounts, changes=changes, differences=0, version=seq
    )


async def test_verify_book_proves_an_empty_book(book: BookOf) -> None:
    first, last = await steps_of(book.person, book.id)
    assert (first.progress.transactions_checked, first.progress.transactions_total) == (0, 0)
    assert last.verdict.holds


async def test_verify_book_says_how_far_it_is(book: BookOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "PROGRESS_EVERY", 20)
    await spend_often(book, 50)
    *steps, last = await steps_of(book.person, book.id)
    assert [step.progress.transactions_checked for step in steps] == [0, 20, 40]
    assert {step.progress.transactions_total for step in steps} == {50}
    assert last.verdict.transactions == 50


@pytest.mark.parametrize("name", ["a balance", "a total", "an entry's number", "a change gone"])
async def test_verify_book_names_what_differs(
    name: str, book: BookOf, server: App, database: tables.Connection
) -> None:
    await make_whole_book(book)
    with spoiled(server, database, book) as spoiler:
        kind, _ = CORRUPTIONS[name](spoiler)
        *_, last = steps = await steps_of(book.person, book.id)
        spoiler.put_back()
    found = [step.difference for step in steps if step.HasField("difference")]
    assert int(kind) in {int(difference.kind) for difference in found}
    assert all(difference.expected and difference.actual for difference in found)
    assert (last.verdict.holds, last.verdict.differences) == (False, len(found))


async def test_verify_book_names_at_most_a_thousand_and_counts_them_all(
    book: BookOf, server: App, database: tables.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "NAMED_MAX", 7)
    await spend_often(book, 30)
    with spoiled(server, database, book) as spoiler:
        spoiler.run("entry", "DELETE FROM entry WHERE space_id = %s", book.id)
        *steps, last = await steps_of(book.person, book.id)
        spoiler.put_back()
    assert sum(step.HasField("difference") for step in steps) == 7
    assert last.verdict.differences == 30


async def test_verify_book_proves_private_accounts_for_every_member_and_tells_their_amounts_to_their_owner(
    book: BookOf, server: App, database: tables.Connection
) -> None:
    whole = await make_whole_book(book)
    bob = await with_member(book.person, book.id, VIEWER, "Bob")
    with spoiled(server, database, book) as spoiler:
        _spoil_balance(spoiler, whole.private_id)
        (mine,) = await differences_of(book.person, book.id)
        (theirs,) = await differences_of(bob, book.id)
        spoiler.put_back()
        _spoil_balance(spoiler, whole.savings_id)
        assert await differences_of(bob, book.id) == await differences_of(book.person, book.id)
        spoiler.put_back()
    assert (int(mine.kind), mine.subject) == (int(BALANCE_DIFFERS), whole.private_id)
    assert mine.actual == "balance=-987654321"
    assert theirs == pb.Difference(kind=mine.kind, subject=mine.subject)


async def test_verify_book_tells_nobody_else_what_is_wrong_with_a_private_transaction(
    book: BookOf, server: App, database: tables.Connection
) -> None:
    await make_whole_book(book)
    bob = await with_member(book.person, book.id, VIEWER, "Bob")
    with spoiled(server, database, book) as spoiler:
        row = spoiler.pick("transaction", "private_to IS NOT NULL")
        spoiler.run("entry", "DELETE FROM entry WHERE transaction_id = %s", row["id"])
        spoiler.change("transaction", row, booked_on="1999-01-01")
        mine, theirs = await differences_of(book.person, book.id), await differences_of(bob, book.id)
        spoiler.put_back()
    assert [(each.kind, each.subject) for each in mine] == [(each.kind, each.subject) for each in theirs]
    assert all(each.expected for each in mine)
    assert not any(each.expected or each.actual for each in theirs)


def _spoil_balance(spoiler: Spoiler, account_id: str) -> None:
    row = spoiler.pick("balance", f"account_id = '{account_id}'")
    spoiler.change("balance", row, amount=spoiler.close_number(BALANCE, row, -987_654_321))


async def test_verify_book_reads_one_state_while_others_write(book: BookOf) -> None:
    """Balances of one moment and entries of another would differ."""
    await spend_often(book, 300)
    is_over = asyncio.Event()

    async def write() -> int:
        written = 0
        while not is_over.is_set():
            await book.spend()
            written += 1
        return written

    writer = asyncio.create_task(write())
    try:
        verdicts = [(await steps_of(book.person, book.id))[-1].verdict for _ in range(5)]
    finally:
        is_over.set()
    assert await writer
    assert all(verdict.holds for verdict in verdicts)
    assert verdicts[0].version < verdicts[-1].version


async def test_verify_book_lets_go_of_its_connection_when_the_client_goes_away(
    book: BookOf, server: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reading, has_ended = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def watched(*arguments: Any) -> AsyncIterator[Any]:
        try:
            async with own_snapshot(*arguments) as tx:
                yield tx
        finally:
            has_ended.set()

    async def wait_for_ever(self: Any, total: int) -> None:
        is_reading.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("tallystick.proof.proving.own_snapshot", watched)
    monkeypatch.setattr(proving.Proving, "_prove_ids", wait_for_ever)
    lent = server.store.pool.get_stats()["pool_size"] - server.store.pool.get_stats()["pool_available"]
    call = verify(book.person, book.id)
    await call.read()
    await is_reading.wait()
    call.cancel()
    await asyncio.wait_for(has_ended.wait(), 10)
    assert await server.calls.wait_idle(10)
    stats = server.store.pool.get_stats()
    assert stats["pool_size"] - stats["pool_available"] <= lent


async def test_verify_book_passes_on_what_went_wrong(book: BookOf, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(self: Any, total: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(proving.Proving, "_prove_ids", fail)
    assert await refused(book.person, book.id) == (grpc.StatusCode.INTERNAL, "INTERNAL")


async def test_verify_book_carries_the_id_of_the_call(book: BookOf) -> None:
    call = verify(book.person, book.id)
    async for _ in call:
        pass
    assert "x-request-id" in dict(await call.trailing_metadata())


async def test_verify_book_is_for_members(book: BookOf, client: Client, bob: Person) -> None:
    not_found = (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    assert await refused(bob, book.id) == not_found
    assert await refused(book.person, new_id()) == not_found
    assert (await refused(client, book.id))[0] is grpc.StatusCode.UNAUTHENTICATED
    assert await refused(book.person, "book") == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    key = await with_key(book.person, (await make(book.person)).id)
    assert await refused(key, book.id) == not_found


async def test_verify_book_does_not_find_a_deleted_book(book: BookOf) -> None:
    await delete(book.person, book.id)
    assert await refused(book.person, book.id) == (grpc.StatusCode.NOT_FOUND, "NOT_FOUND")
    await restore(book.person, book.id)
    assert (await steps_of(book.person, book.id))[-1].verdict.holds
