"""Does an analysis add up, is its pace exact, and is everybody told of a threshold once?"""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.budget_numbers import INT64_MAX, amounts, refusal_of
from tallystick.budgets.analysis import THRESHOLD_BP_MAX, Use, analyse, crossed, pace_of, require_thresholds
from tallystick.budgets.periods import Span

DAY = timedelta(days=1)
APRIL = Span(date(2026, 4, 1), date(2026, 4, 30))

plans = st.integers(-INT64_MAX, INT64_MAX)
spans = st.builds(
    lambda first, length: Span(first, first + length * DAY),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.integers(0, 400),
)
thresholds = st.sets(st.integers(1, THRESHOLD_BP_MAX), max_size=5)
uses = st.builds(Use, st.integers(-500, 500), st.integers(-500, 1000))


def test_an_analysis_of_a_month() -> None:
    told = analyse(Use(30_000, 12_500), APRIL, date(2026, 4, 10), [4_000, 15_000])
    assert (told.planned_minor, told.actual_minor, told.left_minor) == (30_000, 12_500, 17_500)
    assert (told.pace_minor, told.ahead_minor) == (10_000, 2_500)
    assert (told.forecast_minor, told.forecast_left_minor) == (31_500, -1_500)


@given(amounts, amounts, spans, st.integers(-5, 405), st.lists(amounts, max_size=5))
def test_an_analysis_adds_up(planned: int, actual: int, span: Span, offset: int, scheduled: list[int]) -> None:
    today = span.from_on + offset * DAY
    told = analyse(Use(planned, actual), span, today, scheduled)
    assert (told.planned_minor, told.actual_minor) == (planned, actual)
    assert told.left_minor + told.actual_minor == planned
    assert told.pace_minor == pace_of(planned, span, today)
    assert told.pace_minor + told.ahead_minor == actual
    assert told.forecast_minor == actual + sum(scheduled)
    assert told.forecast_left_minor == told.left_minor - sum(scheduled)


@given(plans, spans, st.integers(0, 400))
def test_pace_is_nearest_to_the_exact_part_of_the_days(planned: int, span: Span, offset: int) -> None:
    today = min(span.from_on + offset * DAY, span.until_on)
    days, passed = (span.until_on - span.from_on).days + 1, (today - span.from_on).days + 1
    pace, exact = pace_of(planned, span, today), Fraction(planned * passed, days)
    assert abs(pace - exact) <= Fraction(1, 2)
    if abs(pace - exact) == Fraction(1, 2):
        assert pace % 2 == 0
    assert pace_of(-planned, span, today) == -pace


@given(plans, spans, st.integers(0, 50))
def test_pace_is_nothing_before_and_everything_from_the_last_day_on(planned: int, span: Span, offset: int) -> None:
    assert pace_of(planned, span, span.from_on - (offset + 1) * DAY) == 0
    assert pace_of(planned, span, span.until_on + offset * DAY) == planned


@given(st.integers(0, 1000), spans)
def test_pace_never_goes_back(planned: int, span: Span) -> None:
    days = (span.until_on - span.from_on).days + 1
    paces = [pace_of(planned, span, span.from_on + number * DAY) for number in range(-1, days + 1)]
    assert paces == sorted(paces)
    # And no day asks for more than its part, but for what rounding moves.
    assert all(abs(later - sooner) <= planned // days + 1 for sooner, later in pairwise(paces))


def test_pace_counts_today_and_rounds_half_to_even() -> None:
    assert pace_of(3_000, APRIL, APRIL.from_on) == 100
    halves = Span(date(2026, 4, 1), date(2026, 4, 2))
    assert [pace_of(planned, halves, halves.from_on) for planned in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


@given(thresholds, st.integers(1, 500), st.lists(st.integers(0, 300), max_size=8))
def test_while_spending_grows_each_threshold_is_crossed_once(drawn: set[int], planned: int, steps: list[int]) -> None:
    told, actual = [], 0
    for step in steps:
        told += crossed(drawn, Use(planned, actual), Use(planned, actual + step))
        actual += step
    # Compared as fractions, by hand.
    assert told == sorted(each for each in drawn if actual and Fraction(actual, planned) >= Fraction(each, 10_000))


@given(thresholds, st.lists(uses, min_size=1, max_size=8))
def test_whatever_happens_nobody_is_told_twice(drawn: set[int], states: list[Use]) -> None:
    told: list[int] = []
    for before, after in pairwise([Use(100, 0), *states]):
        told += crossed(drawn, before, after, told)
    assert len(told) == len(set(told))
    assert set(told) <= drawn


@given(thresholds, uses)
def test_without_a_change_nothing_is_crossed(drawn: set[int], use: Use) -> None:
    assert crossed(drawn, use, use) == []


@given(thresholds, uses, uses)
def test_what_is_crossed_one_way_is_not_crossed_the_other(drawn: set[int], one: Use, other: Use) -> None:
    assert not set(crossed(drawn, one, other)) & set(crossed(drawn, other, one))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (Use(1000, 799), Use(1000, 800), [8000]),
        (Use(1000, 800), Use(1000, 999), []),
        (Use(1000, 0), Use(1000, 1200), [8000, 10_000]),
        (Use(99, 79), Use(99, 80), [8000]),
        (Use(99, 78), Use(99, 79), []),
        (Use(1000, 900), Use(1000, 500), []),
        (Use(1000, 900), Use(900, 900), [10_000]),
        (Use(0, 0), Use(0, 1), [8000, 10_000]),
        (Use(100, 0), Use(0, 0), []),
        (Use(-50, 0), Use(-50, 1), [8000, 10_000]),
        (Use(100, 0), Use(-50, -10), []),
    ],
)
def test_thresholds_between_two_states(before: Use, after: Use, expected: list[int]) -> None:
    assert crossed([10_000, 8000], before, after) == expected


def test_crossed_again_after_a_refund_it_is_news_only_to_who_was_not_told() -> None:
    low, high = Use(100, 70), Use(100, 85)
    assert crossed([8000], low, high) == [8000]
    assert crossed([8000], low, high, told_bp=[8000]) == []


@pytest.mark.parametrize("wrong", [[0], [-1], [THRESHOLD_BP_MAX + 1], [8000, 8000]])
def test_thresholds_that_nothing_crosses_or_twice_are_refused(wrong: list[int]) -> None:
    require_thresholds("thresholds_bp", [1, 10_000, THRESHOLD_BP_MAX])
    assert refusal_of(lambda: require_thresholds("thresholds_bp", wrong)).violations[0].field == "thresholds_bp"


@pytest.mark.parametrize(
    ("use", "scheduled"),
    [
        pytest.param(Use(INT64_MAX, -1), [1], id="left"),
        pytest.param(Use(INT64_MAX, INT64_MAX), [1], id="forecast"),
        pytest.param(Use(-INT64_MAX, 0), [1], id="forecast left"),
    ],
)
def test_what_64_bits_do_not_hold_is_refused(use: Use, scheduled: list[int]) -> None:
    refused = refusal_of(lambda: analyse(use, APRIL, APRIL.from_on - DAY, scheduled))
    assert refused.reason_name == "AMOUNT_OUT_OF_RANGE"
