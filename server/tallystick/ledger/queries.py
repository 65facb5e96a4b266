"""What is in a book? Every SELECT of the ledger; each names the space."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Date, Integer, Table, Uuid, bindparam, select, tuple_

from tallystick.ledger import tables
from tallystick.ledger.tables import ACCOUNT, BALANCE, BOOK, TRANSACTION
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import Statement, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import AccountBalance, Transaction
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

TOTAL_OF = prepare(
    select(tables.total.c.version, tables.total.c.amount).where(
        tables.total.c.space_id == _SPACE_ID,
        tables.total.c.account_id == bindparam("account_id", type_=Uuid),
        tables.total.c.category_id == bindparam("category_id", type_=Uuid),
        tables.total.c.currency == bindparam("currency", type_=tables.total.c.currency.type),
        tables.total.c.month == bindparam("month", type_=Date),
    )
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
