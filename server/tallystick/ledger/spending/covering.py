"""How do sums of whole months make the sums of any spans of days, and of which days must entries be read besides? Pure.

The sum of a month goes to the span that holds most of its days. The entries of its other days are read one by one, and moved from there
to where they belong. So calendar months need no entries, months from the 15th those of half their days, and nothing is counted twice.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tallystick.ledger.spending.rules import Span, find_span

# Days that are in no span.
NOWHERE = -1


class _Part(NamedTuple):
    """Days of one month that are in one span, as ordinals, and the number of the span."""

    first: int
    last: int
    span: int

    @property
    def days(self) -> int:
        return self.last - self.first + 1


class Cover:
    """Where days and months belong, for spans in the order of the calendar that have no day in common. A span is known by its number
    among them. Days are ordinals."""

    def __init__(self, spans: Sequence[Span]) -> None:
        # Of each day that was asked for: the span that it is in.
        self.span_of = _SpanOf(spans)
        # Of each month whose sum is needed: by its first day, the span that it goes to.
        self.months: dict[int, int] = {}
        # The days whose entries are needed besides.
        self.days: list[Span] = []
        for first, parts in sorted(_by_month(spans).items()):
            self._take(first, parts)

    def month_of(self, day: date) -> int:
        """The span that the sum of a day's month goes to."""
        return self.months.get(_first_of(day), NOWHERE)

    def _take(self, first: int, parts: Sequence[_Part]) -> None:
        whole = [*_with_gaps(first, parts)]
        days: dict[int, int] = defaultdict(int)
        for part in whole:
            days[part.span] += part.days
        # Where as many days are in no span as in one, the month's sum saves nothing.
        owner = max(days, key=lambda number: (days[number], number == NOWHERE, -number))
        if owner != NOWHERE:
            self.months[first] = owner
        for part in whole:
            if part.span != owner:
                self._read(part)

    def _read(self, part: _Part) -> None:
        """Spans stay within their months: of each, all days come from one span."""
        first, last = date.fromordinal(part.first), date.fromordinal(part.last)
        if self.days and self.days[-1][1].toordinal() + 1 == part.first and first.day > 1:
            self.days[-1] = (self.days[-1][0], last)
        else:
            self.days.append((first, last))


class _SpanOf(dict[int, int]):
    """The span of each day, looked up once."""

    def __init__(self, spans: Sequence[Span]) -> None:
        super().__init__()
        self._spans = spans

    def __missing__(self, day: int) -> int:
        found = find_span(self._spans, date.fromordinal(day))
        number = self[day] = NOWHERE if found is None else found
        return number


def month_by_month(span: Span) -> list[Span]:
    """The same days, cut where months begin."""
    return [(date.fromordinal(part.first), date.fromordinal(part.last)) for part in _parts(0, span)]


def _by_month(spans: Sequence[Span]) -> dict[int, list[_Part]]:
    """The parts that spans have in each month, by the month's first day."""
    found: dict[int, list[_Part]] = defaultdict(list)
    for number, span in enumerate(spans):
        for part in _parts(number, span):
            found[_first_of(date.fromordinal(part.first))].append(part)
    return found


def _parts(number: int, span: Span) -> Iterator[_Part]:
    day, last = span[0].toordinal(), span[1].toordinal()
    while day <= last:
        first = _first_of(date.fromordinal(day))
        end = min(last, first + _length(first) - 1)
        yield _Part(day, end, number)
        day = end + 1


def _with_gaps(first: int, parts: Sequence[_Part]) -> Iterator[_Part]:
    """All days of a month: also those that are in no span."""
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
