"""How did an account come to hold what it holds? Its history in points, its transactions with running balances, its statements."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Date, DateTime, Integer, Uuid, and_, bindparam, cast, func, select, tuple_
from sqlalchemy.sql import Select

from tallystick.ledger import tables
from tallystick.ledger.accounts import queries as accounts
from tallystick.ledger.accounts import rules
from tallystick.ledger.accounts.queries import AMOUNTS, ENTRIES_BETWEEN, LIVE_ENTRIES, Held
from tallystick.ledger.books.queries import BOOK_OF_SPACE
from tallystick.ledger.sums import month_number
from tallystick.ledger.tables import BOOK, RECONCILIATION, TRANSACTION
from tallystick.ledger.transactions.references import ACCOUNTS
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import Statement, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_accounts_pb2 import (
    AccountLine,
    BalancePoint,
    ListAccountTransactionsRequest,
    ListBalanceHistoryRequest,
)
from tallystick.v1.ledger_pb2 import Reconciliation, TransactionStatus
from tallystick.v1.money_pb2 import Money

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ACCOUNT_ID = bindparam("account_id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)
_FROM, _UNTIL = bindparam("from_on", type_=Date), bindparam("until_on", type_=Date)
_AFTER = tuple_(bindparam("after_day", type_=Date), bindparam("after_id", type_=Uuid))
_entry, _transaction, _reconciliation = tables.entry, tables.transaction, tables.reconciliation

_up_to_statement = and_(LIVE_ENTRIES, _entry.c.booked_on <= _UNTIL)
# What a statement covers: pending entries are on none.
COVERED_COUNT = prepare(
    select(func.count()).where(_up_to_statement, _entry.c.status != TransactionStatus.TRANSACTION_STATUS_PENDING)
)
TO_LOCK = prepare(
    select(_transaction.c.id, _transaction.c.version, _transaction.c.body)
    .where(
        _transaction.c.space_id == _SPACE_ID,
        _transaction.c.deleted_at.is_(None),
        _transaction.c.id.in_(
            select(_entry.c.transaction_id).where(
                _up_to_statement, _entry.c.status == TransactionStatus.TRANSACTION_STATUS_CLEARED
            )
        ),
    )
    .limit(_LIMIT)
)


class _Lines:
    """The two queries of a page of movements. They see one state: each finds the page by itself."""

    def __init__(self, narrowed: Select[Any]) -> None:
        page = (
            narrowed.distinct()
            .order_by(_entry.c.booked_on.desc(), _entry.c.transaction_id.desc())
            .limit(_LIMIT)
            .subquery("page")
        )
        newest = select(func.max(page.c.booked_on)).scalar_subquery()
        self.transactions: Statement[UUID, int, bytes] = prepare(
            select(_transaction.c.id, _transaction.c.version, _transaction.c.body)
            .join(page, and_(_transaction.c.space_id == _SPACE_ID, _transaction.c.id == page.c.transaction_id))
            .order_by(page.c.booked_on.desc(), page.c.transaction_id.desc())
        )
        # Through a timestamp without a zone: the session's zone has no say in what day it is.
        first_of_month = cast(func.date_trunc("month", cast(newest, DateTime)), Date)
        self.days = prepare(AMOUNTS.where(LIVE_ENTRIES, _entry.c.booked_on.between(first_of_month, newest)))


_movements = select(_entry.c.booked_on, _entry.c.transaction_id).where(
    LIVE_ENTRIES, _entry.c.booked_on.between(_FROM, _UNTIL)
)
_FIRST = _Lines(_movements)
_NEXT = _Lines(_movements.where(tuple_(_entry.c.booked_on, _entry.c.transaction_id) < _AFTER))

_statements = (
    select(_reconciliation.c.id, _reconciliation.c.version, _reconciliation.c.body)
    .where(
        _reconciliation.c.space_id == _SPACE_ID,
        _reconciliation.c.account_id == _ACCOUNT_ID,
        _reconciliation.c.deleted_at.is_(None),
    )
    .order_by(_reconciliation.c.statement_on.desc(), _reconciliation.c.id.desc())
    .limit(_LIMIT)
)
RECONCILIATIONS = prepare(_statements)
RECONCILIATIONS_AFTER = prepare(
    _statements.where(tuple_(_reconciliation.c.statement_on, _reconciliation.c.id) < _AFTER)
)


async def list_balance_history(
    tx: ReadTx, request: ListBalanceHistoryRequest, after: Sequence[str] | None
) -> Page[BalancePoint]:
    """A page of points, earliest first. All is read at once, so that the points are of one state of the book."""
    first, last = rules.require_span("from_on", request.from_on, "until_on", request.until_on)
    rules.require_years(first, last)
    account_id, size = UUID(request.account_id), page_size(request.page_size)
    start = date.fromisoformat(after[0]) + timedelta(days=1) if after else first
    from_on, until_on = rules.days_to_read(start, last, request.step, size)
    held_rows, books, entries = await tx.fetch_all(
        ACCOUNTS(space_id=tx.space_id, ids=[account_id]),
        BOOK_OF_SPACE(space_id=tx.space_id),
        ENTRIES_BETWEEN(space_id=tx.space_id, account_id=account_id, from_on=from_on, until_on=until_on),
    )
    held, book = await accounts.open_held(tx, held_rows), tx.require(BOOK, books)
    days = list(islice(rules.points(start, last, request.step, book.first_day_of_week), size + 1))
    by_day: dict[date, int] = {}
    for entry in entries:
        by_day[entry[2]] = by_day.get(entry[2], 0) + accounts.amount_of(tx, entry)
    found = [_point(held, by_day, day) for day in days[:size]]
    return Page(found, (found[-1].on,) if len(days) > size else ())


def _point(held: Held, by_day: Mapping[date, int], day: date) -> BalancePoint:
    balance = Money(currency=held.account.currency, minor=_held_on(held, by_day, day))
    return BalancePoint(on=day.isoformat(), balance=balance)


def _held_on(held: Held, by_day: Mapping[date, int], day: date) -> int:
    if day == rules.month_end(day):
        return held.sums.before(month_number(day) + 1)
    start = rules.month_start(day)
    return held.sums.before(month_number(day)) + sum(minor for on, minor in by_day.items() if start <= on <= day)


async def list_lines(
    tx: ReadTx, request: ListAccountTransactionsRequest, after: Sequence[str] | None
) -> Page[AccountLine]:
    """A page of movements, newest first. The first balance follows from its month; each further one from the line above."""
    first, last = rules.require_span("booked_from", request.booked_from, "booked_until", request.booked_until)
    account_id, size = UUID(request.account_id), page_size(request.page_size)
    values: dict[str, Any] = {"space_id": tx.space_id, "account_id": account_id, "from_on": first, "until_on": last}
    values["limit"] = size + 1
    if after:
        values |= {"after_day": date.fromisoformat(after[0]), "after_id": UUID(after[1])}
    queries = _NEXT if after else _FIRST
    held_rows, rows, days = await tx.fetch_all(
        ACCOUNTS(space_id=tx.space_id, ids=[account_id]), queries.transactions(**values), queries.days(**values)
    )
    held = await accounts.open_held(tx, held_rows)
    lines, balance = [], 0
    for number, row in enumerate(rows[:size]):
        transaction = tx.open(TRANSACTION, (row[0], row[1], row[2]))
        if number == 0:
            balance = _held_after(tx, held, date.fromisoformat(transaction.booked_on), row[0], days)
        moved = sum(entry.amount.minor for entry in transaction.entries if entry.account_id == held.account.id)
        lines.append(_line(held.account.currency, transaction, moved, balance))
        balance -= moved
    position = (lines[-1].transaction.booked_on, lines[-1].transaction.id) if len(rows) > size else ()
    return Page(lines, position)


def _line(currency: str, transaction: Any, moved: int, balance: int) -> AccountLine:
    return AccountLine(
        transaction=transaction,
        amount=Money(currency=currency, minor=moved),
        balance=Money(currency=currency, minor=balance),
    )


def _held_after(tx: ReadTx, held: Held, day: date, transaction_id: UUID, days: Sequence[Sequence[Any]]) -> int:
    """What the account held after one transaction: the months before, and its month up to it."""
    until = [entry for entry in days if (entry[2], entry[0]) <= (day, transaction_id)]
    return held.sums.before(month_number(day)) + accounts.sum_of(tx, until)


async def list_reconciliations(
    tx: ReadTx, account_id: UUID, requested: int, after: Sequence[str] | None
) -> Page[Reconciliation]:
    """A page, newest statement first."""
    size = page_size(requested)
    values: dict[str, Any] = {"space_id": tx.space_id, "account_id": account_id, "limit": size + 1}
    call = RECONCILIATIONS(**values)
    if after:
        call = RECONCILIATIONS_AFTER(**values, after_day=date.fromisoformat(after[0]), after_id=UUID(after[1]))
    held_rows, rows = await tx.fetch_all(ACCOUNTS(space_id=tx.space_id, ids=[account_id]), call)
    await accounts.open_held(tx, held_rows)
    return page_of(tx, RECONCILIATION, rows, size, lambda last: (last.statement_on, last.id))
