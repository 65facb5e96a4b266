"""On which days does a recurrence rule fall? As RFC 5545 evaluates it, for whole days: of each period, the days that pass every part."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from tallystick.ledger.templates.recurrence_rule import Frequency, NthDay, Rule

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_YEAR_MONTHS = 12
_MONTH_LENGTHS = range(28, 32)


def days(rule: Rule, *, starts_on: date, since: date, until: date, clamp: bool) -> Iterator[date]:
    """The days of the rule from `starts_on` to `until`, in order. Periods that are over before `since` are jumped over and not walked
    through: the first day may be earlier than `since` by one period.

    With `clamp` a month that is too short for a BYMONTHDAY gives the nearest day that it has; else it gives none."""
    rule = _completed(rule, starts_on)
    tests = _tests(rule, clamp=clamp)
    for period in _periods(rule, starts_on, since, until):
        found = [date.fromordinal(day) for day in period]
        for passes in tests:
            found = [day for day in found if passes(day)]
        for day in _at_positions(found, rule.positions) if rule.positions else found:
            if starts_on <= day <= until:
                yield day


def _completed(rule: Rule, starts_on: date) -> Rule:
    """What a rule leaves open is as on its first day: FREQ=MONTHLY alone means that day of each month."""
    if rule.month_days or rule.year_days or rule.weekdays or rule.frequency is Frequency.DAILY:
        return rule
    if rule.frequency is Frequency.WEEKLY or rule.week_numbers:
        return replace(rule, weekdays=frozenset({NthDay(0, starts_on.weekday())}))
    months = rule.months
    if rule.frequency is Frequency.YEARLY and not months:
        months = frozenset({starts_on.month})
    return replace(rule, months=months, month_days=frozenset({starts_on.day}))


def _periods(rule: Rule, starts_on: date, since: date, until: date) -> Iterator[range]:
    """All days, as ordinals, of each period that INTERVAL picks, from the last one that does not begin after `since`."""
    if rule.frequency in {Frequency.DAILY, Frequency.WEEKLY}:
        length = 1 if rule.frequency is Frequency.DAILY else _WEEK_DAYS
        anchor = starts_on.toordinal() - (starts_on.weekday() - rule.week_start) % length
        for first in _steps(anchor, length * rule.interval, since.toordinal(), until.toordinal()):
            yield range(first, first + length)
    else:
        length = 1 if rule.frequency is Frequency.MONTHLY else _YEAR_MONTHS
        anchor = _month_number(starts_on) // length * length
        for first in _steps(anchor, length * rule.interval, _month_number(since), _month_number(until)):
            yield range(_first_of_month(first).toordinal(), _first_of_month(first + length).toordinal())


def _steps(anchor: int, step: int, since: int, until: int) -> range:
    jumped = max(0, since - anchor) // step * step
    return range(anchor + jumped, until + 1, step)


def _at_positions(found: Sequence[date], positions: frozenset[int]) -> list[date]:
    """BYSETPOS: the 1st, the -1st (last), ... of what a period gives."""
    indices = {position - 1 if position > 0 else len(found) + position for position in positions}
    return [day for index, day in enumerate(found) if index in indices]


def _tests(rule: Rule, *, clamp: bool) -> list[Callable[[date], bool]]:
    """One test for each part that restricts, the cheapest first."""
    tests: list[Callable[[date], bool]] = []
    if rule.months:
        tests.append(lambda day: day.month in rule.months)
    if rule.month_days:
        by_length = {length: _month_days(rule.month_days, length, clamp=clamp) for length in _MONTH_LENGTHS}
        tests.append(lambda day: day.day in by_length[_last_of_month(day).day])
    if rule.weekdays:
        in_month = rule.frequency is Frequency.MONTHLY or bool(rule.months)
        tests.append(lambda day: any(_is_nth_day(day, wanted, in_month=in_month) for wanted in rule.weekdays))
    if rule.year_days:
        tests.append(lambda day: not rule.year_days.isdisjoint(_year_day(day)))
    if rule.week_numbers:
        tests.append(lambda day: not rule.week_numbers.isdisjoint(_week_number(day, rule.week_start)))
    return tests


def _month_days(wanted: frozenset[int], length: int, *, clamp: bool) -> frozenset[int]:
    """Which days of a month of that length are meant. Two that clamp to the same day are one."""
    counted = {day if day > 0 else length + 1 + day for day in wanted}
    if clamp:
        return frozenset(min(max(day, 1), length) for day in counted)
    return frozenset(day for day in counted if 1 <= day <= length)


def _is_nth_day(day: date, wanted: NthDay, *, in_month: bool) -> bool:
    if day.weekday() != wanted.weekday:
        return False
    if wanted.nth == 0:
        return True
    first = day.replace(day=1) if in_month else date(day.year, 1, 1)
    last = _last_of_month(day) if in_month else date(day.year, 12, 31)
    return wanted.nth in {(day - first).days // _WEEK_DAYS + 1, -((last - day).days // _WEEK_DAYS) - 1}


def _year_day(day: date) -> set[int]:
    """Its number in its year, counted from either end."""
    return {(day - date(day.year, 1, 1)).days + 1, (day - date(day.year, 12, 31)).days - 1}


def _week_number(day: date, week_start: int) -> set[int]:
    """The number of its week, counted from either end of the year that the week belongs to: the one with four of its days or more, which
    is the year of its fourth day. The 28th of December is always in the last week."""
    fourth = _fourth_of_week(day, week_start)
    number = _year_week(fourth)
    weeks = _year_week(_fourth_of_week(date(fourth.year, 12, 28), week_start))
    return {number, number - weeks - 1}


def _fourth_of_week(day: date, week_start: int) -> date:
    return day + timedelta(days=3 - (day.weekday() - week_start) % _WEEK_DAYS)


def _year_week(fourth: date) -> int:
    return (fourth - date(fourth.year, 1, 1)).days // _WEEK_DAYS + 1


def _month_number(day: date) -> int:
    return day.year * _YEAR_MONTHS + day.month - 1


def _first_of_month(number: int) -> date:
    return date(number // _YEAR_MONTHS, number % _YEAR_MONTHS + 1, 1)


def _last_of_month(day: date) -> date:
    return _first_of_month(_month_number(day) + 1) - _DAY
