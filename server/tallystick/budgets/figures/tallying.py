"""What was spent on which item, in which period, and from whose money? Pure: amounts go in one by one, sums come out.

Besides its items a budget has three slots: all items together, where each entry counts once; what no item is for; and what came in.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from tallystick.ledger.rates.converting import Converted, Converter, CurrencyDay
from tallystick.ledger.rules import add
from tallystick.ledger.spending.rules import Side, SpanSums, count_on

ByDay = dict[CurrencyDay, int]


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of a budget with so many items. Items have the first ones, in their order."""

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


class Place(SpanSums):
    """What belongs to the same slots, is the same member's, and is in the same currency, by period."""

    __slots__ = ("currency", "holder", "side", "slots")

    def __init__(
        self, slots: tuple[int, ...], holder: str, currency: str, side: Side, periods: int, *, is_home: bool
    ) -> None:
        super().__init__(periods, is_home=is_home)
        self.slots = slots
        self.holder = holder
        self.currency = currency
        self.side = side


class Actuals:
    """The sums of slots in one currency. What a slot has of a currency and a day is converted once, whoever spent it; and so
    is what a member has spent of it, for the shares."""

    def __init__(self, places: Iterable[Place], converter: Converter) -> None:
        self._sums: dict[tuple[int, int], int] = defaultdict(int)
        self._shares: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._converted: dict[tuple[int, int], Converted] = {}
        together: dict[tuple[int, int], ByDay] = defaultdict(lambda: defaultdict(int))
        apart: dict[tuple[int, int, str], ByDay] = defaultdict(lambda: defaultdict(int))
        for place in places:
            self._take_home(place)
            for (period, day), minor in place.days.items():
                of = place.currency, date.fromordinal(day)
                for slot in place.slots:
                    together[slot, period][of] += count_on(place.side, minor)
                    apart[slot, period, place.holder][of] += count_on(place.side, minor)
        for (slot, period, holder), by_day in apart.items():
            self._shares[slot, period][holder] += converter.convert(by_day).minor
        for key, by_day in together.items():
            self._converted[key] = converter.convert(by_day)
            self._sums[key] += self._converted[key].minor
        # Kept in 64 bits here, once, for all that is shown.
        for minor in self._sums.values():
            add(minor, 0)

    def _take_home(self, place: Place) -> None:
        for period, minor in enumerate(place.minors[:-1]):
            if minor:
                for slot in place.slots:
                    self._sums[slot, period] += count_on(place.side, minor)
                    self._shares[slot, period][place.holder] += count_on(place.side, minor)

    def of(self, slot: int, period: int) -> int:
        return self._sums.get((slot, period), 0)

    def shares(self, slot: int, period: int) -> list[tuple[str, int]]:
        """Whose money it was. Nobody's comes first."""
        shares = self._shares.get((slot, period))
        return sorted((holder, minor) for holder, minor in shares.items() if minor) if shares else []

    def converted(self, slots: Collection[int], periods: Collection[int]) -> Converted:
        """How amounts of these slots and periods were converted, and what could not be."""
        all_of_it = Converted()
        for (slot, period), converted in self._converted.items():
            if slot in slots and period in periods:
                all_of_it.include(converted)
        return all_of_it


def currency_days(places: Iterable[Place]) -> Iterator[CurrencyDay]:
    """What must be converted."""
    for place in places:
        if place.slots:
            yield from ((place.currency, date.fromordinal(day)) for _, day in place.days)
