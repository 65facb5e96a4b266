"""Which period of a budget holds a day, and which come before and after? Pure: civil dates in, civil dates out; no clock, no time zone.

Every period is computed from the anchor by its number and never from the one before it: so the 31st is a 31st again after February, and
however far one goes and comes back, one is where one was. Weeks and months tile the calendar; periods that somebody listed may leave gaps.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from tallystick.errors import InvalidInput
from tallystick.ledger.sums import month_number
from tallystick.v1.error_reason_pb2 import ErrorReason

LENGTH_MAX = 60

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_YEAR_MONTHS = 12


class Span(NamedTuple):
    """Days in a row, both ends included."""

    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class Weeks:
    """So many whole weeks each. The week of `anchor_on` is the first of a period; weeks begin on `first_weekday`, Monday is 0."""

    length: int
    anchor_on: date
    first_weekday: int


@dataclass(frozen=True, slots=True)
class Months:
    """So many months each, 3 for quarters and 12 for years, one of which begins on `anchor_on`. The others begin on the same day of their
    months, or on the last one that a shorter month has."""

    length: int
    anchor_on: date


@dataclass(frozen=True, slots=True)
class Listed:
    """Any spans that do not overlap. They count in the order of the calendar, whatever order they are listed in."""

    spans: tuple[Span, ...]


Scheme = Weeks | Months | Listed


class Period(NamedTuple):
    """The `number` is its place in its scheme: 0 is the one of the anchor, or the first that is listed; -1 is the one before. What is to
    be remembered is its first day: another anchor, or one more span in the list, gives the same period another number."""

    number: int
    from_on: date
    until_on: date

    @property
    def span(self) -> Span:
        return Span(self.from_on, self.until_on)


def require_scheme(field: str, scheme: Scheme) -> None:
    if isinstance(scheme, Listed):
        if not scheme.spans:
            raise InvalidInput.of_field(f"{field}.spans", "must have one")
        require_apart(f"{field}.spans", scheme.spans)
        return
    if not 1 <= scheme.length <= LENGTH_MAX:
        raise InvalidInput.of_field(f"{field}.length", f"must be 1 to {LENGTH_MAX}")
    if isinstance(scheme, Weeks) and not 0 <= scheme.first_weekday < _WEEK_DAYS:
        raise InvalidInput.of_field(f"{field}.first_weekday", "is no day of the week")


def require_apart(field: str, spans: Iterable[Span]) -> None:
    """No day is in two of them, and none ends before it begins. They may touch."""
    ordered = sorted(spans)
    if any(span.until_on < span.from_on for span in ordered):
        raise InvalidInput.of_field(field, "has a period that ends before it begins")
    for one, other in pairwise(ordered):
        if other.from_on <= one.until_on:
            raise InvalidInput.of_field(field, f"has two periods that both hold {other.from_on}")


def find_period(scheme: Scheme, day: date) -> Period | None:
    """The one that holds the day. None: it is in a gap between those that are listed."""
    match scheme:
        case Weeks():
            return period_at(scheme, (day.toordinal() - _first_week(scheme)) // (scheme.length * _WEEK_DAYS))
        case Months():
            return period_at(scheme, _month_period(scheme, day))
        case Listed():
            found = (period for period in _listed(scheme) if period.from_on <= day <= period.until_on)
            return next(found, None)


def period_at(scheme: Scheme, number: int) -> Period | None:
    """The one of that number; so the next is at `number + 1`. None: no more are listed."""
    if isinstance(scheme, Listed):
        listed = _listed(scheme)
        return listed[number] if 0 <= number < len(listed) else None
    # The same function twice, so that between two periods there can be neither a gap nor a day of both.
    return Period(number, _begins_on(scheme, number), _begins_on(scheme, number + 1) - _DAY)


def first_period(scheme: Scheme, day: date) -> Period | None:
    """The first one that ends on that day or later. None: all that are listed end before."""
    if isinstance(scheme, Listed):
        return next((period for period in _listed(scheme) if period.until_on >= day), None)
    return find_period(scheme, day)


def periods_within(scheme: Scheme, span: Span) -> list[Period]:
    """All that share a day with the span, in order."""
    if isinstance(scheme, Listed):
        return [each for each in _listed(scheme) if each.from_on <= span.until_on and span.from_on <= each.until_on]
    found: list[Period] = []
    day = span.from_on
    while day <= span.until_on and (period := find_period(scheme, day)):
        found.append(period)
        day = period.until_on + _DAY
    return found


def _listed(scheme: Listed) -> list[Period]:
    return [Period(number, *span) for number, span in enumerate(sorted(scheme.spans))]


def _first_week(scheme: Weeks) -> int:
    """The first day, as an ordinal, of the period with the number 0."""
    return scheme.anchor_on.toordinal() - (scheme.anchor_on.weekday() - scheme.first_weekday) % _WEEK_DAYS


def _month_period(scheme: Months, day: date) -> int:
    number = (month_number(day) - month_number(scheme.anchor_on)) // scheme.length
    # A period begins somewhere in its first month: a day before that is still in the period before.
    return number if _begins_on(scheme, number) <= day else number - 1


def _begins_on(scheme: Weeks | Months, number: int) -> date:
    try:
        if isinstance(scheme, Weeks):
            return date.fromordinal(_first_week(scheme) + number * scheme.length * _WEEK_DAYS)
        year, month = divmod(month_number(scheme.anchor_on) + number * scheme.length, _YEAR_MONTHS)
        return date(year, month + 1, min(scheme.anchor_on.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError) as wrong:
        raise InvalidInput.of_field(
            "period", "is outside of the calendar", ErrorReason.ERROR_REASON_INVALID_DATE
        ) from wrong
