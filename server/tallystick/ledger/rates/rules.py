"""What is one currency worth in another, and what becomes of an amount? Pure, in integers and exact decimals; never a float."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.ledger.rules import AMOUNT_MAX
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.money_pb2 import Money

USER_SOURCE = "user"
JUMP_FACTOR_MAX = 2
JUMP_MEMORY = timedelta(days=30)

_RATE_SHAPE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
# The product of two rates of 24 digits is exact in this; and what 1/r leaves out is too little for any amount of 64 bits to feel.
_FOUND = Context(prec=50, rounding=ROUND_HALF_EVEN)
_IMPLIED = Context(prec=12, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Quote:
    """One `base` cost `rate` of `quote` on that day, says the source."""

    base: str
    quote: str
    on: date
    rate: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """One unit of the first currency is worth `rate` of the last. `as_of` is the day of the oldest of its legs, in order of travel."""

    rate: Decimal
    as_of: date
    legs: tuple[Quote, ...]


def require_rate(field: str, text: str) -> Decimal:
    """A rate as people and providers write it: a plain decimal above zero, with at most 12 digits on either side of the point."""
    rate = Decimal(text) if _RATE_SHAPE.fullmatch(text) else Decimal(0)
    if rate == 0:
        raise InvalidInput.of_field(
            field,
            "is no rate: a decimal above 0, at most 12 digits before and 12 after the point",
            ErrorReason.ERROR_REASON_INVALID_RATE,
        )
    return rate


def canonical_rate(rate: Decimal) -> str:
    """The one way to write a rate: every digit that it has, no zeros at the end, and no exponent, as str() would for small ones."""
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def convert(amount_minor: int, from_currency: str, to_currency: str, rate: Decimal) -> int:
    """The amount in the other currency's smallest units: exact, and rounded half to even once, at the end.

    Add first, then convert: each rounding may move half a unit, so that a sum of converted amounts is not the converted sum, and a
    report that mixes both does not agree with itself. Callers add up per currency and convert each sum once.

    Both currencies are ones that rules.require_currency has let through.
    """
    exact = amount_minor * Fraction(rate) * Fraction(10 ** EXPONENTS[to_currency], 10 ** EXPONENTS[from_currency])
    converted = round(exact)
    if abs(converted) > AMOUNT_MAX:
        raise InvalidInput.of_field(
            "amount.minor",
            f"is more in {to_currency} than 64 bits hold",
            ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE,
        )
    return converted


def implied_rate(from_money: Money, to_money: Money) -> str:
    """What a transfer between currencies paid for one unit of the first, to 12 significant digits.

    It is a figure to show. The two amounts are what was agreed, so nothing is ever computed from this again; and between a very large
    and a very small amount it may be outside of what require_rate takes.
    """
    assert from_money.minor > 0, "a transfer moves something"
    assert to_money.minor > 0, "a transfer moves something"
    paid = Decimal(to_money.minor * 10 ** EXPONENTS[from_money.currency])
    return canonical_rate(_IMPLIED.divide(paid, Decimal(from_money.minor * 10 ** EXPONENTS[to_money.currency])))


def find_path(quotes: Iterable[Quote], from_currency: str, to_currency: str, on: date) -> Conversion | None:
    """How to get from one currency to the other with what was known on that day; None is "no rate", which is never 1:1.

    - The newest quote for the two currencies, whichever way round it stands. Of one day: a user's before a provider's, then the one
      that stands the right way round, then by source.
    - Only without any such quote: a cross through one other currency, by the newest quote for each half. Of several: whose older
      half is newest, then whose newer half is newest, then who has more halves set by users, then the alphabet.
    """
    if from_currency == to_currency:
        return Conversion(Decimal(1), on, ())
    known = [quote for quote in quotes if quote.on <= on]
    outward = _newest_to_each(known, from_currency, is_start=True)
    if to_currency in outward:
        return _travel(from_currency, (outward[to_currency],))
    inward = _newest_to_each(known, to_currency, is_start=False)
    crosses = [(outward[between], inward[between]) for between in sorted(outward.keys() & inward.keys())]
    return _travel(from_currency, max(crosses, key=_freshness)) if crosses else None


def is_plausible(previous: Quote | None, new: Quote) -> bool:
    """Whether to believe a provider. `previous` is the last that it was believed about the same pair.

    Providers have served rates of the wrong currency, or off by a hundred, for days; money that is worth twice as much as a few weeks
    ago is more likely a mistake. After 30 days without a rate that can be believed the next is taken as it is, because currencies do
    collapse and lose zeros. A user may set any rate.
    """
    if previous is None or new.source == USER_SOURCE:
        return True
    assert (previous.base, previous.quote) == (new.base, new.quote), "rates of different pairs cannot be compared"
    if abs(new.on - previous.on) > JUMP_MEMORY:
        return True
    return new.rate <= previous.rate * JUMP_FACTOR_MAX and previous.rate <= new.rate * JUMP_FACTOR_MAX


def _newest_to_each(quotes: list[Quote], currency: str, *, is_start: bool) -> dict[str, Quote]:
    """The best quote between the currency, which starts or ends the way, and each other one."""
    best: dict[str, tuple[tuple[date, bool, bool, str, Decimal], Quote]] = {}
    for quote in quotes:
        if currency not in {quote.base, quote.quote}:
            continue
        is_base = quote.base == currency
        other = quote.quote if is_base else quote.base
        # Source and rate decide nothing that matters: they make the answer independent of the order of the quotes.
        rank = (quote.on, quote.source == USER_SOURCE, is_base == is_start, quote.source, quote.rate)
        if other not in best or rank > best[other][0]:
            best[other] = (rank, quote)
    return {other: quote for other, (_, quote) in best.items()}


def _freshness(legs: tuple[Quote, ...]) -> tuple[date, date, int]:
    days = [leg.on for leg in legs]
    return min(days), max(days), sum(leg.source == USER_SOURCE for leg in legs)


def _travel(start: str, legs: tuple[Quote, ...]) -> Conversion:
    """Multiplies along the quotes that stand the right way round, and divides by the others, in one division at the end."""
    worth, cost, here = Decimal(1), Decimal(1), start
    for leg in legs:
        if leg.base == here:
            worth, here = _FOUND.multiply(worth, leg.rate), leg.quote
        else:
            cost, here = _FOUND.multiply(cost, leg.rate), leg.base
    return Conversion(_FOUND.divide(worth, cost), min(leg.on for leg in legs), legs)
