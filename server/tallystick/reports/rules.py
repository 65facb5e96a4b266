"""What do sums come to, and what share of each other are they? Pure, in integers; each division is rounded once, half to even."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeVar
from uuid import UUID

from tallystick.ledger.rates.converting import Converted, Converter, compose_unconverted
from tallystick.ledger.rules import add
from tallystick.ledger.spending.rules import CurrencyDay, Side, Slot, Sums
from tallystick.v1.money_pb2 import Money
from tallystick.v1.report_pb2 import ReportConversion
from tallystick.v1.report_spending_pb2 import SpendingSum

K = TypeVar("K")

_WHOLE = 10_000
BIGGEST_USUAL, BIGGEST_MAX = 5, 50


class Pot(NamedTuple):
    """What of a report is converted by itself: a category's spending or earning in one of the spans. All sums of a report are sums of
    these, so that it agrees with itself."""

    span: int
    category_id: UUID
    side: Side


class Counted:
    """What was spent and earned in some spans, in one currency."""

    def __init__(self, converter: Converter, amounts: Mapping[Pot, Mapping[CurrencyDay, int]]) -> None:
        self.converter = converter
        self._pots = {pot: converter.convert(its) for pot, its in amounts.items()}
        self._own: defaultdict[tuple[int, Side], dict[UUID, int]] = defaultdict(dict)
        for pot, converted in self._pots.items():
            self._own[pot.span, pot.side][pot.category_id] = converted.minor

    def own(self, side: Side, spans: Iterable[int]) -> dict[UUID, int]:
        """What each category comes to, of those that come to anything."""
        sums: defaultdict[UUID, int] = defaultdict(int)
        for span in spans:
            for category_id, minor in self._own[span, side].items():
                sums[category_id] += minor
        return {category_id: minor for category_id, minor in sums.items() if minor}

    def minor(self, side: Side, spans: Iterable[int]) -> int:
        return sum(self.own(side, spans).values())

    def total(self, sides: Container[Side] = (*Side,)) -> Converted:
        return total_of(its for pot, its in self._pots.items() if pot.side in sides)

    def compose_conversion(self, sides: Container[Side] = (*Side,)) -> ReportConversion:
        return compose_conversion(self.converter, self.total(sides))


def gather(sums: Sums, key: Callable[[Slot], K | None]) -> dict[K, dict[CurrencyDay, int]]:
    """Adds up what has the same key. None: it is left out."""
    gathered: defaultdict[K, dict[CurrencyDay, int]] = defaultdict(dict)
    for slot, amounts in sums.items():
        its_key = key(slot)
        if its_key is None:
            continue
        its = gathered[its_key]
        for of, minor in amounts.items():
            its[of] = its.get(of, 0) + minor
    return gathered


def pot_of(slot: Slot) -> Pot:
    return Pot(slot.span, slot.category_id, slot.side)


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
