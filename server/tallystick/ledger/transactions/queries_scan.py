"""Which rows does a scan read? Of each transaction its sealed gist, and a mark that says where the gist belongs."""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CHAR,
    ColumnElement,
    LargeBinary,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    select,
)

from tallystick.ledger import tables
from tallystick.ledger.transactions.queries_lists import (
    FORMS_MAX,
    SPACE_ID,
    ByDate,
    Filters,
    Form,
    fits,
    form_of,
    in_dates,
    in_order,
    values_of,
)
from tallystick.ledger.transactions.rules_lists import Query
from tallystick.store.statements import Call, Statement, prepare
from tallystick.v1.ledger_pb2 import TransactionKind

# A mark, the gist if there is one, whether the payee is one of those that were named, and the body if the gist does not tell enough.
Row = tuple[bytes, bytes | None, bool, bytes | None]
# A mark, the sealed amount, and what it counts for: a kind and a currency.
EntryRow = tuple[bytes, bytes, int, str]

_TRANSFER = int(TransactionKind.TRANSACTION_KIND_TRANSFER)
_transaction, _entry, _payee = tables.transaction, tables.entry, tables.payee
_IDS = bindparam("ids", type_=ARRAY(Uuid))


def mark_of(version: ColumnElement[int], *row: ColumnElement[bytes]) -> ColumnElement[bytes]:
    """A cell's version and row, as `SpaceSeal.open_many` takes them. Composed by PostgreSQL, which has a processor of its own."""
    mark: ColumnElement[bytes] = func.int8send(version, type_=LargeBinary)
    for part in row:
        mark = mark.op("||")(part)
    return mark


def id_bytes(row_id: ColumnElement[UUID]) -> ColumnElement[bytes]:
    return func.uuid_send(row_id, type_=LargeBinary)


MARK_OF_ENTRY = mark_of(
    _entry.c.version,
    id_bytes(_entry.c.transaction_id),
    func.convert_to(literal("|").concat(cast(_entry.c.line, Text)), "UTF8", type_=LargeBinary),
)

# The names of payees are sealed, too. There are few of them.
PAYEES = prepare(select(_payee.c.id, _payee.c.version, _payee.c.body).where(_payee.c.space_id == SPACE_ID))
BODIES = prepare(
    select(_transaction.c.id, _transaction.c.version, _transaction.c.body).where(
        _transaction.c.space_id == SPACE_ID, _transaction.c.id == any_(_IDS)
    )
)
_moves_currency = (
    select(_entry.c.line)
    .where(
        _entry.c.space_id == SPACE_ID,
        _entry.c.transaction_id == _transaction.c.id,
        _entry.c.currency == bindparam("currency", type_=CHAR(3)),
        _entry.c.live,
    )
    .correlate(_transaction)
    .exists()
)
# Which of some transactions move money of a currency. Which of a transfer's currencies is that of its amount, only its body says.
WITH_CURRENCY = prepare(
    select(
        mark_of(_transaction.c.version, id_bytes(_transaction.c.id)),
        case((_transaction.c.kind == _TRANSFER, _transaction.c.body)),
    ).where(_transaction.c.space_id == SPACE_ID, _transaction.c.id == any_(_IDS), _moves_currency)
)
_entries = (
    select(
        MARK_OF_ENTRY,
        _entry.c.amount,
        _transaction.c.kind,
        _entry.c.currency,
    )
    .select_from(
        _entry.join(
            _transaction, and_(_transaction.c.space_id == SPACE_ID, _transaction.c.id == _entry.c.transaction_id)
        )
    )
    .where(_entry.c.space_id == SPACE_ID, _entry.c.live)
)
ENTRIES = prepare(_entries.where(_entry.c.transaction_id == any_(_IDS)))


def count_of(space_id: UUID, filters: Filters) -> Call[int]:
    """How many transactions fit."""
    return _count(filters.names)(space_id=space_id, **values_of(filters, None))


def entries_of(space_id: UUID, filters: Filters) -> Call[bytes, bytes, int, str]:
    """Their entries."""
    return _entries_that_fit(filters.names)(space_id=space_id, **values_of(filters, None))


@lru_cache(maxsize=FORMS_MAX)
def _count(names: tuple[str, ...]) -> Statement[int]:
    return prepare(select(func.count()).select_from(_transaction).where(*fits(names)), is_kept=False)


@lru_cache(maxsize=FORMS_MAX)
def _entries_that_fit(names: tuple[str, ...]) -> Statement[bytes, bytes, int, str]:
    return prepare(_entries.where(*fits(names)), is_kept=False)


def scan_of(
    space_id: UUID, query: Query, filters: Filters, named_ids: Sequence[UUID], order: ByDate | None
) -> Call[bytes, bytes | None, bool, bytes | None]:
    """The rows that a scan opens. No order: all of them, as they come."""
    form = form_of(filters, order)
    scan = _scan_deleted(form) if query.deleted else _scan(form)
    return scan(space_id=space_id, named_ids=named_ids, **values_of(filters, order))


@lru_cache(maxsize=FORMS_MAX)
def _scan(form: Form) -> Statement[bytes, bytes | None, bool, bytes | None]:
    row = select(
        mark_of(_transaction.c.version, id_bytes(_transaction.c.id)),
        _transaction.c.gist,
        _is_named(),
        case((_transaction.c.gist.is_(None), _transaction.c.body)),
    )
    return _prepare(row.where(*fits(form.names)), form)


@lru_cache(maxsize=FORMS_MAX)
def _scan_deleted(form: Form) -> Statement[bytes, bytes | None, bool, bytes | None]:
    """What a deleted transaction was, only its body says: entries and tags that it had no more when it was deleted are there as well."""
    row = select(
        mark_of(_transaction.c.version, id_bytes(_transaction.c.id)),
        null().cast(LargeBinary),
        _is_named(),
        _transaction.c.body,
    ).where(
        _transaction.c.space_id == SPACE_ID,
        _transaction.c.deleted_at.is_not(None),
        in_dates(_transaction.c.booked_on),
    )
    return _prepare(row, form)


def _is_named() -> ColumnElement[bool]:
    return func.coalesce(_transaction.c.payee_id == any_(bindparam("named_ids", type_=ARRAY(Uuid))), false())


def _prepare(
    row: Select[bytes, bytes | None, bool, bytes | None], form: Form
) -> Statement[bytes, bytes | None, bool, bytes | None]:
    return prepare(in_order(row, _transaction.c.booked_on, _transaction.c.id, form), is_kept=False)
