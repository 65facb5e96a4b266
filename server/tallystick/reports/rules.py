"""What do sums come to, and what share of each other are they? Pure, in integers; each division is rounded once, half to even."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from tallystick.ledger.rates.converting import Converted, Converter, compose_unconverted
from tallystick.ledger.rules import add
from tallystick.ledger.spending.rules import Amounts, CurrencyDay, Side, count_on
from tallystick.v1.money_pb2 import Money
from tallystick.v1.report_pb2 import ReportConversion
from tallystick.v1.report_spending_pb2 import SpendingSum

_WHOLE = 10_000
BIGGEST_USUAL, BIGGEST_MAX = 5, 50


class Pot(NamedTuple):
    """What of a report is converted by itself: a category's spending or earning in one of the spans. All sums of a report are sums of
    these, so that it agrees with itself."""

    span: int
    category_id: UUID
    side: Side


class Counted:
    """What was spent and earned in some spans, in one currency: what was of it already, and what is converted to it."""

    def __init__(
        self, converter: Converter, foreign: Mapping[Pot, Mapping[CurrencyDay, int]], found: Iterable[Amounts] = ()
    ) -> None:
        self.converter = converter
        self._pots = {pot: converter.convert(its) for pot, its in foreign.items()}
        self._foreign: dict[tuple[int, Side], dict[UUID, int]] = defaultdict(dict)
        for pot, converted in self._pots.items():
            self._foreign[pot.span, pot.side][pot.category_id] = converted.minor
        self._home: dict[Side, dict[UUID, list[int]]] = {side: {} for side in Side}
        for each in found:
            of_side = self._home[each.side]
            before = of_side.get(each.category_id)
            of_side[each.category_id] = [*map(int.__add__, before, each.minors)] if before else each.minors

    def own(self, side: Side, spans: Iterable[int]) -> dict[UUID, int]:
        """What each category comes to, of those that come to anything."""
        spans = [*spans]
        sums: defaultdict[UUID, int] = defaultdict(int)
        for category_id, minors in self._home[side].items():
            sums[category_id] += count_on(side, sum([minors[span] for span in spans]))
        for span in spans:
            for category_id, minor in self._foreign.get((span, side), {}).items():
                sums[category_id] += minor
        return {category_id: minor for category_id, minor in sums.items() if minor}

    def minor(self, side: Side, spans: Iterable[int]) -> int:
        return sum(self.own(side, spans).values())

    def total(self, sides: Container[Side] = (*Side,), spans: Container[int] | None = None) -> Converted:
        pots = ((pot, its) for pot, its in self._pots.items() if spans is None or pot.span in spans)
        return total_of(its for pot, its in pots if pot.side in sides)

    def compose_conversion(
        self, sides: Container[Side] = (*Side,), spans: Container[int] | None = None
    ) -> ReportConversion:
        return compose_conversion(self.converter, self.total(sides, spans))


def foreign_of(found: Iterable[Amounts]) -> dict[Pot, dict[CurrencyDay, int]]:
    foreign: defaultdict[Pot, dict[CurrencyDay, int]] = defaultdict(dict)
    for each in found:
        for (span, day), minor in each.days.items():
            its, of = foreign[Pot(span, each.category_id, each.side)], (each.account.currency, date.fromordinal(day))
            its[of] = its.get(of, 0) + count_on(each.side, minor)
    return foreign


def foreign_days(amounts: Iterable[Mapping[CurrencyDay, int]], currency: str) -> tuple[set[str], set[date]]:
    """Which currencies of which days have to be converted."""
    foreign = {of for each in amounts for of in each if of[0] != currency}
    return {of[0] for of in foreign}, {of[1] for of in foreign}


def total_of(converted: Iterable[Converted]) -> Converted:
    total = Converted()
    for each in converted:
        total.include(each)
    return total


def compose_conversion(converter: Converter, total: Converted) -> ReportConversion:
    unconverted = compose_unconverted(total.missing)
    return ReportConversion(
        currency=converter.to_currency,
        rates=converter.compose_used(total.used),
        unconverted=unconverted,
        incomplete=bool(unconverted),
    )


def money(currency: str, minor: int) -> Money:
    return Money(currency=currency, minor=add(0, minor))


def compose_sum(currency: str, spent: int, earned: int) -> SpendingSum:
    return SpendingSum(
        spent=money(currency, spent), earned=money(currency, earned), saved=money(currency, earned - spent)
    )


def average(minor: int, count: int) -> int:
    return round(Fraction(minor, count))


def basis_points(part: int, whole: int) -> int | None:
    """A part of a whole in hundredths of a percent. None: there is no whole."""
    return round(Fraction(part * _WHOLE, whole)) if whole > 0 else None


def biggest_of(requested: int) -> int:
    return min(requested, BIGGEST_MAX) or BIGGEST_USUAL
