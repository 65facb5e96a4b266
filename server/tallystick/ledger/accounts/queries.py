"""Which accounts are there, and what does each hold, now and on any day?"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, SmallInteger, Uuid, and_, bindparam, func, literal_column, select, tuple_

from tallystick.errors import NotVisible
from tallystick.ledger import tables
from tallystick.ledger.accounts.rules import part_until
from tallystick.ledger.sums import Sums
from tallystick.ledger.tables import ACCOUNT, ENTRY
from tallystick.ledger.transactions.references import ACCOUNTS, open_sums
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_accounts_pb2 import ListAccountsRequest
from tallystick.v1.ledger_pb2 import Account, AccountBalance, AccountType, TransactionStatus
from tallystick.v1.ledger_service_pb2 import GetAccountBalanceResponse
from tallystick.v1.money_pb2 import Money

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ACCOUNT_ID = bindparam("account_id", type_=Uuid)
_FROM, _UNTIL = bindparam("from_on", type_=Date), bindparam("until_on", type_=Date)
_account, _balance, _entry = tables.account, tables.balance, tables.entry
_reconciliation = tables.reconciliation

ACCOUNT_WITH_DELETED = prepare(
    select(_account.c.id, _account.c.version, _account.c.body, _account.c.deleted_at).where(
        _account.c.space_id == _SPACE_ID, _account.c.id == _ACCOUNT_ID
    )
)
LIVE_ACCOUNTS = prepare(
    select(_account.c.id, _account.c.version, _account.c.body)
    .where(_account.c.space_id == _SPACE_ID, _account.c.deleted_at.is_(None))
    .order_by(_account.c.id)
)
_in_order = (
    select(_account.c.id, _account.c.version, _account.c.body, _balance.c.version, _balance.c.amount)
    .select_from(
        _account.outerjoin(_balance, and_(_balance.c.space_id == _SPACE_ID, _balance.c.account_id == _account.c.id))
    )
    .where(
        _account.c.space_id == _SPACE_ID,
        _account.c.type == func.any(bindparam("types", type_=ARRAY(SmallInteger))),
        tuple_(_account.c.position, _account.c.id)
        > tuple_(bindparam("after_position", type_=Integer), bindparam("after_id", type_=Uuid)),
    )
    .order_by(_account.c.position, _account.c.id)
    .limit(bindparam("limit", type_=Integer))
)
ACCOUNTS_IN_ORDER = prepare(_in_order.where(_account.c.deleted_at.is_(None)))
DELETED_ACCOUNTS_IN_ORDER = prepare(_in_order.where(_account.c.deleted_at.is_not(None)))

LIVE_ENTRIES = and_(_entry.c.space_id == _SPACE_ID, _entry.c.account_id == _ACCOUNT_ID, _entry.c.live)
AMOUNTS = select(_entry.c.transaction_id, _entry.c.line, _entry.c.booked_on, _entry.c.version, _entry.c.amount)
# Entries of some days. The months before them are known as sums.
ENTRIES_BETWEEN = prepare(AMOUNTS.where(LIVE_ENTRIES, _entry.c.booked_on.between(_FROM, _UNTIL)))
# The number in this comparison is a constant, so that the index of pending entries is used.
PENDING_UNTIL = prepare(
    AMOUNTS.where(
        LIVE_ENTRIES,
        _entry.c.status == literal_column(str(int(TransactionStatus.TRANSACTION_STATUS_PENDING))),
        _entry.c.booked_on <= _UNTIL,
    )
)
# One transaction more than the opening balance says that the account is in use.
BOOKED = prepare(select(_entry.c.transaction_id).where(LIVE_ENTRIES).distinct().limit(2))
# Also what is deleted: it would come back to other eyes than it left.
EVER_BOOKED: Statement[UUID] = Statement(
    select(_entry.c.transaction_id)
    .where(_entry.c.space_id == _SPACE_ID, _entry.c.account_id == _ACCOUNT_ID)
    .union_all(
        select(_reconciliation.c.id).where(
            _reconciliation.c.space_id == _SPACE_ID, _reconciliation.c.account_id == _ACCOUNT_ID
        )
    )
    .limit(1)
)
BOOKED_AFTER = prepare(select(_entry.c.booked_on).where(LIVE_ENTRIES, _entry.c.booked_on > _UNTIL).limit(1))


class Held(NamedTuple):
    """An account, what it holds, and the seq of the newest change that moved it."""

    account: Account
    sums: Sums
    version: int


async def get_account(tx: ReadTx, account_id: UUID) -> Account:
    (account, *_) = await get_held(tx, account_id)
    return account


async def list_all_accounts(tx: ReadTx) -> list[Account]:
    """Every account that the caller sees. Of them a book has few."""
    return [tx.open(ACCOUNT, row) for row in await tx.fetch(LIVE_ACCOUNTS(space_id=tx.space_id))]


async def get_held(tx: ReadTx, account_id: UUID) -> Held:
    return await open_held(tx, await tx.fetch(ACCOUNTS(space_id=tx.space_id, ids=[account_id])))


async def open_held(tx: ReadTx, rows: Sequence[Sequence[Any]]) -> Held:
    if not rows:
        raise NotVisible
    account_id, version, body, balance_version, cell = rows[0]
    account = tx.open(ACCOUNT, (account_id, version, body))
    return Held(account, await open_sums(tx, account_id, balance_version, cell), balance_version or 0)


def compose_balance(held: Held, minor: int) -> AccountBalance:
    amount = Money(currency=held.account.currency, minor=minor)
    return AccountBalance(account_id=held.account.id, balance=amount, version=held.version)


def sum_of(tx: ReadTx, entries: Sequence[Sequence[Any]]) -> int:
    return sum(amount_of(tx, entry) for entry in entries)


def amount_of(tx: ReadTx, entry: Sequence[Any]) -> int:
    transaction_id, line, _, version, cell = entry
    return tx.open_number(ENTRY, [(version, cell)], transaction_id=transaction_id, line=line)


class AsOf(NamedTuple):
    """What an account holds at the end of a day, and how much of it is cleared."""

    held: Held
    minor: int
    cleared: int


async def get_as_of(tx: ReadTx, account_id: UUID, day: date | None) -> AsOf:
    """No day: all that is booked, also in the future."""
    part = part_until(day) if day else None
    asked: list[Call[*tuple[Any, ...]]] = [
        ACCOUNTS(space_id=tx.space_id, ids=[account_id]),
        PENDING_UNTIL(space_id=tx.space_id, account_id=account_id, until_on=day or date.max),
    ]
    if part:
        span = {"from_on": part.from_on, "until_on": part.until_on}
        asked.append(ENTRIES_BETWEEN(space_id=tx.space_id, account_id=account_id, **span))
    accounts, pending, *days = await tx.fetch_all(*asked)
    held = await open_held(tx, accounts)
    minor = held.sums.balance
    if part:
        minor = held.sums.before(part.month) + part.sign * sum_of(tx, days[0])
    return AsOf(held, minor, minor - sum_of(tx, pending))


async def get_balance(tx: ReadTx, account_id: UUID, day: date | None) -> GetAccountBalanceResponse:
    found = await get_as_of(tx, account_id, day)
    cleared = Money(currency=found.held.account.currency, minor=found.cleared)
    return GetAccountBalanceResponse(balance=compose_balance(found.held, found.minor), cleared=cleared)


class Listed(NamedTuple):
    """A page of accounts, and what each of them holds."""

    page: Page[Account]
    balances: list[AccountBalance]


async def list_accounts(tx: ReadTx, request: ListAccountsRequest, after: Sequence[str] | None) -> Listed:
    """A page by position and id. Whether an account is closed is sealed, so closed ones are left out of the page that they are on."""
    size = page_size(request.page_size)
    statement = DELETED_ACCOUNTS_IN_ORDER if request.deleted else ACCOUNTS_IN_ORDER
    rows = await tx.fetch(
        statement(
            space_id=tx.space_id,
            types=list(request.types) or list(AccountType.values()),
            after_position=int(after[0]) if after else -1,
            after_id=UUID(after[1]) if after else UUID(int=0),
            limit=size + 1,
        )
    )
    found = [await open_held(tx, [row]) for row in rows[:size]]
    last = (str(found[-1].account.position), found[-1].account.id) if len(rows) > size else ()
    shown = [held for held in found if not (request.open_only and held.account.closed_on)]
    balances = [compose_balance(held, held.sums.balance) for held in shown]
    return Listed(Page([held.account for held in shown], last), balances)
