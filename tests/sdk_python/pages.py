"""What does a server send to copies? Pages, made by hand for tests that need no server."""

from typing import Any

from google.protobuf.message import Message

from tallystick_client.offline.kinds import kind_of
from tallystick_client.v1.ledger_pb2 import Account, AccountType, Category, CategoryKind, Entry, Transaction
from tallystick_client.v1.ledger_pb2 import TransactionKind as Kind
from tallystick_client.v1.ledger_pb2 import TransactionStatus as Status
from tallystick_client.v1.money_pb2 import Money
from tallystick_client.v1.sync_pb2 import Change, Entity, ResetReason
from tallystick_client.v1.sync_service_pb2 import PullResponse

BOOK = "01900000-0000-7000-8000-000000000001"
CASH = "01900000-0000-7000-8000-00000000000a"
BANK = "01900000-0000-7000-8000-00000000000b"
FOOD = "01900000-0000-7000-8000-0000000000f1"
NONE = ResetReason.RESET_REASON_UNSPECIFIED


def some_id(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012x}"


def change_of(message: Any, version: int, *, deleted: bool = False) -> Change:
    """A change as the space tells it."""
    told = type(message).FromString(message.SerializeToString())
    told.version = version
    entity = Entity()
    getattr(entity, kind_of(type(message))).CopyFrom(told)
    return Change(entity=entity, deleted=deleted, version=version)


def page(
    cursor: str, *changes: Change, head: int = 0, at_head: bool = True, reset: ResetReason.ValueType = NONE
) -> PullResponse:
    newest = max((change.version for change in changes), default=0)
    return PullResponse(cursor=cursor, changes=changes, at_head=at_head, head=head or newest, reset=reset)


def account(account_id: str = CASH, **fields: Any) -> Account:
    usual: dict[str, Any] = {"name": "Cash", "type": AccountType.ACCOUNT_TYPE_CASH, "currency": "EUR"}
    return Account(id=account_id, book_id=BOOK, **usual | fields)


def category(category_id: str = FOOD, **fields: Any) -> Category:
    usual: dict[str, Any] = {"name": "Food", "kind": CategoryKind.CATEGORY_KIND_EXPENSE}
    return Category(id=category_id, book_id=BOOK, **usual | fields)


def expense(transaction_id: str, minor: int = 100, **fields: Any) -> Transaction:
    entry = Entry(
        account_id=CASH,
        category_id=FOOD,
        amount=Money(currency="EUR", minor=-minor),
        status=Status.TRANSACTION_STATUS_CLEARED,
    )
    usual: dict[str, Any] = {
        "kind": Kind.TRANSACTION_KIND_EXPENSE,
        "booked_on": "2026-02-03",
        "status": Status.TRANSACTION_STATUS_CLEARED,
        "entries": [entry],
    }
    return Transaction(id=transaction_id, book_id=BOOK, **usual | fields)


def furnished(*more: Change) -> PullResponse:
    """The first page of a book with two accounts and a category, at version 3."""
    things: list[Message] = [account(), account(BANK, name="Bank"), category()]
    return page("at 3", *(change_of(each, number) for number, each in enumerate(things, 1)), *more)
