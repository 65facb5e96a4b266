"""Which rows answer a list of transactions? What the database can see of what was asked, as SQL.

- Dates alone: the newest rows, by the index that is in that order.
- One filter besides: each of its values has an index in the order of the list, too. Of each value as many rows are taken as the page
  has, and of those the first ones. So a page costs as much as the page, however rare or common the value is.
- Several filters, and scans (queries_scan.py): PostgreSQL plans anew, for the values that are given. There are too many combinations to
  keep each of them prepared on every connection. But what waits for a category is so little that its index is followed anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CHAR,
    ColumnElement,
    Date,
    Integer,
    Select,
    SmallInteger,
    Table,
    Uuid,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal,
    select,
    true,
    tuple_,
)

from tallystick.ledger import tables
from tallystick.ledger.transactions.rules_lists import CATEGORIZED, Query
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tx import ReadTx

Ts = TypeVarTuple("Ts")

FORMS_MAX = 512

_transaction, _entry, _tag = tables.transaction, tables.entry, tables.transaction_tag
_account, _category = tables.account, tables.category

SPACE_ID = bindparam("space_id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)
_UNCATEGORIZED = "uncategorized"

# Where each filter looks: the table whose rows have its values, and the column.
_PLACES: dict[str, tuple[Table, ColumnElement[Any]]] = {
    "tag_ids": (_tag, _tag.c.tag_id),
    "payee_ids": (_transaction, _transaction.c.payee_id),
    "payment_method_ids": (_transaction, _transaction.c.payment_method_id),
    "category_ids": (_entry, _entry.c.category_id),
    "account_ids": (_entry, _entry.c.account_id),
    "currencies": (_entry, _entry.c.account_id),
    "kinds": (_transaction, _transaction.c.kind),
    "statuses": (_transaction, _transaction.c.status),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the database can see of a query. `values` are what rows must have: of categories also those below them, of currencies the
    accounts that have them. A filter that is there without values is fitted by nothing."""

    booked_from: date
    booked_until: date
    values: Mapping[str, Sequence[Any]]
    uncategorized: bool

    @property
    def names(self) -> tuple[str, ...]:
        given = tuple(name for name in _PLACES if name in self.values)
        return (_UNCATEGORIZED, *given) if self.uncategorized else given


