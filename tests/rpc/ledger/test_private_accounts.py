"""What does a household see of an account that is one member's alone? Nothing but what it shares with their accounts."""

from typing import Any

import pytest

from people import BookOf, Person, new_id, refusal_of
from rpc.ledger.accounts import (
    PENDING,
    call,
    change,
    delete_transaction,
    draft,
    eur,
    get,
    held,
    history,
    lines,
    listed,
    make,
    opened,
    reconcile,
    record,
    record_all,
    shared_with,
    transaction,
    transfer,
    update,
)
from tallystick_client.v1 import ledger_proof_pb2, ledger_transactions_pb2
from tallystick_client.v1.ledger_pb2 import Account, TransactionDraft


@pytest.fixture
async def private(book: BookOf) -> Account:
    return await opened(book, 1000, private=True)


@pytest.fixture
async def theirs(book: BookOf, bob: Person) -> BookOf:
    """The book as Bob sees it, who is an editor."""
    return await shared_with(book, bob)


async def is_proven(book: BookOf) -> bool:
    """Whether VerifyBook finds no difference for this member."""
    stub: Any = book.person.ledger._stub
    steps = [
        step
        async for step in stub.VerifyBook(
            ledger_proof_pb2.VerifyBookRequest(book_id=book.id), metadata=book.person.metadata
        )
    ]
    assert steps[-1].HasField("verdict")
    return not any(step.HasField("difference") for step in steps)


async def test_private_accounts_are_not_there_for_others(book: BookOf, private: Account, theirs: BookOf) -> None:
    spent = await record(book, private.id, -70, "2026-01-05")
    assert spent.private_to == book.person.user.id
    days = ("2026-01-01", "2026-01-31")
    for hidden in (
        get(theirs, private.id),
        held(theirs, private.id),
        held(theirs, private.id, "2026-01-31"),
        history(theirs, private.id, *days),
        lines(theirs, private.id),
        update(theirs, private.id, name="mine"),
        update(theirs, private.id, "private"),
        call("Close", theirs, private.id, closed_on="2026-12-31"),
        call("Reopen", theirs, private.id),
        call("Delete", theirs, private.id),
        call("Restore", theirs, private.id),
        reconcile(theirs, private.id, 930),
        record(theirs, private.id, -1, "2026-01-05"),
        transfer(theirs, theirs.account_id, private.id, 1, "2026-01-05"),
        transfer(theirs, private.id, theirs.account_id, 1, "2026-01-05"),
        transaction(theirs, spent.id),
        transaction(theirs, private.opening_transaction_id),
        change(theirs, spent, note="x"),
        delete_transaction(theirs, spent),
    ):
        assert (await refusal_of(hidden)).reason == "NOT_FOUND"
    assert await listed(theirs) == {theirs.account_id: 0}
    assert await listed(book) == {book.account_id: 0, private.id: 930}


async def test_private_accounts_are_no_matter_for_the_proof_of_the_book(
    book: BookOf, private: Account, theirs: BookOf
) -> None:
    await record(book, private.id, -70, "2026-01-05")
    await transfer(book, private.id, book.account_id, 30, "2026-01-06")
    await delete_transaction(book, await record(book, private.id, -5, "2026-01-07"))
    assert await is_proven(theirs)
    assert await is_proven(book)


async def test_private_accounts_share_a_transfer_with_whoever_sees_its_other_end(
    book: BookOf, private: Account, theirs: BookOf
) -> None:
    moved = await transfer(book, private.id, book.account_id, 30, "2026-01-06")
    assert moved.private_to == ""
    assert await transaction(theirs, moved.id) == moved
    assert [line.transaction for line in await lines(theirs, theirs.account_id)] == [moved]
    for refused in (
        change(theirs, moved, amount=eur(31)),
        change(theirs, moved, booked_on="2026-01-07"),
        change(theirs, moved, booked_on="2026-02-07"),
        change(theirs, moved, account_id=(await make(theirs)).id),
        delete_transaction(theirs, moved),
    ):
        assert (await refusal_of(refused)).reason == "NOT_FOUND"
    for batch in (
        ledger_transactions_pb2.BatchDeleteTransactionsRequest(
            request_id=new_id(), book_id=book.id, transaction_ids=[moved.id]
        ),
        ledger_transactions_pb2.BatchUpdateTransactionsRequest(
            request_id=new_id(),
            book_id=book.id,
            updates=[{"transaction_id": moved.id, "change": TransactionDraft(amount=eur(1))}],  # type: ignore[list-item]  # a message as a table
        ),
    ):
        rpc = type(batch).__name__.removesuffix("Request")
        assert (await refusal_of(getattr(theirs.person.ledger, rpc)(batch))).reason == "NOT_FOUND"
    assert await transaction(book, moved.id) == moved
    noted = await change(theirs, moved, note="for the groceries", payee="Ann")
    assert (noted.note, noted.payee, noted.entries) == ("for the groceries", "Ann", moved.entries)
    assert (noted.private_to, noted.version > moved.version) == ("", True)
    assert [await held(book, each) for each in (private.id, book.account_id)] == [970, 30]


async def test_private_accounts_keep_their_own_status_of_a_shared_transfer(
    book: BookOf, private: Account, theirs: BookOf
) -> None:
    moved = await transfer(book, private.id, book.account_id, 30, "2026-01-06")
    assert (await refusal_of(change(theirs, moved, status=PENDING))).reason == "NOT_FOUND"
    assert await transaction(book, moved.id) == moved


async def test_private_accounts_do_not_keep_others_from_reconciling_theirs(
    book: BookOf, private: Account, theirs: BookOf
) -> None:
    moved = await transfer(book, private.id, book.account_id, 30, "2026-01-06")
    await reconcile(theirs, theirs.account_id, 30)
    assert [entry.status for entry in (await transaction(book, moved.id)).entries] == [2, 3]


async def test_private_accounts_take_a_transaction_out_of_sight_and_show_it_again(
    book: BookOf, private: Account, theirs: BookOf
) -> None:
    spent = await record(book, book.account_id, -70, "2026-01-05")
    assert (await change(book, spent, account_id=private.id)).private_to == book.person.user.id
    assert (await refusal_of(transaction(theirs, spent.id))).reason == "NOT_FOUND"
    assert await held(theirs, theirs.account_id) == 0
    shared = await change(book, spent, account_id=book.account_id)
    assert shared.private_to == ""
    assert await transaction(theirs, spent.id) == shared
    assert await held(theirs, theirs.account_id) == -70


async def test_private_accounts_of_two_members_never_meet(book: BookOf, private: Account, theirs: BookOf) -> None:
    his = await make(theirs, private=True)
    drafts: list[Any] = [draft(his.id, -1, "2026-01-05"), draft(private.id, -1, "2026-01-05")]
    assert (await refusal_of(record_all(book, drafts))).reason == "NOT_FOUND"
    assert (await refusal_of(record_all(theirs, drafts))).reason == "NOT_FOUND"
    assert await held(book, private.id) == 1000


@pytest.mark.parametrize("was_private", [False, True])
async def test_private_accounts_with_something_deleted_do_not_change_sides(book: BookOf, was_private: bool) -> None:
    """It would come back to other eyes than it left."""
    account = await make(book, private=was_private)
    spent = await record(book, account.id, -5, "2026-01-05")
    await delete_transaction(book, spent)
    refusal = await refusal_of(update(book, account.id, "private", private=not was_private))
    assert refusal.reason == "IN_USE"
