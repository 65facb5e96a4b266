"""What is known of currencies in a book? Its own rates, which are sealed, and the providers', which are for everybody."""

from collections.abc import Sequence
from datetime import date
from heapq import merge

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Integer,
    Table,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on

from tallystick.errors import RuleBroken
from tallystick.ledger import rules
from tallystick.ledger.rates.converting import quote_of
from tallystick.ledger.rates.rules import Conversion, find_path
from tallystick.ledger.tables import RATE, provider_rate, rate
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_rates_pb2 import ListRatesRequest, Rate

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ID = bindparam("id", type_=Uuid)
_ON = bindparam("on", type_=Date)

_own = select(rate.c.id, rate.c.version, rate.c.body).where(rate.c.space_id == _SPACE_ID, rate.c.deleted_at.is_(None))
RATE_BY_ID = prepare(_own.where(rate.c.id == _ID))
# The same, deleted or not.
RATE_EVER = prepare(
    select(rate.c.id, rate.c.version, rate.c.body, rate.c.deleted_at).where(
        rate.c.space_id == _SPACE_ID, rate.c.id == _ID
    )
)


def touches(base: ColumnElement[str], quote: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a rate leads from or to one of the `currencies`."""
    currencies = bindparam("currencies", type_=ARRAY(Text))
    return or_(base == any_(currencies), quote == any_(currencies))


# The newest rate of each pair, at or before a day.
OWN_NEWEST = prepare(
    _own.where(rate.c.effective_on <= _ON, touches(rate.c.base, rate.c.quote))
    .ext(distinct_on(rate.c.base, rate.c.quote))
    .order_by(rate.c.base, rate.c.quote, rate.c.effective_on.desc())
)

# Providers have a rate for every day of many years, but few pairs: this steps from pair to pair along the key, and looks up one day of
# each. Reading all their rows, as DISTINCT would, takes a hundred times as long after ten years.
_step, _pairs = provider_rate.alias("step"), (provider_rate.c.source, provider_rate.c.base, provider_rate.c.quote)
_pair = select(*_pairs).order_by(*_pairs).limit(1).cte("pair", recursive=True)
_next = (
    select(_step.c.source, _step.c.base, _step.c.quote)
    .where(
        tuple_(_step.c.source, _step.c.base, _step.c.quote) > tuple_(_pair.c.source, _pair.c.base, _pair.c.quote),
    )
    .order_by(_step.c.source, _step.c.base, _step.c.quote)
    .limit(1)
    .lateral("next")
)
_pair = _pair.union_all(select(_next).select_from(_pair.join(_next, true())))
_newest = (
    select(provider_rate.c.effective_on, provider_rate.c.rate)
    .where(
        provider_rate.c.source == _pair.c.source,
        provider_rate.c.base == _pair.c.base,
        provider_rate.c.quote == _pair.c.quote,
        provider_rate.c.effective_on <= _ON,
    )
    .order_by(provider_rate.c.effective_on.desc())
    .limit(1)
    .lateral("newest")
)
_published = select(_pair.c.source, _pair.c.base, _pair.c.quote, _newest.c.effective_on, _newest.c.rate).select_from(
    _pair.join(_newest, true())
)
PUBLISHED_NEWEST = prepare(_published.where(touches(_pair.c.base, _pair.c.quote)))
PUBLISHED_BY = prepare(_published.where(_pair.c.source == bindparam("source", type_=Text)))

# Both lists in one order: the newest day first; within a day the source, of which the book's own have none here, then the pair.
_BEGINNING = (date.max.isoformat(), "", "", "")
_AFTER = tuple_(*(bindparam(f"after_{name}", type_=Text) for name in ("source", "base", "quote")))


def _listed(table: Table, source: ColumnElement[str]) -> ColumnElement[bool]:
    currency = bindparam("currency", type_=Text)
    return and_(
        table.c.effective_on.between(bindparam("from_on", type_=Date), bindparam("until_on", type_=Date)),
        or_(currency == "", table.c.base == currency, table.c.quote == currency),
        or_(
            table.c.effective_on < bindparam("after_on", type_=Date),
            tuple_(source, table.c.base, table.c.quote) > _AFTER,
        ),
    )


_LIMIT = bindparam("limit", type_=Integer)
OWN_LISTED = prepare(
    _own.where(_listed(rate, literal("", Text)))
    .order_by(rate.c.effective_on.desc(), rate.c.base, rate.c.quote)
    .limit(_LIMIT)
)
PUBLISHED_LISTED = prepare(
    select(*_pairs, provider_rate.c.effective_on, provider_rate.c.rate)
    .where(_listed(provider_rate, provider_rate.c.source))
    .order_by(provider_rate.c.effective_on.desc(), *_pairs)
    .limit(_LIMIT)
)


async def list_rates(tx: ReadTx, request: ListRatesRequest, after: Sequence[str] | None) -> Page[Rate]:
    """A page, newest day first, a book's own before the providers'. `after` says where in that order the page before ended."""
    size = page_size(request.page_size)
    after_on, after_source, after_base, after_quote = after or _BEGINNING
    until_on = rules.require_date("until_on", request.until_on) if request.until_on else date.max
    start = {
        "from_on": rules.require_date("from_on", request.from_on) if request.from_on else date.min,
        "until_on": min(until_on, date.fromisoformat(after_on)),
        "currency": request.currency,
        "after_on": date.fromisoformat(after_on),
        "after_source": after_source,
        "after_base": after_base,
        "after_quote": after_quote,
        "limit": size + 1,
    }
    own, published = await tx.fetch_all(OWN_LISTED(space_id=tx.space_id, **start), PUBLISHED_LISTED(**start))
    both = merge(
        (tx.open(RATE, row) for row in own),
        (compose_published(*row) for row in published),
        key=lambda one: (-date.fromisoformat(one.on).toordinal(), not one.id),
    )
    rates = list(both)
    items = rates[:size]
    return Page(items, _position(items[-1]) if len(rates) > size else ())


async def get_conversion(tx: ReadTx, from_currency: str, to_currency: str, on: date) -> tuple[Conversion, list[Rate]]:
    """The way from one currency to the other at a day's rates, and the rates that it takes."""
    currencies = [from_currency, to_currency]
    own, published = await tx.fetch_all(
        OWN_NEWEST(space_id=tx.space_id, currencies=currencies, on=on), PUBLISHED_NEWEST(currencies=currencies, on=on)
    )
    rates = [tx.open(RATE, row) for row in own] + [compose_published(*row) for row in published]
    known = {quote_of(one): one for one in rates}
    path = find_path(known, from_currency, to_currency, on)
    if path is None:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_NO_RATE,
            f"No rate on or before {on} leads from {from_currency} to {to_currency}.",
        )
    return path, [known[leg] for leg in path.legs]


def compose_published(source: str, base: str, quote: str, on: date, worth: str) -> Rate:
    return Rate(base=base, quote=quote, on=on.isoformat(), rate=worth, source=source)


def _position(last: Rate) -> tuple[str, ...]:
    return last.on, "" if last.id else last.source, last.base, last.quote
