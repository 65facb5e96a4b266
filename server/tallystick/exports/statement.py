"""What moved one account over some days, and what did it hold before, between and after? Pure. A line for each transaction."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tallystick.exports.names import Names
from tallystick.v1.ledger_pb2 import Account, Book, Transaction, TransactionKind, TransactionStatus


@dataclass(frozen=True, slots=True)
class Line:
    """One transaction, seen from the account."""

    transaction: Transaction
    moved: int
    # What the account held after it.
    balance: int
    payee: str
    # What it counts for, or the other account of a transfer. Empty where there are several.
    categories: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def status(self) -> TransactionStatus.ValueType:
        return self.transaction.status

    @property
    def is_transfer(self) -> bool:
        return self.transaction.kind == TransactionKind.TRANSACTION_KIND_TRANSFER


@dataclass(frozen=True, slots=True)
class Statement:
    """An account over some days."""

    book: Book
    account: Account
    # None: from the beginning.
    from_on: date | None
    until_on: date
    opening: int
    closing: int
    ids: list[UUID]


def compose_line(transaction: Transaction, account_id: str, before: int, names: Names) -> Line:
    own = [entry for entry in transaction.entries if entry.account_id == account_id]
    moved = sum(entry.amount.minor for entry in own)
    others = (entry.account_id for entry in transaction.entries if entry.account_id != account_id)
    return Line(
        transaction,
        moved,
        before + moved,
        names.payee(transaction),
        tuple(dict.fromkeys(names.category(entry.category_id) for entry in own if entry.category_id)),
        tuple(dict.fromkeys(map(names.account, others))),
    )
