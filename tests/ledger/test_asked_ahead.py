"""Does what a write asks first travel with the lock? If it asked anything else, each call would wait for one answer more."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from people import BookOf, Client, make_book, new_id, sign_up
from tallystick.store.connection import Connection, Row
from tallystick.store.statements import Call
from tallystick_client.v1.ledger_pb2 import TransactionDraft
from tallystick_client.v1.ledger_transactions_pb2 import DeleteTransactionRequest, UpdateTransactionRequest

Write = Callable[[BookOf, str], Awaitable[Any]]


def _update(book: BookOf, transaction_id: str, **fields: Any) -> Awaitable[Any]:
    call: Awaitable[Any] = book.person.ledger.UpdateTransaction(
        UpdateTransactionRequest(
            request_id=new_id(),
            book_id=book.id,
            transaction_id=transaction_id,
            change=TransactionDraft(note="rolls"),
            **fields,
        )
    )
    return call


def _delete(book: BookOf, transaction_id: str) -> Awaitable[Any]:
    call: Awaitable[Any] = book.person.ledger.DeleteTransaction(
        DeleteTransactionRequest(request_id=new_id(), book_id=book.id, transaction_id=transaction_id)
    )
    return call


# Admission, what the command asks when it knows the transaction, and the commit.
@pytest.mark.parametrize(
    ("write", "batches"),
    [
        (lambda book, _: book.spend(), 2),
        (_update, 3),
        (lambda book, transaction_id: _update(book, transaction_id, base_version=1), 3),
        (_delete, 3),
    ],
    ids=["create", "update", "update_based", "delete"],
)
async def test_a_write_asks_its_first_questions_with_the_lock(
    client: Client, monkeypatch: pytest.MonkeyPatch, write: Write, batches: int
) -> None:
    book = await make_book(await sign_up(client, "Ann"))
    made = (await book.spend(note="")).transaction
    sent = 0
    batch = Connection.batch

    async def counted(self: Connection, calls: list[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        nonlocal sent
        sent += 1
        return await batch(self, calls)

    monkeypatch.setattr(Connection, "batch", counted)
    await write(book, made.id)
    assert sent == batches
