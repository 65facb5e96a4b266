"""What becomes of an entry that a statement covers? It changes only for who says `unlock`; words and categories stay free."""

from typing import Any

import grpc
import pytest

from people import BookOf, new_id, refusal_of
from rpc.ledger.accounts import (
    CLEARED,
    EXPENSE,
    INCOME,
    PENDING,
    RECONCILED,
    TRANSFER,
    change,
    delete_transaction,
    eur,
    held,
    held_and_cleared,
    make,
    opened,
    reconcile,
    record,
    transaction,
    transfer,
)
from tallystick_client.v1 import ledger_transactions_pb2 as pb
from tallystick_client.v1.ledger_pb2 import Split, Transaction, TransactionDraft

ON = "2026-01-31"


async def locked(book: BookOf) -> Transaction:
    spent = await record(book, book.account_id, -300, "2026-01-10", category_id=book.spending_id)
    await reconcile(book, book.account_id, -300, ON)
    return await transaction(book, spent.id)


async def test_reconcile_account_leaves_words_and_categories_free(book: BookOf) -> None:
    spent = await locked(book)
    spent = await change(book, spent, note="rye", payee="Bakery")
    assert (spent.note, spent.payee) == ("rye", "Bakery")
    assert (spent.status, spent.entries[0].status) == (RECONCILED, RECONCILED)
    bare = await book.person.ledger.UpdateTransaction(
        pb.UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=spent.id,
            change=TransactionDraft(),
            update_mask={"paths": ["category_id"]},  # type: ignore[arg-type]  # a field mask as a table
        )
    )
    assert (bare.transaction.entries[0].category_id, bare.transaction.status) == ("", RECONCILED)
    noted = await change(book, spent, splits=[Split(amount=eur(300), line=0, note="all of it")])
    assert (noted.entries[0].note, noted.status) == ("all of it", RECONCILED)
    assert (await reconcile(book, book.account_id, -300, ON)).reconciliation.entries_reconciled == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": eur(301)},
        {"booked_on": "2026-01-11"},
        {"booked_on": "2026-03-01"},
        {"kind": INCOME, "category_id": ""},
        {"status": PENDING},
        {"status": CLEARED},
        {"splits": [Split(amount=eur(100), line=0), Split(amount=eur(200))]},
        {"splits": [Split(amount=eur(300))]},
    ],
    ids=["amount", "day", "month", "kind", "pending", "cleared", "split", "another line"],
)
async def test_reconcile_account_locks_money_and_days(book: BookOf, fields: dict[str, Any]) -> None:
    spent = await locked(book)
    if fields.get("kind"):
        spent = await change(book, spent, splits=[Split(amount=eur(300), line=0)])
    refusal = await refusal_of(change(book, spent, **fields))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ENTRY_RECONCILED")
    assert refusal.metadata == {"transaction_id": spent.id, "account_id": book.account_id}
    assert await transaction(book, spent.id) == spent
    after = await change(book, spent, **fields, unlock=True)
    assert RECONCILED not in [entry.status for entry in after.entries]


async def test_reconcile_account_locks_which_account_it_is(book: BookOf) -> None:
    other, spent = await make(book), await locked(book)
    assert (await refusal_of(change(book, spent, account_id=other.id))).reason == "ENTRY_RECONCILED"
    after = await change(book, spent, account_id=other.id, unlock=True)
    assert (after.status, await held(book, book.account_id), await held(book, other.id)) == (CLEARED, 0, -300)


async def test_reconcile_account_locks_against_deleting(book: BookOf) -> None:
    spent = await locked(book)
    assert (await refusal_of(delete_transaction(book, spent))).reason == "ENTRY_RECONCILED"
    await delete_transaction(book, spent, unlock=True)
    assert await held(book, book.account_id) == 0


async def test_reconcile_account_locks_against_batches(book: BookOf) -> None:
    spent = await locked(book)
    free = await record(book, book.account_id, -5, "2026-02-10")
    updates = [
        pb.TransactionUpdate(transaction_id=each.id, change=TransactionDraft(amount=eur(9))) for each in (free, spent)
    ]
    ledger = book.person.ledger

    def updating(**other: bool) -> Any:
        return ledger.BatchUpdateTransactions(
            pb.BatchUpdateTransactionsRequest(request_id=new_id(), book_id=book.id, updates=updates, **other)
        )

    def deleting(**other: bool) -> Any:
        return ledger.BatchDeleteTransactions(
            pb.BatchDeleteTransactionsRequest(
                request_id=new_id(), book_id=book.id, transaction_ids=[free.id, spent.id], **other
            )
        )

    for refused in (updating(), deleting()):
        refusal = await refusal_of(refused)
        assert (refusal.reason, refusal.metadata["index"]) == ("ENTRY_RECONCILED", "1")
    assert await held(book, book.account_id) == -305
    await updating(unlock=True)
    assert await held_and_cleared(book, book.account_id) == (-18, -18)
    await reconcile(book, book.account_id, -18)
    assert (await refusal_of(deleting())).reason == "ENTRY_RECONCILED"
    await deleting(unlock=True)
    assert await held(book, book.account_id) == 0


async def test_t8_reconcile_account_on_one_end_of_a_transfer_holds_the_other_end(book: BookOf) -> None:
    """Neither by deleting nor by changing the free end does the money on the statement go."""
    other = await make(book)
    moved = await transfer(book, book.account_id, other.id, 70, "2026-01-15")
    await reconcile(book, other.id, 70, ON)
    for refused in (
        delete_transaction(book, moved),
        change(book, moved, amount=eur(71)),
        change(book, moved, booked_on="2026-01-16"),
        change(book, moved, to_account_id=(await make(book)).id),
        change(book, moved, kind=EXPENSE),
    ):
        refusal = await refusal_of(refused)
        assert (refusal.reason, refusal.metadata["account_id"]) == ("ENTRY_RECONCILED", other.id)
    assert (await held(book, book.account_id), await held(book, other.id)) == (-70, 70)
    # The end that no statement covers may come from elsewhere.
    third = await opened(book, 500)
    after = await change(book, moved, account_id=third.id)
    assert [entry.status for entry in after.entries] == [CLEARED, RECONCILED]
    assert after.kind == TRANSFER
    assert [await held(book, each) for each in (book.account_id, third.id, other.id)] == [0, 430, 70]


async def test_reconcile_account_can_be_done_again_after_unlocking(book: BookOf) -> None:
    spent = await locked(book)
    await change(book, spent, amount=eur(310), unlock=True)
    assert (await refusal_of(reconcile(book, book.account_id, -300, ON))).reason == "STATEMENT_MISMATCH"
    assert (await reconcile(book, book.account_id, -310, ON)).reconciliation.entries_reconciled == 1
    assert (await transaction(book, spent.id)).status == RECONCILED
