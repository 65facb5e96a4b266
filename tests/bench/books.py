"""Which books are measured? Made and filled through the store, so that every row is sealed, journaled and true."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from bench.place import Place, Served
from people import Person, sign_up
from tallystick.caller import Caller
from tallystick.ledger.accounts.commands import create_account
from tallystick.ledger.books.commands import create_book
from tallystick.ledger.categories.commands import create_category
from tallystick.ledger.transactions.posting import Step, post
from tallystick.store.journal import CHANGES_MAX
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.ledger_pb2 import AccountType, CategoryKind, Entry, Transaction, TransactionKind, TransactionStatus
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    CreateBookRequest,
    CreateBookResponse,
    CreateCategoryRequest,
    CreateCategoryResponse,
    CreateTransactionRequest,
    CreateTransactionResponse,
)
from tallystick.v1.money_pb2 import Money
from tallystick.v1.space_pb2 import SpaceKind

CURRENCY = "EUR"
CLEARED = TransactionStatus.TRANSACTION_STATUS_CLEARED
PAYEE, NOTE = "Bakery on the corner", "rye, and two of the small ones"
DAYS = [date(2026, 2, day) for day in range(1, 29)]
AMOUNT_MAX = 100_000
MONTHS = 36
# Bytes that stand before the id in a request: the tag of its first field, and the length of a UUID's text.
REQUEST_ID_HEAD = b"\x0a\x24"
MAKERS = 8


@dataclass(frozen=True)
class Book:
    """A book with one account and one category. Its ids follow from its number, so that SQL can pick a book by random()."""

    number: int

    @property
    def id(self) -> UUID:
        return UUID(f"{BOOK_PREFIX}{self.number}")

    @property
    def account_id(self) -> UUID:
        return UUID(f"{ACCOUNT_PREFIX}{self.number}")

    @property
    def category_id(self) -> UUID:
        return UUID(f"{CATEGORY_PREFIX}{self.number}")

    def expense(self, minor: int, **other: Any) -> CreateTransactionRequest:
        """A request for an expense, still without its request_id unless `other` has one."""
        return CreateTransactionRequest(
            book_id=str(self.id),
            kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=str(self.account_id),
            category_id=str(self.category_id),
            amount=Money(currency=CURRENCY, minor=minor),
            booked_on=random.choice(DAYS).isoformat(),
            payee=PAYEE,
            note=NOTE,
            **other,
        )


BOOK_PREFIX, ACCOUNT_PREFIX, CATEGORY_PREFIX = (f"00000000-0000-4000-800{kind}-" for kind in "012")
# Twelve digits, so that a number needs no padding to end a UUID.
_FIRST_NUMBER = 100_000_000_000
_numbers_taken = 0


def take_books(count: int) -> list[Book]:
    """Books that nobody has yet, with consecutive numbers."""
    global _numbers_taken  # noqa: PLW0603  # one run makes all its books, and no two may be alike
    first = _FIRST_NUMBER + _numbers_taken
    _numbers_taken += count
    return [Book(first + index) for index in range(count)]


def bearer(person: Person) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {person.tokens.access_token}"),)


async def make_owner(server: Served) -> tuple[Person, Caller]:
    person = await sign_up(server.client, "Owner")
    user = person.user
    return person, Caller(UUID(user.id), UUID(user.home_id), UUID(person.tokens.session_id), "127.0.0.1")


async def make_books(place: Place, owner: Caller, count: int) -> list[Book]:
    books = take_books(count)
    waiting = list(books)

    async def work() -> None:
        while waiting:
            await _make_book(place, owner, waiting.pop())

    await asyncio.gather(*(work() for _ in range(MAKERS)))
    return books


async def _make_book(place: Place, owner: Caller, book: Book) -> None:
    store, book_id = place.store, str(book.id)
    await store.found(
        owner,
        SpaceKind.SPACE_KIND_BOOK,
        book.id,
        "Owner",
        CreateBookRequest(request_id=str(uuid4()), book_id=book_id, name="Home", base_currency=CURRENCY),
        create_book,
        CreateBookResponse,
    )
    account = CreateAccountRequest(
        request_id=str(uuid4()),
        book_id=book_id,
        account_id=str(book.account_id),
        name="Cash",
        type=AccountType.ACCOUNT_TYPE_CASH,
        currency=CURRENCY,
    )
    await store.write(owner, book.id, account, create_account, CreateAccountResponse)
    category = CreateCategoryRequest(
        request_id=str(uuid4()),
        book_id=book_id,
        category_id=str(book.category_id),
        name="Food",
        kind=CategoryKind.CATEGORY_KIND_EXPENSE,
    )
    await store.write(owner, book.id, category, create_category, CreateCategoryResponse)


async def fill(place: Place, owner: Caller, book: Book, count: int, *, months: int = MONTHS) -> list[UUID]:
    """Adds so many expenses over so many months up to the end of 2025, in commits as large as the journal allows; returns their ids."""
    ids: list[UUID] = []
    starts = [date(2026 - months // 12 + number // 12, number % 12 + 1, 1) for number in range(months)]

    while len(ids) < count:
        many, month = min(CHANGES_MAX, count - len(ids)), starts[len(ids) // CHANGES_MAX % months]

        async def add_all(
            tx: WriteTx, _: CreateTransactionRequest, many: int = many, month: date = month
        ) -> CreateTransactionResponse:
            ids.extend(await _add_expenses(tx, book, many, month))
            return CreateTransactionResponse()

        request = book.expense(1, request_id=str(uuid4()))
        await place.store.write(owner, book.id, request, add_all, CreateTransactionResponse)
    return ids


async def _add_expenses(tx: WriteTx, book: Book, count: int, month: date) -> Sequence[UUID]:
    ids = [tx.new_id() for _ in range(count)]
    steps = []
    for transaction_id in ids:
        booked_on, minor = month.replace(day=random.randint(1, 28)), -random.randint(1, AMOUNT_MAX)
        steps.append(Step(None, _compose_expense(tx, book, transaction_id, booked_on, minor)))
    await post(tx, steps)
    return ids


def _compose_expense(tx: WriteTx, book: Book, transaction_id: UUID, booked_on: date, minor: int) -> Transaction:
    amount = Money(currency=CURRENCY, minor=minor)
    return Transaction(
        id=str(transaction_id),
        book_id=str(book.id),
        kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
        booked_on=booked_on.isoformat(),
        entries=[
            Entry(account_id=str(book.account_id), category_id=str(book.category_id), amount=amount, status=CLEARED)
        ],
        status=CLEARED,
        payee=PAYEE,
        note=NOTE,
        created_at=to_timestamp(tx.now),
    )


def with_new_request_id(rest: bytes) -> bytes:
    """A request from its other fields. Only the id differs between requests, so only the id is written anew."""
    return REQUEST_ID_HEAD + str(uuid4()).encode() + rest
