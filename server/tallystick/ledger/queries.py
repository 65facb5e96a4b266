"""What is in a book? Every SELECT of the ledger; each names the space."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Table, Uuid, and_, bindparam, select, tuple_

from tallystick.errors import NotVisible
from tallystick.ledger import tables
from tallystick.ledger.rules import NO_CATEGORY, Cell, cell_of
from tallystick.ledger.tables import ACCOUNT, BALANCE, BOOK, CATEGORY, TOTAL, TRANSACTION
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import Account, AccountBalance, Category, Transaction
from tallystick.v1.ledger_service_pb2 import CreateTransactionRequest
from tallystick.v1.money_pb2 import Money

_SPACE_ID = bindparam("space_id", type_=Uuid)


def _by_id(table: Table) -> Statement[UUID, int, bytes]:
    return prepare(
        select(table.c.id, table.c.version, table.c.body).where(
            table.c.space_id == _SPACE_ID, table.c.id == bindparam("id", type_=Uuid), table.c.deleted_at.is_(None)
        )
    )


BOOK_BY_ID = _by_id(tables.book)
ACCOUNT_BY_ID = _by_id(tables.account)
CATEGORY_BY_ID = _by_id(tables.category)
TRANSACTION_BY_ID = _by_id(tables.transaction)

BALANCE_OF = prepare(
    select(tables.balance.c.version, tables.balance.c.amount).where(
        tables.balance.c.space_id == _SPACE_ID, tables.balance.c.account_id == bindparam("account_id", type_=Uuid)
    )
)

# All that a transaction of one entry touches, in one row: its account, its category if it has one, and the balance and total that it
# moves. No row: no such account.
_account, _category, _balance, _total = tables.account, tables.category, tables.balance, tables.total
_ACCOUNT_ID, _CATEGORY_ID = bindparam("account_id", type_=Uuid), bindparam("category_id", type_=Uuid)
TOUCHED = prepare(
    select(
        _account.c.version,
        _account.c.body,
        _category.c.version,
        _category.c.body,
        _balance.c.version,
        _balance.c.amount,
        _total.c.version,
        _total.c.amount,
    )
    .select_from(
        _account.outerjoin(
            _category,
            and_(_category.c.space_id == _SPACE_ID, _category.c.id == _CATEGORY_ID, _category.c.deleted_at.is_(None)),
        )
        .outerjoin(_balance, and_(_balance.c.space_id == _SPACE_ID, _balance.c.account_id == _ACCOUNT_ID))
        .outerjoin(
            _total,
            and_(
                _total.c.space_id == _SPACE_ID,
                _total.c.account_id == _ACCOUNT_ID,
                _total.c.category_id == _CATEGORY_ID,
                _total.c.currency == bindparam("currency", type_=_total.c.currency.type),
                _total.c.month == bindparam("month", type_=Date),
            ),
        )
    )
    .where(_account.c.space_id == _SPACE_ID, _account.c.id == _ACCOUNT_ID, _account.c.deleted_at.is_(None))
)

_newest = tables.transaction
_page = (
    select(_newest.c.id, _newest.c.version, _newest.c.body)
    .where(_newest.c.space_id == _SPACE_ID, _newest.c.deleted_at.is_(None))
    .order_by(_newest.c.booked_on.desc(), _newest.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
NEWEST_TRANSACTIONS = prepare(_page)
NEWEST_TRANSACTIONS_AFTER = prepare(
    _page.where(
        tuple_(_newest.c.booked_on, _newest.c.id)
        < tuple_(bindparam("after_day", type_=Date), bindparam("after_id", type_=Uuid))
    )
)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a transaction of one entry touches, opened."""

    account: Account
    category: Category | None
    balance_minor: int
    total_minor: int


def touched_by(request: CreateTransactionRequest) -> Sequence[Call[*tuple[Any, ...]]]:
    """The query that the command will make, to be asked ahead. Nothing for a request whose date the command refuses anyway."""
    try:
        cell = cell_of(
            request.account_id, request.category_id, request.amount.currency, date.fromisoformat(request.booked_on)
        )
    except ValueError:
        return ()
    return (TOUCHED(space_id=UUID(request.book_id), **cell._asdict()),)


async def get_touched(tx: ReadTx, cell: Cell) -> Touched:
    rows: Sequence[tuple[Any, ...]] = await tx.fetch(TOUCHED(space_id=tx.space_id, **cell._asdict()))
    if not rows:
        raise NotVisible
    account, category, balance, total = (rows[0][at : at + 2] for at in (0, 2, 4, 6))
    has_category = cell.category_id != NO_CATEGORY
    if has_category and category[0] is None:
        raise NotVisible
    return Touched(
        account=tx.open(ACCOUNT, (cell.account_id, *account)),
        category=tx.open(CATEGORY, (cell.category_id, *category)) if has_category else None,
        balance_minor=0 if balance[0] is None else tx.open_number(BALANCE, [balance], account_id=cell.account_id),
        total_minor=0 if total[0] is None else tx.open_number(TOTAL, [total], **cell._asdict()),
    )


async def get_transaction(tx: ReadTx, transaction_id: UUID) -> Transaction:
    return tx.require(TRANSACTION, await tx.fetch(TRANSACTION_BY_ID(space_id=tx.space_id, id=transaction_id)))


async def get_account_balance(tx: ReadTx, account_id: UUID) -> AccountBalance:
    accounts, balances = await tx.fetch_all(
        ACCOUNT_BY_ID(space_id=tx.space_id, id=account_id), BALANCE_OF(space_id=tx.space_id, account_id=account_id)
    )
    account = tx.require(ACCOUNT, accounts)
    held = tx.open_number(BALANCE, balances, account_id=account_id)
    version = balances[0][0] if balances else 0
    return AccountBalance(account_id=account.id, balance=Money(currency=account.currency, minor=held), version=version)


async def list_transactions(tx: ReadTx, requested: int, after: Sequence[str] | None) -> Page[Transaction]:
    """A page, newest first. `after` is the date and id of the last transaction of the page before."""
    size = page_size(requested)
    if after is None:
        call = NEWEST_TRANSACTIONS(space_id=tx.space_id, limit=size + 1)
    else:
        day, last_id = date.fromisoformat(after[0]), UUID(after[1])
        call = NEWEST_TRANSACTIONS_AFTER(space_id=tx.space_id, limit=size + 1, after_day=day, after_id=last_id)
    return page_of(tx, TRANSACTION, await tx.fetch(call), size, lambda last: (last.booked_on, last.id))


async def get_book_name(tx: ReadTx) -> str:
    """The name of the book that the space is."""
    return tx.require(BOOK, await tx.fetch(BOOK_BY_ID(space_id=tx.space_id, id=tx.space_id))).name
