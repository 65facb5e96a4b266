"""Which periods has a budget, and which of them holds a day? Pure, and the same as on the server: civil dates in, civil dates out.

Every period is computed from the anchor by its number and never from the one before it, so that the 31st is a 31st again after February.
"""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.roster import require_day
from tallystick_client.v1.budget_pb2 import Budget, BudgetPeriods, ListedPeriods
from tallystick_client.v1.ledger_pb2 import Book, Weekday

LENGTH_MAX = 60
# How far after the first one money is assigned.
PERIODS_MAX = 1200

_DAY = timedelta(days=1)
_WEEK_DAYS, _YEAR_MONTHS = 7, 12
_MONDAY, _SUNDAY = Weekday.WEEKDAY_MONDAY, Weekday.WEEKDAY_SUNDAY


class Period(NamedTuple):
    """The `number` is its place: 0 is the one of the anchor, or the first that is listed."""

    number: int
    from_on: date
    until_on: date


def fill_in_periods(budget: Budget, book: Book, today: str) -> None:
    """What a budget leaves to the book is kept in it. What no periods follow from is refused."""
    periods = budget.periods
    match periods.WhichOneof("scheme"):
        case "weeks":
            weeks = periods.weeks
            budget.starts_on = budget.starts_on or today
            weeks.anchor_on = weeks.anchor_on or budget.starts_on
            weeks.first_day = weeks.first_day or book.first_day_of_week or _MONDAY
            _require_length(weeks.weeks)
            if not _MONDAY <= weeks.first_day <= _SUNDAY:
                raise CannotApply
            require_day(weeks.anchor_on)
        case "months":
            months = periods.months
            budget.starts_on = budget.starts_on or today
            year = date.fromisoformat(require_day(budget.starts_on)).year
            months.anchor_on = months.anchor_on or date(year, 1, book.first_day_of_month or 1).isoformat()
            _require_length(months.months)
            require_day(months.anchor_on)
        case "listed":
            _put_in_order(periods.listed)
            budget.starts_on = budget.starts_on or periods.listed.spans[0].from_on
        case _:
            raise CannotApply
    require_day(budget.starts_on)
    _first_of(budget)


def period_of(budget: Budget, day: str) -> Period:
    """The period of a budget that holds a day, if it has one that counts."""
    period, first = find_period(budget.periods, date.fromisoformat(require_day(day))), _first_of(budget)
    if period is None or not 0 <= period.number - first.number < PERIODS_MAX:
        raise CannotApply
    return period


def find_period(periods: BudgetPeriods, day: date) -> Period | None:
    """The one that holds the day. None: it is in a gap between those that are listed."""
    match periods.WhichOneof("scheme"):
        case "weeks":
            return _period_at(periods, (day.toordinal() - _first_week(periods)) // (periods.weeks.weeks * _WEEK_DAYS))
        case "months":
            number = (_month(day) - _month(_anchor(periods))) // periods.months.months
            # A period begins somewhere in its first month: a day before that is still in the period before.
            return _period_at(periods, number if _begins_on(periods, number) <= day else number - 1)
        case _:
            found = (each for each in _listed(periods) if each.from_on <= day <= each.until_on)
            return next(found, None)


def _first_of(budget: Budget) -> Period:
    """The first that ends on the day that the budget starts on, or later."""
    starts_on = date.fromisoformat(budget.starts_on)
    if budget.periods.WhichOneof("scheme") != "listed":
        found = find_period(budget.periods, starts_on)
    else:
        found = next((each for each in _listed(budget.periods) if each.until_on >= starts_on), None)
    if found is None:
        raise CannotApply
    return found


def _require_length(length: int) -> None:
    if not 1 <= length <= LENGTH_MAX:
        raise CannotApply


def _put_in_order(listed: ListedPeriods) -> None:
    """No day is in two of them, and none ends before it begins."""
    ordered = sorted((require_day(span.from_on), require_day(span.until_on)) for span in listed.spans)
    is_apart = all(one[1] < other[0] for one, other in pairwise(ordered))
    if not ordered or not is_apart or any(until_on < from_on for from_on, until_on in ordered):
        raise CannotApply
    for span, (from_on, until_on) in zip(listed.spans, ordered, strict=True):
        span.from_on, span.until_on = from_on, until_on


def _listed(periods: BudgetPeriods) -> list[Period]:
    spans = periods.listed.spans
    return [
        Period(number, date.fromisoformat(span.from_on), date.fromisoformat(span.until_on))
        for number, span in enumerate(spans)
    ]


def _period_at(periods: BudgetPeriods, number: int) -> Period:
    # The same function twice, so that between two periods there can be neither a gap nor a day of both.
    return Period(number, _begins_on(periods, number), _begins_on(periods, number + 1) - _DAY)


def _begins_on(periods: BudgetPeriods, number: int) -> date:
    try:
        if periods.WhichOneof("scheme") == "weeks":
            return date.fromordinal(_first_week(periods) + number * periods.weeks.weeks * _WEEK_DAYS)
        anchor = _anchor(periods)
        year, month = divmod(_month(anchor) + number * periods.months.months, _YEAR_MONTHS)
        return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))
    except (ValueError, OverflowError) as wrong:
        raise CannotApply from wrong


def _first_week(periods: BudgetPeriods) -> int:
    """The first day, as an ordinal, of the period with the number 0."""
    anchor = _anchor(periods)
    return anchor.toordinal() - (anchor.weekday() - (periods.weeks.first_day - _MONDAY)) % _WEEK_DAYS


def _anchor(periods: BudgetPeriods) -> date:
    is_weeks = periods.WhichOneof("scheme") == "weeks"
    return date.fromisoformat(periods.weeks.anchor_on if is_weeks else periods.months.anchor_on)


def _month(day: date) -> int:
    return day.year * _YEAR_MONTHS + day.month - 1
