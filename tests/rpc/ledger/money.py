"""What do tests of transactions build on? A book with accounts in two currencies, and requests in one line each."""

from dataclasses import dataclass
from typing import Any

from people import BookOf, Person, make_book, new_id
from tallystick_client.v1 import (
    ledger_accounts_pb2,
    ledger_labels_pb2,
    ledger_pb2,
    ledger_service_pb2,
    ledger_transactions_pb2,
)
from tallystick_client.v1.ledger_pb2 import Split, Transaction, TransactionDraft
from tallystick_client.v1.money_pb2 import Money

EXPENSE = ledger_pb2.TransactionKind.TRANSACTION_KIND_EXPENSE
INCOME = ledger_pb2.TransactionKind.TRANSACTION_KIND_INCOME
TRANSFER = ledger_pb2.TransactionKind.TRANSACTION_KIND_TRANSFER
REFUND = ledger_pb2.TransactionKind.TRANSACTION_KIND_REFUND
PENDING = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_PENDING
CLEARED = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_CLEARED
RECONCILED = ledger_pb2.TransactionStatus.TRANSACTION_STATUS_RECONCILED
DAY = "2026-02-03"


def eur(minor: int) -> Money:
    return Money(currency="EUR", minor=minor)


def usd(minor: int) -> Money:
    return Money(currency="USD", minor=minor)


def part(minor: int, category_id: str = "", **other: Any) -> Split:
    return Split(category_id=category_id, amount=eur(minor), **other)


@dataclass
class Purse:
    """Ann's book with cash and a bank account in EUR, and one in USD."""

    book: BookOf
    bank_id: str
    dollars_id: str
    home_id: str  # a second category of expenses

    @property
    def ledger(self) -> Any:
        return self.book.person.ledger

    @property
    def id(self) -> str:
        return self.book.id

    @property
    def cash_id(self) -> str:
        return self.book.account_id

    @property
    def food_id(self) -> str:
        return self.book.spending_id

    def draft(self, minor: int = 250, **other: Any) -> TransactionDraft:
        fields: dict[str, Any] = {
            "kind": EXPENSE,
            "account_id": self.cash_id,
            "category_id": self.food_id,
            "amount": eur(minor),
            "booked_on": DAY,
            "payee": "Bakery",
        }
        return TransactionDraft(**fields | other)

    async def spend(self, minor: int = 250, **other: Any) -> Transaction:
        return (await self.book.spend(minor, **other)).transaction

    async def split(self, *parts: Split, **other: Any) -> Transaction:
        total = sum(each.amount.minor for each in parts)
        return await self.spend(total, category_id="", splits=parts, **other)

    async def transfer(self, minor: int = 1000, **other: Any) -> Transaction:
        fields: dict[str, Any] = {"kind": TRANSFER, "category_id": "", "to_account_id": self.bank_id}
        return await self.spend(minor, **fields | other)

    def updating(self, transaction: Transaction, *paths: str, **change: Any) -> Any:
        """A request to change what is given; `paths` name fields that become empty."""
        unlock, base = change.pop("unlock", False), change.pop("base_version", None)
        splits = change.pop("split_changes", ())
        request = ledger_transactions_pb2.UpdateTransactionRequest(
            request_id=new_id(),
            book_id=self.id,
            transaction_id=transaction.id,
            change=TransactionDraft(**change),
            split_changes=splits,
            unlock=unlock,
            base_version=base,
        )
        if paths:
            request.update_mask.paths.extend([*paths, *change])
        return request

    async def update(self, transaction: Transaction, *paths: str, **change: Any) -> Transaction:
        answer = await self.ledger.UpdateTransaction(self.updating(transaction, *paths, **change))
        changed: Transaction = answer.transaction
        return changed

    def deleting(self, transaction: Transaction, **other: Any) -> Any:
        return ledger_transactions_pb2.DeleteTransactionRequest(
            request_id=new_id(), book_id=self.id, transaction_id=transaction.id, **other
        )

    async def delete(self, transaction: Transaction, **other: Any) -> Any:
        return await self.ledger.DeleteTransaction(self.deleting(transaction, **other))

    async def restore(self, transaction: Transaction) -> Any:
        return await self.ledger.RestoreTransaction(
            ledger_transactions_pb2.RestoreTransactionRequest(
                request_id=new_id(), book_id=self.id, transaction_id=transaction.id
            )
        )

    async def get(self, transaction: Transaction) -> Transaction:
        answer = await self.ledger.GetTransaction(
            ledger_service_pb2.GetTransactionRequest(book_id=self.id, transaction_id=transaction.id)
        )
        found: Transaction = answer.transaction
        return found

    async def held(self, account_id: str = "") -> int:
        answer = await self.ledger.GetAccountBalance(
            ledger_service_pb2.GetAccountBalanceRequest(book_id=self.id, account_id=account_id or self.cash_id)
        )
        return int(answer.balance.balance.minor)

    async def reconcile(self, balance_minor: int, on: str = "2026-12-31", account_id: str = "") -> None:
        await self.ledger.ReconcileAccount(
            ledger_accounts_pb2.ReconcileAccountRequest(
                request_id=new_id(),
                book_id=self.id,
                account_id=account_id or self.cash_id,
                statement_balance=eur(balance_minor),
                statement_on=on,
            )
        )

    async def close(self, account_id: str, on: str = DAY) -> None:
        await self.ledger.CloseAccount(
            ledger_accounts_pb2.CloseAccountRequest(
                request_id=new_id(), book_id=self.id, account_id=account_id, closed_on=on
            )
        )

    async def make_tag(self, name: str = "trip") -> str:
        answer = await self.ledger.CreateTag(
            ledger_labels_pb2.CreateTagRequest(request_id=new_id(), book_id=self.id, name=name)
        )
        made: str = answer.tag.id
        return made

    async def make_payee(self, name: str = "Bakery") -> str:
        answer = await self.ledger.CreatePayee(
            ledger_labels_pb2.CreatePayeeRequest(request_id=new_id(), book_id=self.id, name=name)
        )
        made: str = answer.payee.id
        return made


async def make_purse(person: Person) -> Purse:
    book = await make_book(person)
    ids = []
    for name, currency in (("Bank", "EUR"), ("Dollars", "USD")):
        made = await person.ledger.CreateAccount(
            ledger_service_pb2.CreateAccountRequest(
                request_id=new_id(),
                book_id=book.id,
                name=name,
                type=ledger_pb2.AccountType.ACCOUNT_TYPE_CHECKING,
                currency=currency,
            )
        )
        ids.append(made.account.id)
    home = await person.ledger.CreateCategory(
        ledger_service_pb2.CreateCategoryRequest(
            request_id=new_id(), book_id=book.id, name="Home", kind=ledger_pb2.CategoryKind.CATEGORY_KIND_EXPENSE
        )
    )
    return Purse(book, ids[0], ids[1], home.category.id)
