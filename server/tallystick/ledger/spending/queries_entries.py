"""Which rows say what was spent and earned? Totals of months, and entries: by account and day, or of the transactions that fit.

Each row begins with a mark and a sealed amount, as `SpaceSeal.open_many` takes them. Of an entry follow the account and the category in
bytes, the day, and the kind of its transaction where the category does not tell.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CHAR,
    Date,
    LargeBinary,
    Select,
    SmallInteger,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
)

from tallystick.ledger import tables
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.transactions.queries_lists import FORMS_MAX, SPACE_ID, Filters, fits, in_dates, values_of
from tallystick.ledger.transactions.queries_scan import MARK_OF_ENTRY, id_bytes, mark_of
from tallystick.ledger.transactions.rules_lists import CATEGORIZED
from tallystick.store.statements import Call, Statement, prepare
from tallystick.v1.ledger_pb2 import TransactionKind

Ts = TypeVarTuple("Ts")

EntryRow = tuple[bytes, bytes, bytes, date, int]
# The same, and whom it was paid to: the payee, or the transaction that says so only as a text.
PaidRow = tuple[bytes, bytes, bytes, date, int, UUID | None, UUID, int, bytes | None]

_total, _entry, _transaction = tables.total, tables.entry, tables.transaction
_ACCOUNTS = bindparam("accounts", type_=ARRAY(Uuid))
_CATEGORIES = bindparam("categories", type_=ARRAY(Uuid))
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_MOVING = [kind for kind in TransactionKind.values() if kind and kind not in CATEGORIZED]
_COUNTING = bindparam("counting", [*CATEGORIZED], type_=ARRAY(SmallInteger))
_NO_KIND = literal(0, SmallInteger)

ID_BYTES = 16
# A total's version, its place (the bytes of account and category), and its month. They are told apart here and not made a mark of by
# PostgreSQL, which takes longer to write a month than to find its row.
VERSION_AT, ACCOUNT_AT, CATEGORY_AT = slice(0, 8), slice(8, 24), slice(24, 40)
PLACE_AT, MONTH_AT = slice(8, 40), slice(40, 44)
# Planned anew each time, for the accounts and categories that are given: a plan for any of them would walk all totals of the book.
TOTALS_BETWEEN: Statement[bytes, bytes] = prepare(
    select(
        mark_of(
            _total.c.version,
            id_bytes(_total.c.account_id),
            id_bytes(_total.c.category_id),
            func.date_send(_total.c.month, type_=LargeBinary),
        ),
        _total.c.amount,
    ).where(
        _total.c.space_id == SPACE_ID,
        _total.c.account_id == any_(_ACCOUNTS),
        _total.c.category_id == any_(_CATEGORIES),
        _total.c.currency == bindparam("currency", type_=CHAR(3)),
        _total.c.month.between(bindparam("booked_from", type_=Date), bindparam("booked_until", type_=Date)),
    ),
    is_kept=False,
)

_place = id_bytes(_entry.c.account_id).op("||")(
    func.coalesce(id_bytes(_entry.c.category_id), literal(NO_CATEGORY.bytes, LargeBinary))
)

# What has a category, of some days of each account. The subquery cannot be pulled up for its OFFSET, so that each account is looked up by
# its index; PostgreSQL would now and then rather read all entries of the book.
_wanted = (
    func.unnest(_ACCOUNTS, bindparam("firsts", type_=ARRAY(Date)), bindparam("lasts", type_=ARRAY(Date)))
    .table_valued("account_id", "first_on", "last_on", name="wanted")
    .render_derived()
)
_its = (
    select(MARK_OF_ENTRY.label("mark"), _entry.c.amount, _place.label("place"), _entry.c.booked_on)
    .where(
        _entry.c.space_id == SPACE_ID,
        _entry.c.account_id == _wanted.c.account_id,
        _entry.c.booked_on.between(_wanted.c.first_on, _wanted.c.last_on),
        _entry.c.category_id == any_(_CATEGORIES),
        _entry.c.live,
    )
    .offset(0)
    .lateral("its")
)
FILED_ON: Statement[bytes, bytes, bytes, date, int] = prepare(
    select(_its.c.mark, _its.c.amount, _its.c.place, _its.c.booked_on, _NO_KIND).select_from(_wanted.join(_its, true()))
)

_joined = _entry.join(
    _transaction, and_(_transaction.c.space_id == SPACE_ID, _transaction.c.id == _entry.c.transaction_id)
)
_counted = (
    select(MARK_OF_ENTRY, _entry.c.amount, _place, _entry.c.booked_on, _transaction.c.kind)
    .select_from(_joined)
    .where(
        _entry.c.space_id == SPACE_ID,
        _entry.c.live,
        _entry.c.account_id == any_(_ACCOUNTS),
        _transaction.c.kind == any_(_COUNTING),
    )
)
# What waits for a category. Entries of transfers have none either: those are taken out first, all at once, and only what is left is
# looked up in its transaction; whoever sees an account sees every transaction that moves it. The limit keeps PostgreSQL from turning that
# join around and reading all transactions of the book.
_moving = select(_transaction.c.id).where(
    _transaction.c.space_id == SPACE_ID,
    _transaction.c.kind == any_(bindparam("moving", _MOVING, type_=ARRAY(SmallInteger))),
    in_dates(_transaction.c.booked_on),
)
_its_transaction = (
    select(_transaction.c.kind)
    .where(_transaction.c.space_id == SPACE_ID, _transaction.c.id == _entry.c.transaction_id)
    .where(_transaction.c.kind == any_(_COUNTING))
    .limit(literal(1))
    .lateral("its_transaction")
)
UNFILED_BETWEEN: Statement[bytes, bytes, bytes, date, int] = prepare(
    select(MARK_OF_ENTRY, _entry.c.amount, _place, _entry.c.booked_on, _its_transaction.c.kind)
    .select_from(_entry.join(_its_transaction, true()))
    .where(
        _entry.c.space_id == SPACE_ID,
        _entry.c.live,
        _entry.c.account_id == any_(_ACCOUNTS),
        _entry.c.category_id.is_(None),
        in_dates(_entry.c.booked_on),
        _entry.c.transaction_id.not_in(_moving),
    ),
    is_kept=False,
)
COUNTED_OF: Statement[bytes, bytes, bytes, date, int] = prepare(_counted.where(_entry.c.transaction_id == any_(_IDS)))

# Who was paid: the id of the payee, or the body of a transaction that names nobody, where the text may.
_payee = (
    _transaction.c.payee_id,
    _transaction.c.id,
    _transaction.c.version,
    case((_transaction.c.payee_id.is_(None), _transaction.c.body)),
)
PAID_OF: Statement[bytes, bytes, bytes, date, int, UUID | None, UUID, int, bytes | None] = prepare(
    _counted.add_columns(*_payee).where(_entry.c.transaction_id == any_(_IDS))
)


def counted_that_fit(
    space_id: UUID, accounts: Sequence[UUID], filters: Filters
) -> Call[bytes, bytes, bytes, date, int]:
    """What was spent and earned in the transactions that fit."""
    return _counted_that_fit(filters.names)(space_id=space_id, accounts=accounts, **values_of(filters, None))


def paid_that_fit(
    space_id: UUID, accounts: Sequence[UUID], filters: Filters
) -> Call[bytes, bytes, bytes, date, int, UUID | None, UUID, int, bytes | None]:
    """The same, with who was paid."""
    return _paid_that_fit(filters.names)(space_id=space_id, accounts=accounts, **values_of(filters, None))


@lru_cache(maxsize=FORMS_MAX)
def _counted_that_fit(names: tuple[str, ...]) -> Statement[bytes, bytes, bytes, date, int]:
    return prepare(_narrowed(_counted, names), is_kept=False)


@lru_cache(maxsize=FORMS_MAX)
def _paid_that_fit(
    names: tuple[str, ...],
) -> Statement[bytes, bytes, bytes, date, int, UUID | None, UUID, int, bytes | None]:
    return prepare(_narrowed(_counted.add_columns(*_payee), names), is_kept=False)


def _narrowed(rows: Select[*Ts], names: tuple[str, ...]) -> Select[*Ts]:
    # The day is the same by itself, and makes the rows findable by any index.
    return rows.where(*fits(names), in_dates(_entry.c.booked_on))
