"""What was spent on which item, in which period, and from whose money? Pure: amounts go in one by one, sums come out.

Besides its items a budget has three places: all items together, where each entry counts once; what no item is for; and what came in.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tallystick.budgets.covering import NOWHERE
from tallystick.ledger.rates.converting import Converted, Converter, CurrencyDay
from tallystick.ledger.rules import add


class Place(NamedTuple):
    """Where an amount belongs: the slots that count it, as spending or as what came in, and whose money it is."""

    slots: tuple[int, ...]
    is_income: bool
    holder: str
    currency: str


@dataclass(frozen=True, slots=True)
class Slots:
    """The places of a budget with so many items. Items have the first ones, in their order."""

    items: int

    @property
    def whole(self) -> int:
        return self.items

    @property
    def unbudgeted(self) -> int:
        return self.items + 1

    @property
    def income(self) -> int:
        return self.items + 2


class Key(NamedTuple):
    """A slot in a period, and whose money it is."""

    slot: int
    period: int
    holder: str


@dataclass
class Tally:
    """Sums in the budget's currency, and in others by day, because each day has a rate of its own."""

    currency: str
    home: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    foreign: dict[Key, dict[CurrencyDay, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))

    def add(self, place: Place, period: int, day: int, minor: int) -> None:
        """What leaves an account is spending, and what a refund gives back is less of it."""
        if period == NOWHERE:
            return
        amount = minor if place.is_income else -minor
        for slot in place.slots:
            key = Key(slot, period, place.holder)
            if place.currency == self.currency:
                self.home[key] += amount
            else:
                self.foreign[key][place.currency, date.fromordinal(day)] += amount

    def currency_days(self) -> Iterator[CurrencyDay]:
        for by_day in self.foreign.values():
            yield from by_day


class Actuals:
    """The same in one currency: what a slot has of a currency and a day is converted once, whoever spent it."""

    def __init__(self, tally: Tally, converter: Converter) -> None:
        self._sums: dict[tuple[int, int], int] = defaultdict(int)
        self._shares: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._converted: dict[tuple[int, int], Converted] = {}
        for (slot, period, holder), minor in tally.home.items():
            self._sums[slot, period] += minor
            self._shares[slot, period][holder] += minor
        together: dict[tuple[int, int], dict[CurrencyDay, int]] = defaultdict(lambda: defaultdict(int))
        for (slot, period, holder), by_day in tally.foreign.items():
            self._shares[slot, period][holder] += converter.convert(by_day).minor
            for of, minor in by_day.items():
                together[slot, period][of] += minor
        for place, by_day in together.items():
            self._converted[place] = converter.convert(by_day)
            self._sums[place] += self._converted[place].minor

    def of(self, slot: int, period: int) -> int:
        # One sum for all that is shown, and kept in 64 bits here.
        return add(self._sums.get((slot, period), 0), 0)

    def shares(self, slot: int, period: int) -> list[tuple[str, int]]:
        """Whose money it was. Nobody's comes first."""
        return sorted((holder, minor) for holder, minor in self._shares.get((slot, period), {}).items() if minor)

    def converted(self, slots: Collection[int], periods: Collection[int]) -> Converted:
        """How amounts of these slots and periods were converted, and what could not be."""
        all_of_it = Converted()
        for (slot, period), converted in self._converted.items():
            if slot in slots and period in periods:
                all_of_it.include(converted)
        return all_of_it
