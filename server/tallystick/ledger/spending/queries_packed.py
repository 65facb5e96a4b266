"""What was spent and earned, by account, category and day? For whoever adds it up: many entries at once, and of each only what sums need.

Ten thousand rows cost more to take apart than to open. So PostgreSQL lays the records of a month side by side, all of one width, and they
arrive as one value: the cell's mark first, then the cell, then what the sum is of.

Entries and totals are there for everybody: whoever asks names accounts that the caller sees.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CHAR,
    ColumnElement,
    Date,
    Integer,
    LargeBinary,
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
from tallystick.ledger.transactions.rules import EXPENSE, INCOME, REFUND
from tallystick.store.statements import Statement, prepare

_entry, _total, _transaction, _tag = tables.entry, tables.total, tables.transaction, tables.transaction_tag

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ACCOUNTS = bindparam("accounts", type_=ARRAY(Uuid))
_CATEGORIES = bindparam("categories", type_=ARRAY(Uuid))
_FROM, _UNTIL = bindparam("from_on", type_=Date), bindparam("until_on", type_=Date)
_KINDS: list[ColumnElement[int]] = [literal_column(str(int(kind))) for kind in (EXPENSE, INCOME, REFUND)]
_NOTHING: ColumnElement[bytes] = literal_column("''::bytea")
_UTF8: ColumnElement[str] = literal_column("'UTF8'")
_NOBODY: ColumnElement[UUID] = literal_column(f"'{UUID(int=0)}'::uuid")


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
_told_parts = (
    *_entry_parts,
    func.int2send(_transaction.c.kind, type_=LargeBinary),
    _id(func.coalesce(_transaction.c.payee_id, _NOBODY)),
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
        _total.c.space_id == _SPACE_ID,
        _total.c.account_id == any_(_ACCOUNTS),
        _total.c.category_id == any_(_CATEGORIES),
        _total.c.currency == cast(bindparam("currency", type_=Text), CHAR(3)),
        _total.c.month.between(_FROM, _UNTIL),
    )
    .group_by(_total.c.month)
)

_span = (
    func.unnest(bindparam("from_days", type_=ARRAY(Date)), bindparam("until_days", type_=ARRAY(Date)))
    .table_valued("from_on", "until_on")
    .render_derived("span")
)
_in_span = (
    select(_DIGITS.label("digits"), _side_by_side(*_entry_parts).label("records"))
    .where(
        _entry.c.space_id == _SPACE_ID,
        _entry.c.account_id == any_(_ACCOUNTS),
        _entry.c.category_id == any_(_CATEGORIES),
        _entry.c.booked_on.between(_span.c.from_on, _span.c.until_on),
        _entry.c.live,
    )
    .group_by(_DIGITS)
    .lateral("found")
)
# Entries of some categories, in spans of days that have none in common. A row or more for each span: for each it follows the index of the
# accounts, and reads no other day.
ENTRIES: Statement[date, int, bytes] = prepare(
    select(_span.c.from_on, _in_span.c.digits, _in_span.c.records).select_from(_span.join(_in_span, true()))
)

_MONTH = extract("year", _entry.c.booked_on), extract("month", _entry.c.booked_on)
_told = select(_DIGITS, _side_by_side(*_told_parts)).select_from(
    _entry.join(
        _transaction,
        and_(
            _transaction.c.space_id == _SPACE_ID,
            _transaction.c.id == _entry.c.transaction_id,
            _transaction.c.kind.in_(_KINDS),
        ),
    )
)
_of_accounts = (
    _entry.c.space_id == _SPACE_ID,
    _entry.c.account_id == any_(_ACCOUNTS),
    _entry.c.booked_on.between(_FROM, _UNTIL),
    _entry.c.live,
)
# Entries without a category, of what was spent, earned or refunded: transfers have none either.
UNCATEGORIZED: Statement[int, bytes] = prepare(
    _told.where(*_of_accounts, _entry.c.category_id.is_(None)).group_by(_DIGITS, *_MONTH)
)

_PAYEES, _TAGS = bindparam("payees", type_=ARRAY(Uuid)), bindparam("tags", type_=ARRAY(Uuid))
_tagged = (
    _tag.c.space_id == _SPACE_ID,
    _tag.c.tag_id == any_(_TAGS),
    _tag.c.booked_on.between(_FROM, _UNTIL),
    _tag.c.live,
)
_labelled = union(
    select(_transaction.c.id).where(
        _transaction.c.space_id == _SPACE_ID,
        _transaction.c.payee_id == any_(_PAYEES),
        _transaction.c.booked_on.between(_FROM, _UNTIL),
        _transaction.c.deleted_at.is_(None),
    ),
    select(_tag.c.transaction_id).where(*_tagged),
)
# Entries of transactions that have one of the payees or tags.
LABELLED: Statement[int, bytes] = prepare(
    _told.where(*_of_accounts, _transaction.c.id.in_(_labelled)).group_by(_DIGITS, *_MONTH)
)
# Which transactions have which of the tags: pairs of ids, side by side.
TAGS_OF: Statement[bytes] = prepare(
    select(_side_by_side(_id(_tag.c.transaction_id), _id(_tag.c.tag_id))).where(*_tagged)
)
