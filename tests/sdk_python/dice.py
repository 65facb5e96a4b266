"""What might a device do next? Commands thrown with dice, about few things, so that they meet. Some of it cannot be done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from sdk_python.pages import BANK, CASH, FOOD, some_id
from tallystick_client import new_id
from tallystick_client.v1.ledger_labels_pb2 import (
    CreateTagRequest,
    DeleteTagRequest,
    RestoreTagRequest,
    UpdateTagRequest,
)
from tallystick_client.v1.ledger_pb2 import Split, TransactionDraft, TransactionKind, TransactionStatus
from tallystick_client.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick_client.v1.ledger_transactions_pb2 import (
    BatchCreateTransactionsRequest,
    DeleteTransactionRequest,
    RestoreTransactionRequest,
    SplitChange,
    UpdateTransactionRequest,
)
from tallystick_client.v1.money_pb2 import Money

EXPENSE = TransactionKind.TRANSACTION_KIND_EXPENSE
TRANSFER = TransactionKind.TRANSACTION_KIND_TRANSFER
PENDING = TransactionStatus.TRANSACTION_STATUS_PENDING
SIDES = 16


@dataclass(frozen=True)
class Things:
    """What commands are about."""

    cash: str = CASH
    bank: str = BANK
    food: str = FOOD
    transactions: tuple[str, ...] = tuple(some_id(0x200 + number) for number in range(4))
    tags: tuple[str, ...] = tuple(some_id(0x300 + number) for number in range(3))


def throw(things: Things, side: int, which: int, minor: int) -> Message:
    """The command on a side of the dice, about one of the transactions or tags."""
    one, tag_id = things.transactions[which % len(things.transactions)], things.tags[which % len(things.tags)]
    amount = _eur(minor)
    usual: dict[str, Any] = {"account_id": things.cash, "amount": amount, "booked_on": "2026-02-03"}
    parts = [Split(amount=amount, category_id=things.food), Split(amount=_eur(1), account_id=things.bank)]
    both = [TransactionDraft(transaction_id=each, kind=EXPENSE, **usual) for each in (one, new_id())]

    def update(**change: Any) -> Message:
        return UpdateTransactionRequest(transaction_id=one, change=TransactionDraft(**change))

    def change_line(line: int, **change: Any) -> Message:
        return UpdateTransactionRequest(transaction_id=one, split_changes=[SplitChange(line=line, **change)])

    sides: list[Callable[[], Message]] = [
        lambda: CreateTransactionRequest(transaction_id=one, kind=EXPENSE, category_id=things.food, **usual),
        lambda: CreateTransactionRequest(transaction_id=one, kind=TRANSFER, to_account_id=things.bank, **usual),
        lambda: update(amount=amount),
        lambda: update(note=f"note {minor}"),
        lambda: update(amount=_eur(minor + 1), splits=parts),
        lambda: update(kind=EXPENSE, status=PENDING),
        lambda: update(kind=TRANSFER, to_account_id=things.bank),
        lambda: change_line(minor % 3, note=f"part {minor}"),
        lambda: change_line(minor % 3, category_id=""),
        lambda: DeleteTransactionRequest(transaction_id=one),
        lambda: RestoreTransactionRequest(transaction_id=one),
        lambda: BatchCreateTransactionsRequest(transactions=both),
        lambda: CreateTagRequest(tag_id=tag_id, name=f"tag {minor}"),
        lambda: UpdateTagRequest(tag_id=tag_id, name=f"name {minor}"),
        lambda: DeleteTagRequest(tag_id=tag_id),
        lambda: RestoreTagRequest(tag_id=tag_id),
    ]
    assert len(sides) == SIDES
    return sides[side]()


def _eur(minor: int) -> Money:
    return Money(currency="EUR", minor=minor)
