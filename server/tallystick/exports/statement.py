"""What moved one account over some days, and what did it hold before, between and after? A line for each transaction."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tallystick.exports.moment import PAGE_ROWS, Moment
from tallystick.exports.names import Names
from tallystick.exports.rules import Order, compose_list_request
from tallystick.ledger.accounts.queries import get_as_of
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.templates.rules import today_in
from tallystick.ledger.transactions.lists import list_ids
from tallystick.store.tx import Snapshot
from tallystick.v1.export_service_pb2 import ExportRequest
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

    async def pages(self, moment: Moment, names: Names) -> AsyncGenerator[list[Line], None]:
        """Its lines, the oldest first. They lead from the opening to the closing balance, or it is no statement."""
        balance = self.opening
        for start in range(0, len(self.ids), PAGE_ROWS):
            lines = []
            ids = self.ids[start : start + PAGE_ROWS]
            for transaction in await moment.open_many("transaction", Transaction, ids):
                line = _line(transaction, self.account.id, balance, names)
                balance = line.balance
                lines.append(line)
            yield lines
        assert balance == self.closing, f"the lines of account {self.account.id} do not lead to its balance"


async def read_statement(tx: Snapshot, request: ExportRequest, order: Order, now: datetime) -> Statement:
    """All but the lines themselves."""
    account_id = UUID(request.account_id)
    book = await get_book(tx)
    until_on = order.until_on or max(today_in(book.time_zone, now), order.from_on or date.min)
    closing = await get_as_of(tx, account_id, until_on)
    opening = 0
    if order.from_on and order.from_on > date.min:
        opening = (await get_as_of(tx, account_id, order.from_on - timedelta(days=1))).minor
    listed = compose_list_request(request)
    listed.booked_until = until_on.isoformat()
    del listed.account_ids[:]
    listed.account_ids.append(request.account_id)
    ids = await list_ids(tx, listed)
    return Statement(book, closing.held.account, order.from_on, until_on, opening, closing.minor, ids)


def _line(transaction: Transaction, account_id: str, before: int, names: Names) -> Line:
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
