"""Do the steps of a report hold every day once, and is what they are compared with as long and right before?"""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.budgets.periods import Span
from tallystick.errors import InvalidInput
from tallystick.reports.rules_days import (
    DAY,
    MONTH,
    PERIOD_BEFORE,
    QUARTER,
    STEPS_MAX,
    WEEK,
    YEAR,
    YEAR_BEFORE,
    Calendar,
    lay_out,
    month_before,
    require_days,
    years_before,
)

ONE_DAY = timedelta(days=1)
days = st.dates(min_value=date(1999, 1, 1), max_value=date(2060, 12, 31))
calendars = st.builds(Calendar, st.integers(0, 6), st.integers(1, 28))
steps = st.sampled_from([DAY, WEEK, MONTH, QUARTER, YEAR])


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first = draw(days)
    return Span(first, first + ONE_DAY * draw(st.integers(0, 700)))


@given(calendar=calendars, step=steps, span=spans())
def test_steps_hold_every_day_once_and_in_order(calendar: Calendar, step: int, span: Span) -> None:
    found = calendar.steps(step, span)  # type: ignore[arg-type]  # drawn from its values
    assert (found[0].from_on, found[-1].until_on) == span
    assert all(one.until_on + ONE_DAY == other.from_on for one, other in pairwise(found))
    assert all(each.from_on <= each.until_on for each in found)


@given(calendar=calendars, step=steps, day=days, further=st.integers(-30, 30))
def test_a_step_further_on_is_that_many_steps_away(calendar: Calendar, step: int, day: date, further: int) -> None:
    its = calendar.period(step, day)  # type: ignore[arg-type]  # drawn from its values
    assert its.from_on <= day <= its.until_on
    there = calendar.period(step, day, further)  # type: ignore[arg-type]  # drawn from its values
    assert calendar.period(step, there.until_on, -further) == its  # type: ignore[arg-type]  # drawn from its values


@given(calendar=calendars, span=spans(), step=steps)
def test_the_period_before_ends_right_before(calendar: Calendar, span: Span, step: int) -> None:
    before = calendar.compared(span, PERIOD_BEFORE, step)  # type: ignore[arg-type]  # drawn from its values
    assert before is not None
    assert before.until_on + ONE_DAY == span.from_on
    is_whole_months = calendar.period(MONTH, span.from_on).from_on == span.from_on and (
        calendar.period(MONTH, span.until_on).until_on == span.until_on
    )
    if is_whole_months and step != WEEK:
        assert len(calendar.steps(MONTH, before)) == len(calendar.steps(MONTH, span))
        assert calendar.period(MONTH, before.from_on).from_on == before.from_on
    else:
        assert before.until_on - before.from_on == span.until_on - span.from_on


@given(calendar=calendars, day=days)
def test_whole_months_a_year_before_are_the_same_months(calendar: Calendar, day: date) -> None:
    month = calendar.period(MONTH, day)
    before = calendar.compared(month, YEAR_BEFORE, MONTH)
    assert before is not None
    assert (before.from_on.month, before.from_on.day) == (month.from_on.month, month.from_on.day)
    assert before == calendar.period(MONTH, before.from_on)


@given(calendar=calendars, day=days)
def test_a_month_and_a_year_are_laid_out_without_a_day_twice(calendar: Calendar, day: date) -> None:
    year = calendar.period(YEAR, day)
    for month in (calendar.period(MONTH, day), calendar.period(MONTH, day, -12), calendar.period(MONTH, day, 12)):
        laid = lay_out(month, year)
        assert laid == sorted(laid)
        assert all(one.until_on < other.from_on for one, other in pairwise(laid))
        assert sum((each.until_on - each.from_on).days + 1 for each in laid if each != month) == sum(
            1
            for number in range((year.until_on - year.from_on).days + 1)
            if not month.from_on <= year.from_on + ONE_DAY * number <= month.until_on
        )
        assert month in laid


@given(day=days)
def test_earlier_days_exist(day: date) -> None:
    assert years_before(day, 1).year == day.year - 1
    before = month_before(day)
    assert (before.year * 12 + before.month) == day.year * 12 + day.month - 1
    assert before.day == day.day or before.day == (day.replace(day=1) - ONE_DAY).day


def test_no_report_has_more_steps_than_that() -> None:
    calendar, first = Calendar(0, 1), date(2020, 1, 1)
    assert len(calendar.steps(DAY, Span(first, first + ONE_DAY * (STEPS_MAX - 1)))) == STEPS_MAX
    for step, last in ((DAY, first + ONE_DAY * STEPS_MAX), (WEEK, date(2099, 1, 1)), (MONTH, date(2099, 1, 1))):
        with pytest.raises(InvalidInput):
            calendar.steps(step, Span(first, last))


def test_days_are_as_said_or_as_usual() -> None:
    last = date(2026, 2, 10)
    assert require_days("", "", last, lambda day: day - ONE_DAY) == (date(2026, 2, 9), last)
    assert require_days("", "2026-01-01", last, lambda day: day - ONE_DAY) == (date(2025, 12, 31), date(2026, 1, 1))
    for first, until in (("2026-02-11", ""), ("2026-02-29", ""), ("1926-02-09", "2026-02-10")):
        with pytest.raises(InvalidInput):
            require_days(first, until, last, lambda day: day)
    assert require_days("1926-02-10", "", last, lambda day: day).from_on == date(1926, 2, 10)
