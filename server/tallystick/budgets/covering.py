"""How do sums of whole months make the sums of any periods, and of which days must entries be read besides? Pure.

The sum of a month goes to the period that holds most of its days. The entries of its other days are read one by one, and moved from there
to where they belong. So calendar months need no entries, months from the 15th those of half their days, and nothing is counted twice.
"""

from bisect import bisect_right
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tallystick.budgets.periods import Span

# Days that are in no period.
NOWHERE = -1


class _Part(NamedTuple):
    """Days of one month that are in one period, as ordinals, and the place of the period."""

    first: int
    last: int
    period: int

    @property
    def days(self) -> int:
        return self.last - self.first + 1


class Cover:
    """Where days and months belong, for periods in the order of the calendar that have no day in common. A period is known by its place
    among them."""

    def __init__(self, periods: Sequence[Span]) -> None:
        self._starts = [period.from_on.toordinal() for period in periods]
        self._ends = [period.until_on.toordinal() for period in periods]
        # Of each month whose sum is needed: by its first day, the period that it goes to.
        self.months: dict[int, int] = {}
        # The days whose entries are needed besides.
        self.days: list[Span] = []
        for first, parts in sorted(_by_month(periods).items()):
            self._take(first, parts)

    def all_days(self) -> list[Span]:
        """From the first day of all periods to the last, month by month."""
        first, last = self._starts[0], self._ends[-1]
        spans = []
        while first <= last:
            day = date.fromordinal(first)
            end = min(_first_of(day) + _length(_first_of(day)) - 1, last)
            spans.append(Span(day, date.fromordinal(end)))
            first = end + 1
        return spans

    def period_of(self, day: int) -> int:
        found = bisect_right(self._starts, day) - 1
        return found if found >= 0 and day <= self._ends[found] else NOWHERE

    def month_of(self, day: date) -> int:
        """The period that the sum of a day's month goes to."""
        return self.months.get(_first_of(day), NOWHERE)

    def _take(self, first: int, parts: Sequence[_Part]) -> None:
        whole = [*_with_gaps(first, parts)]
        days: dict[int, int] = defaultdict(int)
        for part in whole:
            days[part.period] += part.days
        # Where as many days are in no period as in one, the month's sum saves nothing.
        owner = max(days, key=lambda index: (days[index], index == NOWHERE, -index))
        if owner != NOWHERE:
            self.months[first] = owner
        for part in whole:
            if part.period != owner:
                self._read(part)

    def _read(self, part: _Part) -> None:
        """Spans stay within their months: of each, all days come from one period."""
        first, last = date.fromordinal(part.first), date.fromordinal(part.last)
        if self.days and self.days[-1].until_on.toordinal() + 1 == part.first and first.day > 1:
            self.days[-1] = self.days[-1]._replace(until_on=last)
        else:
            self.days.append(Span(first, last))


def _by_month(periods: Sequence[Span]) -> dict[int, list[_Part]]:
    """The parts that periods have in each month, by the month's first day."""
    found: dict[int, list[_Part]] = defaultdict(list)
    for index, (from_on, until_on) in enumerate(periods):
        day, last = from_on.toordinal(), until_on.toordinal()
        while day <= last:
            first = _first_of(date.fromordinal(day))
            end = min(last, first + _length(first) - 1)
            found[first].append(_Part(day, end, index))
            day = end + 1
    return found


def _with_gaps(first: int, parts: Sequence[_Part]) -> Iterator[_Part]:
    """All days of a month: also those that are in no period."""
    day, last = first, first + _length(first) - 1
    for part in parts:
        if day < part.first:
            yield _Part(day, part.first - 1, NOWHERE)
        yield part
        day = part.last + 1
    if day <= last:
        yield _Part(day, last, NOWHERE)


def _first_of(day: date) -> int:
    return day.toordinal() - day.day + 1


def _length(first: int) -> int:
    day = date.fromordinal(first)
    return monthrange(day.year, day.month)[1]
