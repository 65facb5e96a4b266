"""What was spent and earned, by account, category and day? For whoever adds it up: many entries at once, and of each only what sums need.

Ten thousand rows cost more to take apart than to open. So PostgreSQL lays the records of a month side by side, all of one width, and they
arrive as one value: the cell's mark first, then the cell, then what the sum is of.

Entries and totals are there for everybody: whoever asks names accounts that the caller sees.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CHAR,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    extract,
    func,
    literal_column,
    select,
    true,
    union,
)

from tallystick.ledger import tables
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.rules import Span
from tallystick.ledger.transactions.queries_lists import FORMS_MAX, SPACE_ID, Filters, fits, in_dates, values_of
from tallystick.ledger.transactions.rules_lists import CATEGORIZED
from tallystick.store.statements import Call, Statement, prepare
from tallystick.v1.ledger_pb2 import TransactionKind

_entry, _total, _transaction, _tag = tables.entry, tables.total, tables.transaction, tables.transaction_tag

_ACCOUNTS = bindparam("accounts", type_=ARRAY(Uuid))
_CATEGORIES = bindparam("categories", type_=ARRAY(Uuid))
_COUNTING = bindparam("counting", [*CATEGORIZED], type_=ARRAY(SmallInteger))
_MOVING = bindparam(
    "moving", [each for each in TransactionKind.values() if each and each not in CATEGORIZED], type_=ARRAY(SmallInteger)
)
_NOTHING: ColumnElement[bytes] = literal_column("''::bytea")
_UTF8: ColumnElement[str] = literal_column("'UTF8'")
_NOBODY: ColumnElement[UUID] = literal_column(f"'{NO_CATEGORY}'::uuid")


def _bytes_of(text: ColumnElement[str]) -> ColumnElement[bytes]:
    return func.convert_to(text, _UTF8, type_=LargeBinary)


def _id(row_id: ColumnElement[object]) -> ColumnElement[bytes]:
    return func.uuid_send(row_id, type_=LargeBinary)


def _together(*parts: ColumnElement[bytes]) -> ColumnElement[bytes]:
    record = parts[0]
    for part in parts[1:]:
        record = record.op("||")(part)
    return record


def _side_by_side(*parts: ColumnElement[bytes]) -> ColumnElement[bytes]:
    return func.string_agg(_together(*parts), _NOTHING, type_=LargeBinary)


_BAR: ColumnElement[bytes] = literal_column("'|'::bytea")
_line = cast(_entry.c.line, Text)
# Lines are written with as many digits as they have: records of one width have lines of one length.
_DIGITS: ColumnElement[int] = func.length(_line, type_=Integer)
_entry_parts = (
    func.int8send(_entry.c.version, type_=LargeBinary),
    _id(_entry.c.transaction_id),
    _BAR,
    _bytes_of(_line),
    _entry.c.amount,
    _id(_entry.c.account_id),
    _BAR,
    _id(func.coalesce(_entry.c.category_id, _NOBODY)),
    func.date_send(_entry.c.booked_on, type_=LargeBinary),
)

# The sums of whole months, from the one to the other, in one currency. A row for each month. What the marks of its records have in common
# is not among them: it costs more to write down than all the rest.
TOTALS: Statement[date, bytes] = prepare(
    select(
        _total.c.month,
        _side_by_side(
            func.int8send(_total.c.version, type_=LargeBinary),
            _id(_total.c.account_id),
            _BAR,
            _id(_total.c.category_id),
            _total.c.amount,
        ),
    )
    .where(
        _total.c.space_id == SPACE_ID,
        _total.c.account_id == any_(_ACCOUNTS),
        _total.c.category_id == any_(_CATEGORIES),
        _total.c.currency == cast(bindparam("currency", type_=Text), CHAR(3)),
        in_dates(_total.c.month),
    )
    .group_by(_total.c.month)
)

_span = (
    func.unnest(bindparam("from_days", type_=ARRAY(Date)), bindparam("until_days", type_=ARRAY(Date)))
    .table_valued("from_on", "until_on")
    .render_derived("span")
)


def _in_spans(*wanted: ColumnElement[bool]) -> Statement[date, int, bytes]:
    """Entries in spans of days that have none in common. A row or more for each span: for each it follows the index of the accounts, and
    reads no other day."""
    found = (
        select(_DIGITS.label("digits"), _side_by_side(*_entry_parts).label("records"))
        .where(
            _entry.c.space_id == SPACE_ID,
            _entry.c.account_id == any_(_ACCOUNTS),
            _entry.c.booked_on.between(_span.c.from_on, _span.c.until_on),
            _entry.c.live,
            *wanted,
        )
        .group_by(_DIGITS)
        .lateral("found")
    )
    return prepare(select(_span.c.from_on, found.c.digits, found.c.records).select_from(_span.join(found, true())))


# Of some categories, and whatever moved accounts: also transfers, openings and adjustments.
ENTRIES = _in_spans(_entry.c.category_id == any_(_CATEGORIES))
MOVED = _in_spans()


def days_of(spans: Sequence[Span]) -> dict[str, list[date]]:
    """Spans as these two take them."""
    return {"from_days": [first for first, _ in spans], "until_days": [last for _, last in spans]}


_MONTH = extract("year", _entry.c.booked_on), extract("month", _entry.c.booked_on)
_of_accounts = _entry.c.space_id == SPACE_ID, _entry.c.account_id == any_(_ACCOUNTS), _entry.c.live


def _told(kind: ColumnElement[int], payee_id: ColumnElement[UUID | None], rows: FromClause) -> Select[int, bytes]:
    """Entries with what their transactions say, some rows for each month."""
    its = func.int2send(kind, type_=LargeBinary), _id(func.coalesce(payee_id, _NOBODY))
    return (
        select(_DIGITS, _side_by_side(*_entry_parts, *its))
        .select_from(rows)
        .where(*_of_accounts)
        .group_by(_DIGITS, *_MONTH)
    )


# What waits for a category. Entries of transfers have none either: those are taken out first, all at once, and only what is left is
# looked up in its transaction; whoever sees an account sees every transaction that moves it. The limit keeps PostgreSQL from turning that
# join around and reading all transactions of the book.
_moving = select(_transaction.c.id).where(
    _transaction.c.space_id == SPACE_ID, _transaction.c.kind == any_(_MOVING), in_dates(_transaction.c.booked_on)
)
_its = (
    select(_transaction.c.kind, _transaction.c.payee_id)
    .where(
        _transaction.c.space_id == SPACE_ID,
        _transaction.c.id == _entry.c.transaction_id,
        _transaction.c.kind == any_(_COUNTING),
    )
    .limit(literal_column("1"))
    .lateral("its")
)
UNCATEGORIZED: Statement[int, bytes] = prepare(
    _told(_its.c.kind, _its.c.payee_id, _entry.join(_its, true())).where(
        _entry.c.category_id.is_(None), in_dates(_entry.c.booked_on), _entry.c.transaction_id.not_in(_moving)
    ),
    is_kept=False,
)

_counted = _told(
    _transaction.c.kind,
    _transaction.c.payee_id,
    _entry.join(
        _transaction,
        and_(
            _transaction.c.space_id == SPACE_ID,
            _transaction.c.id == _entry.c.transaction_id,
            _transaction.c.kind == any_(_COUNTING),
        ),
    ),
)
COUNTED_OF: Statement[int, bytes] = prepare(
    _counted.where(_entry.c.transaction_id == any_(bindparam("ids", type_=ARRAY(Uuid))))
)


def counted_that_fit(space_id: UUID, accounts: Sequence[UUID], filters: Filters) -> Call[int, bytes]:
    """What was spent and earned in the transactions that fit."""
    return _counted_that_fit(filters.names)(space_id=space_id, accounts=accounts, **values_of(filters, None))


@lru_cache(maxsize=FORMS_MAX)
def _counted_that_fit(names: tuple[str, ...]) -> Statement[int, bytes]:
    # The day is the same by itself, and makes the rows findable by any index.
    return prepare(_counted.where(*fits(names), in_dates(_entry.c.booked_on)), is_kept=False)


_tagged = (
    _tag.c.space_id == SPACE_ID,
    _tag.c.tag_id == any_(bindparam("tags", type_=ARRAY(Uuid))),
    in_dates(_tag.c.booked_on),
    _tag.c.live,
)
_labelled = union(
    select(_transaction.c.id).where(
        _transaction.c.space_id == SPACE_ID,
        _transaction.c.payee_id == any_(bindparam("payees", type_=ARRAY(Uuid))),
        in_dates(_transaction.c.booked_on),
        _transaction.c.deleted_at.is_(None),
    ),
    select(_tag.c.transaction_id).where(*_tagged),
)
# Entries of transactions that have one of the payees or tags.
LABELLED: Statement[int, bytes] = prepare(
    _counted.where(in_dates(_entry.c.booked_on), _transaction.c.id.in_(_labelled))
)
# Which transactions have which of the tags: pairs of ids, side by side.
TAGS_OF: Statement[bytes] = prepare(
    select(_side_by_side(_id(_tag.c.transaction_id), _id(_tag.c.tag_id))).where(*_tagged)
)
