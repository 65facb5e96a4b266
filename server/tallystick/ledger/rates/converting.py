"""What do amounts of many currencies and days come to in one currency, each at its day's rate? Pure.

Each amount given is converted once, so callers add up what they have of a currency and a day before. What no rate leads from is in no
sum: it is told apart.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tallystick.ledger.rates.rules import Conversion, Quote, canonical_rate, convert, find_path
from tallystick.ledger.rules import add
from tallystick.v1.conversion_pb2 import AppliedRate, Unconverted
from tallystick.v1.ledger_rates_pb2 import Rate
from tallystick.v1.money_pb2 import Money

# A currency, and the day that an amount of it is of.
CurrencyDay = tuple[str, date]


@dataclass(slots=True)
class Converted:
    """A sum in one currency, the ways by which the amounts came there, and those that did not."""

    minor: int = 0
    used: dict[CurrencyDay, Conversion] = field(default_factory=dict)
    missing: dict[CurrencyDay, int] = field(default_factory=dict)

    def include(self, other: "Converted") -> None:
        self.minor = add(self.minor, other.minor)
        self.used |= other.used
        for of, minor in other.missing.items():
            self.missing[of] = add(self.missing.get(of, 0), minor)


class Converter:
    """Converts into one currency with the rates that it was given."""

    def __init__(self, to_currency: str, rates: Iterable[Rate]) -> None:
        self.to_currency = to_currency
        self._rates = {quote_of(one): one for one in rates}
        self._series = _Series(self._rates)
        self._ways: dict[CurrencyDay, Conversion | None] = {}

    def convert(self, sums: Mapping[CurrencyDay, int]) -> Converted:
        converted = Converted()
        for of, minor in sums.items():
            currency, on = of
            if currency == self.to_currency:
                converted.minor = add(converted.minor, minor)
            elif minor == 0:
                continue
            elif way := self.find_way(currency, on):
                converted.minor = add(converted.minor, convert(minor, currency, self.to_currency, way.rate))
                converted.used[of] = way
            else:
                converted.missing[of] = minor
        return converted

    def find_way(self, currency: str, on: date) -> Conversion | None:
        of = (currency, on)
        if of not in self._ways:
            self._ways[of] = find_path(
                self._series.at(currency, self.to_currency, on), *(currency, self.to_currency), on
            )
        return self._ways[of]

    def compose_used(self, used: Mapping[CurrencyDay, Conversion]) -> list[AppliedRate]:
        """By currency and day. One that served several days is told once."""
        days: dict[tuple[str, Conversion], list[date]] = defaultdict(list)
        for (currency, on), way in sorted(used.items(), key=lambda item: item[0]):
            days[currency, way].append(on)
        return [
            AppliedRate(
                from_currency=currency,
                to_currency=self.to_currency,
                rate=canonical_rate(way.rate),
                as_of=way.as_of.isoformat(),
                legs=[self._rates[leg] for leg in way.legs],
                first_on=on[0].isoformat(),
                last_on=on[-1].isoformat(),
            )
            for (currency, way), on in days.items()
        ]


def compose_unconverted(missing: Mapping[CurrencyDay, int]) -> list[Unconverted]:
    """By currency."""
    sums: dict[str, int] = {}
    days: dict[str, list[date]] = defaultdict(list)
    for (currency, on), minor in sorted(missing.items()):
        sums[currency] = add(sums.get(currency, 0), minor)
        days[currency].append(on)
    return [
        Unconverted(
            amount=Money(currency=currency, minor=minor),
            first_on=days[currency][0].isoformat(),
            last_on=days[currency][-1].isoformat(),
        )
        for currency, minor in sums.items()
    ]


def quote_of(one: Rate) -> Quote:
    return Quote(one.base, one.quote, date.fromisoformat(one.on), Decimal(one.rate), one.source)


class _Series:
    """Quotes of each pair and source in the order of their days: of one series, none but the newest is ever chosen."""

    def __init__(self, quotes: Iterable[Quote]) -> None:
        series: dict[tuple[str, str, str], list[Quote]] = defaultdict(list)
        for each in sorted(quotes, key=lambda quote: (quote.on, quote.rate)):
            series[each.base, each.quote, each.source].append(each)
        self._touching: dict[str, list[list[Quote]]] = defaultdict(list)
        self._between: dict[frozenset[str], list[list[Quote]]] = defaultdict(list)
        for (base, quote, _), of_pair in series.items():
            self._between[frozenset((base, quote))].append(of_pair)
            for currency in (base, quote):
                self._touching[currency].append(of_pair)

    def at(self, one: str, other: str, on: date) -> list[Quote]:
        """What may lead from the one to the other on that day. Whatever lies between them goes before every cross."""
        direct = [*_newest(self._between[frozenset((one, other))], on)]
        return direct or [*_newest((*self._touching[one], *self._touching[other]), on)]


def _newest(series: Iterable[list[Quote]], on: date) -> Iterator[Quote]:
    for each in series:
        known = bisect_right(each, on, key=lambda quote: quote.on)
        if known:
            yield each[known - 1]
