"""What is there to seal, rotate and verify? A book with money in it, written through the store's own door without a server."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID, uuid4

from tallystick.caller import Caller
from tallystick.ledger.accounts.commands import create_account
from tallystick.ledger.accounts.queries import get_balance
from tallystick.ledger.books.commands import create_book
from tallystick.ledger.categories.commands import create_category
from tallystick.ledger.transactions.commands import create_transaction
from tallystick.ledger.transactions.lists import list_transactions
from tallystick.store.store import Store
from tallystick.v1.ledger_pb2 import AccountType, CategoryKind, Transaction, TransactionKind
from tallystick.v1.ledger_service_pb2 import (
    CreateAccountRequest,
    CreateAccountResponse,
    CreateBookRequest,
    CreateBookResponse,
    CreateCategoryRequest,
    CreateCategoryResponse,
    CreateTransactionRequest,
    CreateTransactionResponse,
    ListTransactionsRequest,
)
from tallystick.v1.money_pb2 import Money
from tallystick.v1.space_pb2 import SpaceKind

FIRST_DAY = date(2026, 1, 1)


@dataclass
class SampleBook:
    """A book with one account and one category, and whoever owns it."""

    store: Store
    caller: Caller
    space_id: UUID
    account_id: UUID
    category_id: UUID

    async def spend(self, minor: int, *, request_id: str = "", on: date = FIRST_DAY) -> CreateTransactionResponse:
        request = CreateTransactionRequest(
            request_id=request_id or str(uuid4()),
            book_id=str(self.space_id),
            kind=TransactionKind.TRANSACTION_KIND_EXPENSE,
            account_id=str(self.account_id),
            category_id=str(self.category_id),
            amount=Money(currency="EUR", minor=minor),
            booked_on=on.isoformat(),
            payee="Bakery",
            note="Bread",
        )
        return await self.store.write(
            self.caller, self.space_id, request, create_transaction, CreateTransactionResponse
        )

    async def spend_often(self, times: int, *, seed: int = 1) -> None:
        random = Random(seed)
        for _ in range(times):
            await self.spend(random.randint(1, 9_999), on=FIRST_DAY + timedelta(days=random.randint(0, 300)))

    async def held_minor(self, store: Store | None = None) -> int:
        reader = (store or self.store).reader(self.caller, self.space_id, ListTransactionsRequest())
        return (await get_balance(reader, self.account_id, None)).balance.balance.minor

    async def newest(self, store: Store | None = None, *, count: int = 200) -> list[Transaction]:
        request = ListTransactionsRequest(book_id=str(self.space_id), page_size=count)
        reader = (store or self.store).reader(self.caller, self.space_id, request)
        return list((await list_transactions(reader, request, None)).items)


async def make_book(store: Store) -> SampleBook:
    caller, book_id = Caller(uuid4(), uuid4(), None, "127.0.0.1"), uuid4()
    await store.found(
        caller,
        SpaceKind.SPACE_KIND_BOOK,
        book_id,
        "Ann",
        CreateBookRequest(request_id=str(uuid4()), name="Home", base_currency="EUR"),
        create_book,
        CreateBookResponse,
    )
    account = await store.write(
        caller,
        book_id,
        CreateAccountRequest(
            request_id=str(uuid4()),
            book_id=str(book_id),
            name="Cash",
            type=AccountType.ACCOUNT_TYPE_CASH,
            currency="EUR",
        ),
        create_account,
        CreateAccountResponse,
    )
    category = await store.write(
        caller,
        book_id,
        CreateCategoryRequest(
            request_id=str(uuid4()), book_id=str(book_id), name="Food", kind=CategoryKind.CATEGORY_KIND_EXPENSE
        ),
        create_category,
        CreateCategoryResponse,
    )
    return SampleBook(store, caller, book_id, UUID(account.account.id), UUID(category.category.id))
