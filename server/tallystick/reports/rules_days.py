"""Which days does a report have, in which steps, and which come before them? Pure: today is given."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple, TypeVar

from tallystick.budgets.periods import Months, Period, Scheme, Span, Weeks, find_period, period_at, periods_within
from tallystick.errors import InvalidInput
from tallystick.ledger.rules import require_date
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Book, Weekday
from tallystick.v1.report_pb2 import ReportComparison, ReportDays, ReportStep

T = TypeVar("T")

STEPS_MAX = 750
# How many steps a report has that says nothing of its days.
STEPS_USUAL = 12
YEARS_MAX = 100

DAY, WEEK, MONTH, QUARTER, YEAR = (
    ReportStep.REPORT_STEP_DAY,
    ReportStep.REPORT_STEP_WEEK,
    ReportStep.REPORT_STEP_MONTH,
    ReportStep.REPORT_STEP_QUARTER,
    ReportStep.REPORT_STEP_YEAR,
)
PERIOD_BEFORE = ReportComparison.REPORT_COMPARISON_PERIOD_BEFORE
YEAR_BEFORE = ReportComparison.REPORT_COMPARISON_YEAR_BEFORE

_ONE_DAY = timedelta(days=1)
_YEAR_OF_WEEKS = timedelta(weeks=52)
_YEAR_MONTHS = 12
_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: _YEAR_MONTHS}
# No step has fewer days.
_LEAST_DAYS = {DAY: 1, WEEK: 7, MONTH: 28, QUARTER: 90, YEAR: 365}
# Periods are counted from here: the first month of a year.
_ANCHOR_YEAR = 2000


class Calendar(NamedTuple):
    """What days a book calls a week and a month."""

    first_weekday: int
    first_day_of_month: int

    def scheme(self, step: ReportStep.ValueType) -> Scheme:
        anchor = date(_ANCHOR_YEAR, 1, self.first_day_of_month)
        return Weeks(1, anchor, self.first_weekday) if step == WEEK else Months(_MONTHS[step], anchor)

    def period(self, step: ReportStep.ValueType, day: date, further: int = 0) -> Span:
        """The step that a day is in, or one so many further on."""
        if step == DAY:
            moved = _within_calendar(lambda: day + _ONE_DAY * further)
            return Span(moved, moved)
        scheme = self.scheme(step)
        return _span_of(period_at(scheme, _required(find_period(scheme, day)).number + further))

    def steps(self, step: ReportStep.ValueType, days: Span) -> list[Span]:
        """The steps that have one of the days, cut off where the days end."""
        if (days.until_on - days.from_on).days // _LEAST_DAYS[step] >= STEPS_MAX + 1:
            raise _too_many()
        if step == DAY:
            count = (days.until_on - days.from_on).days + 1
            found = [Span(*[days.from_on + _ONE_DAY * number] * 2) for number in range(count)]
        else:
            whole = periods_within(self.scheme(step), days)
            found = [Span(max(each.from_on, days.from_on), min(each.until_on, days.until_on)) for each in whole]
        if len(found) > STEPS_MAX:
            raise _too_many()
        return found

    def compared(self, days: Span, comparison: ReportComparison.ValueType, step: ReportStep.ValueType) -> Span | None:
        """What days are compared with."""
        if comparison == PERIOD_BEFORE:
            months = self._months_in(days) if step != WEEK else 0
            length = days.until_on - days.from_on + _ONE_DAY
            return self._months_before(days, months) if months else _moved(days, length)
        if comparison == YEAR_BEFORE:
            if step == WEEK:
                return _moved(days, _YEAR_OF_WEEKS)
            if self._months_in(days):
                return self._months_before(days, _YEAR_MONTHS)
            return Span(years_before(days.from_on, 1), years_before(days.until_on, 1))
        return None

    def _months_in(self, days: Span) -> int:
        """How many whole months the days are. 0: they are not."""
        scheme = self.scheme(MONTH)
        first, last = _required(find_period(scheme, days.from_on)), _required(find_period(scheme, days.until_on))
        is_whole = (first.from_on, last.until_on) == (days.from_on, days.until_on)
        return last.number - first.number + 1 if is_whole else 0

    def _months_before(self, days: Span, months: int) -> Span:
        return Span(
            self.period(MONTH, days.from_on, -months).from_on, self.period(MONTH, days.until_on, -months).until_on
        )


def calendar_of(book: Book) -> Calendar:
    return Calendar((book.first_day_of_week or Weekday.WEEKDAY_MONDAY) - 1, book.first_day_of_month or 1)


def require_days(from_text: str, until_text: str, last: date, first_of: Callable[[date], date]) -> Span:
    """The days that a request names. When it does not: `last`, and the first that follows from the last."""
    last = require_date("until_on", until_text) if until_text else last
    first = require_date("from_on", from_text) if from_text else first_of(last)
    if last < first:
        raise InvalidInput.of_field("until_on", "is before from_on", ErrorReason.ERROR_REASON_INVALID_DATE)
    # Compared part by part: a hundred years after 29 February may be no day.
    if (last.year - YEARS_MAX, last.month, last.day) > (first.year, first.month, first.day):
        raise InvalidInput.of_field(
            "until_on", f"is more than {YEARS_MAX} years after from_on", ErrorReason.ERROR_REASON_INVALID_DATE
        )
    return Span(first, last)


def require_steps(calendar: Calendar, request: Any, today: date) -> tuple[ReportStep.ValueType, Span]:
    """The steps of a request, and its days: as it says, or the last ones up to the one that today is in."""
    step = request.step or MONTH
    last = calendar.period(step, today).until_on
    return step, require_days(
        request.from_on, request.until_on, last, lambda day: calendar.period(step, day, 1 - STEPS_USUAL).from_on
    )


def lay_out(month: Span, year: Span) -> list[Span]:
    """Spans in order that are a month and a year together, no day in two of them."""
    if not (year.from_on <= month.from_on and month.until_on <= year.until_on):
        return sorted([month, year])
    found = [month]
    if year.from_on < month.from_on:
        found.insert(0, Span(year.from_on, month.from_on - _ONE_DAY))
    if month.until_on < year.until_on:
        found.append(Span(month.until_on + _ONE_DAY, year.until_on))
    return found


def years_before(day: date, years: int) -> date:
    """The same day of an earlier year; of the 29th of February the 28th."""
    return _within_calendar(lambda: _in_year(day, day.year - years))


def month_before(day: date) -> date:
    """The same day of the month before, or the last one that a shorter month has."""
    last_of_before = _within_calendar(lambda: day.replace(day=1) - _ONE_DAY)
    return last_of_before.replace(day=min(day.day, last_of_before.day))


def compose_days(days: Span) -> ReportDays:
    return ReportDays(from_on=days.from_on.isoformat(), until_on=days.until_on.isoformat())


def _in_year(day: date, year: int) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(year, 2, 28) if is_leap_day else day.replace(year=year)


def _moved(days: Span, by: timedelta) -> Span:
    return _within_calendar(lambda: Span(days.from_on - by, days.until_on - by))


def _required(period: Period | None) -> Period:
    assert period is not None, "weeks and months have no gaps"
    return period


def _span_of(period: Period | None) -> Span:
    found = _required(period)
    return Span(found.from_on, found.until_on)


def _within_calendar(compute: Callable[[], T]) -> T:
    try:
        return compute()
    except (ValueError, OverflowError) as wrong:
        raise InvalidInput.of_field(
            "compare_with", "is outside of the calendar", ErrorReason.ERROR_REASON_INVALID_DATE
        ) from wrong


def _too_many() -> InvalidInput:
    return InvalidInput.of_field("step", f"makes more than {STEPS_MAX} steps of these days")