@dataclass(frozen=True, slots=True)
class ByDate:
    """The order by date and id, from a position on."""

    ascending: bool = False
    after: tuple[date, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What tells one SQL text from another: everything but the values."""

    names: tuple[str, ...]
    is_ordered: bool
    ascending: bool = False
    goes_on: bool = False


_below = (
    select(_category.c.id)
    .where(_category.c.space_id == SPACE_ID, _category.c.id == any_(bindparam("ids", type_=ARRAY(Uuid))))
    .cte("below", recursive=True)
)
CATEGORIES_FROM = prepare(
    select(
        _below.union(
            select(_category.c.id).join(
                _below, and_(_category.c.space_id == SPACE_ID, _category.c.parent_id == _below.c.id)
            )
        ).c.id
    )
)
ACCOUNTS_WITH = prepare(
    select(_account.c.id).where(
        _account.c.space_id == SPACE_ID, _account.c.currency == any_(bindparam("currencies", type_=ARRAY(CHAR(3))))
    )
)
# A page is read in the order of an index. PostgreSQL knows little of how much one space has, and would now and then rather collect all
# of it and sort.
BY_INDEX = prepare(select(func.set_config("enable_bitmapscan", "off", true())))


async def find_filters(tx: ReadTx, query: Query) -> Filters:
    """A query's filters with the values that rows have."""
    values = dict(query.values)
    calls: dict[str, Call[UUID]] = {}
    if "category_ids" in values:
        calls["category_ids"] = CATEGORIES_FROM(space_id=tx.space_id, ids=values["category_ids"])
    if "currencies" in values:
        calls["currencies"] = ACCOUNTS_WITH(space_id=tx.space_id, currencies=values["currencies"])
    if calls:
        found = await tx.fetch_all(*calls.values())
        values |= {name: [row[0] for row in rows] for name, rows in zip(calls, found, strict=True)}
    return Filters(query.booked_from, query.booked_until, values, query.uncategorized)


def page_of(space_id: UUID, filters: Filters, order: ByDate, limit: int) -> Call[UUID, int, bytes | None, date]:
    """The first rows that fit, with versions, bodies and days. A row without a body is there for another member only."""
    return _page(form_of(filters, order))(space_id=space_id, limit=limit, **values_of(filters, order))


def form_of(filters: Filters, order: ByDate | None) -> Form:
    if order is None:
        return Form(filters.names, is_ordered=False)
    return Form(filters.names, is_ordered=True, ascending=order.ascending, goes_on=order.after is not None)


def values_of(filters: Filters, order: ByDate | None) -> dict[str, Any]:
    values: dict[str, Any] = {
        **filters.values,
        "booked_from": filters.booked_from,
        "booked_until": filters.booked_until,
    }
    if order is not None and order.after is not None:
        day, row_id = order.after
        values |= {"after_day": day, "after_id": row_id}
        # Says again what the position says, so that the index is entered there and not at the end of the range.
        values["booked_from" if order.ascending else "booked_until"] = day
    return values


@lru_cache(maxsize=FORMS_MAX)
def _page(form: Form) -> Statement[UUID, int, bytes | None, date]:
    if len(form.names) == 1 or _UNCATEGORIZED in form.names:
        return prepare(_page_of_first(form), is_kept=len(form.names) == 1)
    row = select(_transaction.c.id, _transaction.c.version, _transaction.c.body, _transaction.c.booked_on)
    fitting = row.where(*fits(form.names))
    page = in_order(fitting, _transaction.c.booked_on, _transaction.c.id, form).limit(_LIMIT)
    return prepare(page, is_kept=not form.names)


def _page_of_first(form: Form) -> Select[UUID, int, bytes | None, date]:
    """A page that follows the index of its first filter."""
    name, *others = form.names
    again = replace(form, goes_on=False)
    if name == _UNCATEGORIZED:
        page = _waiting_for_category(form, others).subquery("page")
    else:
        table, place = _PLACES[name]
        wanted = func.unnest(_given(name)).table_valued(column("value", place.type), name="wanted").render_derived()
        rows = _rows_with(table, place == wanted.c.value, form).lateral("rows")
        of_any = select(rows.c.booked_on, rows.c.id).distinct().select_from(wanted.join(rows, true()))
        page = in_order(of_any, rows.c.booked_on, rows.c.id, again).limit(_LIMIT).subquery("page")
    whole = _transaction.alias("whole")
    found = select(page.c.id, whole.c.version, whole.c.body, page.c.booked_on).select_from(
        page.outerjoin(whole, and_(whole.c.space_id == SPACE_ID, whole.c.id == page.c.id))
    )
    return in_order(found, page.c.booked_on, page.c.id, again)


def _rows_with(table: Table, has_value: ColumnElement[bool], form: Form) -> Select[date, UUID]:
    """The first transactions that have a row of `table` with a value."""
    if table is _transaction:
        day, row_id = _transaction.c.booked_on, _transaction.c.id
        rows = select(day, row_id).where(_is_live())
    else:
        day, row_id = table.c.booked_on, table.c.transaction_id
        rows = select(day, row_id.label("id")).distinct().where(table.c.space_id == SPACE_ID, table.c.live)
    return in_order(rows.where(has_value, in_dates(day)), day, row_id, form).limit(_LIMIT)


def _waiting_for_category(form: Form, others: Sequence[str]) -> Select[date, UUID]:
    """The first transactions of which some entry should have a category and has none. Entries of transfers have none either."""
    day, row_id = _entry.c.booked_on, _entry.c.transaction_id
    # The limit keeps PostgreSQL from turning the join around and losing the order; the day is the same by itself, and makes the row
    # findable by any index.
    its = (
        select(_transaction.c.id)
        .where(_is_live(), _transaction.c.id == row_id, _transaction.c.booked_on == day, _is_categorized())
        .where(*(_fits_one(name) for name in others))
        .limit(literal(1))
        .lateral("its")
    )
    rows = (
        select(day, row_id.label("id"))
        .distinct()
        .select_from(_entry.join(its, true()))
        .where(_entry.c.space_id == SPACE_ID, _entry.c.live, _entry.c.category_id.is_(None), in_dates(day))
    )
    return in_order(rows, day, row_id, form).limit(_LIMIT)


def in_order(query: Select[*Ts], day: ColumnElement[date], row_id: ColumnElement[UUID], form: Form) -> Select[*Ts]:
    """The rows after the position, in order; or all as they come."""
    if not form.is_ordered:
        return query
    if form.goes_on:
        at, after = tuple_(day, row_id), tuple_(bindparam("after_day", type_=Date), bindparam("after_id", type_=Uuid))
        query = query.where(at > after if form.ascending else at < after)
    return query.order_by(day, row_id) if form.ascending else query.order_by(day.desc(), row_id.desc())


def fits(names: Sequence[str]) -> list[ColumnElement[bool]]:
    """That a transaction is live and fits every filter."""
    return [_is_live(), in_dates(_transaction.c.booked_on), *(_fits_one(name) for name in names)]


def _fits_one(name: str) -> ColumnElement[bool]:
    if name == _UNCATEGORIZED:
        return and_(_is_categorized(), _has(_entry, _entry.c.category_id.is_(None)))
    table, place = _PLACES[name]
    has_value = place == any_(_given(name))
    return has_value if table is _transaction else _has(table, has_value)


def _has(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    its = (
        table.c.space_id == SPACE_ID,
        table.c.transaction_id == _transaction.c.id,
        table.c.booked_on == _transaction.c.booked_on,
        table.c.live,
    )
    return select(literal(1)).where(*its, condition).correlate(_transaction).exists()


def _given(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=ARRAY(_PLACES[name][1].type))


def _is_live() -> ColumnElement[bool]:
    return and_(_transaction.c.space_id == SPACE_ID, _transaction.c.deleted_at.is_(None))


def _is_categorized() -> ColumnElement[bool]:
    return _transaction.c.kind == any_(bindparam("categorized", [*CATEGORIZED], type_=ARRAY(SmallInteger)))


def in_dates(day: ColumnElement[date]) -> ColumnElement[bool]:
    return day.between(bindparam("booked_from", type_=Date), bindparam("booked_until", type_=Date))
