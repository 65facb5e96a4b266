"""Which rates were known on each of many days? What converting into one currency needs, and no more."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ARRAY, Date, Text, Uuid, bindparam, func, select, true

from tallystick.ledger.rates.converting import Converter
from tallystick.ledger.rates.queries import PUBLISHED_NEWEST, compose_published, touches
from tallystick.ledger.tables import RATE, provider_rate, rate
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_rates_pb2 import Rate

# A book has few of its own.
OWN_UNTIL = prepare(
    select(rate.c.id, rate.c.version, rate.c.body).where(
        rate.c.space_id == bindparam("space_id", type_=Uuid),
        rate.c.deleted_at.is_(None),
        rate.c.effective_on <= bindparam("until_on", type_=Date),
        touches(rate.c.base, rate.c.quote),
    )
)

_pair = (
    func.unnest(
        bindparam("sources", type_=ARRAY(Text)),
        bindparam("bases", type_=ARRAY(Text)),
        bindparam("quotes", type_=ARRAY(Text)),
    )
    .table_valued("source", "base", "quote")
    .render_derived("pair")
)
_day = func.unnest(bindparam("days", type_=ARRAY(Date))).table_valued("on").render_derived("day")
_newest = (
    select(provider_rate.c.effective_on, provider_rate.c.rate)
    .where(
        provider_rate.c.source == _pair.c.source,
        provider_rate.c.base == _pair.c.base,
        provider_rate.c.quote == _pair.c.quote,
        provider_rate.c.effective_on <= _day.c.on,
    )
    .order_by(provider_rate.c.effective_on.desc())
    .limit(1)
    .lateral("newest")
)
# One look along the key for each pair and day.
PUBLISHED_ON = prepare(
    select(_pair.c.source, _pair.c.base, _pair.c.quote, _newest.c.effective_on, _newest.c.rate)
    .select_from(_pair.join(_day, true()).join(_newest, true()))
    .distinct()
)


async def read_converter(
    tx: ReadTx, to_currency: str, currencies: Collection[str], days: Collection[date]
) -> Converter:
    """Converts from these currencies on these days. Where all is of one currency already, nothing is asked."""
    foreign = sorted(set(currencies) - {to_currency})
    if not foreign or not days:
        return Converter(to_currency, ())
    last, wanted = max(days), [*foreign, to_currency]
    own, published = await tx.fetch_all(
        OWN_UNTIL(space_id=tx.space_id, currencies=wanted, until_on=last),
        PUBLISHED_NEWEST(currencies=wanted, on=last),
    )
    rates = [tx.open(RATE, row) for row in own]
    pairs = _useful([compose_published(*row) for row in published], rates, wanted)
    rows = await tx.fetch(
        PUBLISHED_ON(
            sources=[each.source for each in pairs],
            bases=[each.base for each in pairs],
            quotes=[each.quote for each in pairs],
            days=sorted(days),
        )
    )
    return Converter(to_currency, [*rates, *(compose_published(*row) for row in rows)])


def _useful(published: list[Rate], own: list[Rate], wanted: list[str]) -> list[Rate]:
    """Those of the providers' pairs that lead from one of the currencies to another, or to one that a second rate leads on from."""
    ends = [{each.base, each.quote} for each in (*published, *own)]
    known = {*wanted, *(name for one in ends for name in one if sum(name in other for other in ends) > 1)}
    return [each for each in published if {each.base, each.quote} <= known]
