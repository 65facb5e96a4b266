"""Does anything drift when fifty writers create, change, delete and batch on one account? Proven by VerifyBook afterwards."""

import asyncio
import random
import time
from collections.abc import Collection
from uuid import uuid4

from bench.books import CURRENCY, Book, make_books, make_owner
from bench.effort import Effort
from bench.figures import Figure
from bench.one_account import balance_of
from bench.place import Place
from people import Person
from tallystick.v1.ledger_pb2 import TransactionDraft, TransactionKind
from tallystick.v1.ledger_transactions_pb2 import (
    BatchCreateTransactionsRequest,
    DeleteTransactionRequest,
    UpdateTransactionRequest,
)
from tallystick.v1.money_pb2 import Money
from tallystick_client.v1.ledger_proof_pb2 import VerifyBookRequest
from tallystick_client.v1.ledger_service_pb2_grpc import LedgerServiceStub

NAMES = ("one_account_50_writers_mixed",)
WRITERS = 50
BATCH = 20


async def measure(place: Place, effort: Effort, wanted: Collection[str]) -> list[Figure]:
    person, owner = await make_owner(place.server)
    (book,) = await make_books(place, owner, 1)
    deadline = time.monotonic() + effort.mixed_writers_s
    done = await asyncio.gather(*(_write(person, book, deadline, random.Random(seed)) for seed in range(WRITERS)))
    held = sum(sum(amounts.values()) for amounts, _ in done)
    calls = sum(count for _, count in done)
    differences, holds = await _verify(person, book)
    balance = await balance_of(person, book)
    exact = holds and not differences and balance == held
    print(f"fifty writers: {calls} calls, balance {balance}, expected {held}, differences {differences}, holds {holds}")
    return [Figure(NAMES[0], calls / effort.mixed_writers_s, "/s", target="no drift", met=exact)]


async def _write(person: Person, book: Book, deadline: float, choose: random.Random) -> tuple[dict[str, int], int]:
    """One writer: what its transactions hold at the end, by their ids, and how many calls it made."""
    amounts: dict[str, int] = {}
    calls = 0
    while time.monotonic() < deadline:
        calls += 1
        action = choose.choices(("create", "update", "delete", "batch"), (4, 3, 2, 1))[0]
        if action == "batch":
            amounts |= await _batch(person, book, choose)
        elif action == "create" or not amounts:
            made = await person.ledger.CreateTransaction(book.expense(choose.randint(1, 9999), request_id=str(uuid4())))
            amounts[made.transaction.id] = made.transaction.entries[0].amount.minor
        elif action == "update":
            chosen, minor = choose.choice(list(amounts)), choose.randint(1, 9999)
            await person.ledger.UpdateTransaction(_update(book, chosen, minor, choose))
            amounts[chosen] = -minor
        else:
            chosen = choose.choice(list(amounts))
            await person.ledger.DeleteTransaction(
                DeleteTransactionRequest(request_id=str(uuid4()), book_id=str(book.id), transaction_id=chosen)
            )
            del amounts[chosen]
    return amounts, calls


def _update(book: Book, transaction_id: str, minor: int, choose: random.Random) -> UpdateTransactionRequest:
    change = TransactionDraft(
        amount=Money(currency=CURRENCY, minor=minor), booked_on=f"2026-{choose.randint(1, 12):02}-15"
    )
    return UpdateTransactionRequest(
        request_id=str(uuid4()), book_id=str(book.id), transaction_id=transaction_id, change=change
    )


async def _batch(person: Person, book: Book, choose: random.Random) -> dict[str, int]:
    drafts = [
        TransactionDraft(
            transaction_id=str(uuid4()),
            kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=str(book.account_id),
            category_id=str(book.category_id),
            amount=Money(currency=CURRENCY, minor=choose.randint(1, 9999)),
            booked_on="2026-02-03",
        )
        for _ in range(BATCH)
    ]
    request = BatchCreateTransactionsRequest(request_id=str(uuid4()), book_id=str(book.id), transactions=drafts)
    await person.ledger.BatchCreateTransactions(request)
    return {draft.transaction_id: -draft.amount.minor for draft in drafts}


async def _verify(person: Person, book: Book) -> tuple[int, bool]:
    stub = LedgerServiceStub(person.channel)
    steps = stub.VerifyBook(VerifyBookRequest(book_id=str(book.id)), metadata=person.metadata)
    *_, last = [step async for step in steps]
    return last.verdict.differences, last.verdict.holds
