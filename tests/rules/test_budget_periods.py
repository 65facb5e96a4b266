"""Is every day in exactly one period, and does every period stay where it is, however one comes to it?"""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.budget_numbers import refusal_of
from tallystick.budgets.periods import (
    LENGTH_MAX,
    Listed,
    Months,
    Period,
    Scheme,
    Span,
    Weeks,
    find_period,
    period_at,
    periods_within,
    require_apart,
    require_scheme,
)
from tallystick.ledger.templates.rules import today_in

DAY = timedelta(days=1)
SUNDAY = 6

days = st.dates(date(1900, 1, 1), date(2299, 12, 31))
numbers = st.integers(-300, 300)
tilings = st.builds(Weeks, st.integers(1, 6), days, st.integers(0, 6)) | st.builds(
    Months, st.sampled_from([1, 2, 3, 6, 12]), days
)


def on(text: str) -> date:
    return date.fromisoformat(text)


def span(text: str) -> Span:
    from_on, until_on = text.split("/")
    return Span(on(from_on), on(until_on))


def at(scheme: Scheme, number: int) -> Period:
    period = period_at(scheme, number)
    assert period is not None
    return period


def found(scheme: Scheme, day: date) -> Period:
    period = find_period(scheme, day)
    assert period is not None
    return period


def begin(scheme: Scheme, *numbers: int) -> str:
    """The first days of these periods."""
    return " ".join(str(at(scheme, number).from_on) for number in numbers)


@st.composite
def lists(draw: st.DrawFn) -> Listed:
    """Spans that touch or leave gaps, in any order."""
    day, spans = draw(days), []
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40)), min_size=1, max_size=8)):
        first = day + gap * DAY
        day = first + length * DAY
        spans.append(Span(first, day - DAY))
    return Listed(tuple(draw(st.permutations(spans))))


@pytest.mark.parametrize(
    "scheme",
    [
        Weeks(1, on("2026-01-01"), SUNDAY),
        Months(1, on("2026-01-31")),
        Months(3, on("2025-11-30")),
        Months(12, on("2024-02-29")),
    ],
    ids=repr,
)
def test_every_day_of_400_years_is_in_exactly_one_period(scheme: Scheme) -> None:
    """After 400 years the calendar repeats itself. Day after day is in the period that goes on, or in the next, which begins on it."""
    period = found(scheme, on("1900-01-01"))
    for ordinal in range(on("1900-01-01").toordinal(), on("2300-01-01").toordinal()):
        day, before = date.fromordinal(ordinal), period
        period = found(scheme, day)
        assert period.from_on <= day <= period.until_on
        assert period == (before if day <= before.until_on else (before.number + 1, day, period.until_on))


@given(tilings, days)
def test_a_day_is_found_in_the_period_that_holds_it(scheme: Scheme, day: date) -> None:
    period = found(scheme, day)
    assert period.from_on <= day <= period.until_on
    assert period == at(scheme, period.number)
    assert found(scheme, period.from_on) == found(scheme, period.until_on) == period


@given(tilings, numbers)
def test_periods_follow_each_other_without_gap_or_overlap(scheme: Scheme, number: int) -> None:
    one, other = at(scheme, number), at(scheme, number + 1)
    assert one.from_on <= one.until_on
    assert other.from_on == one.until_on + DAY


@given(tilings, days)
def test_the_next_of_the_previous_is_the_same(scheme: Scheme, day: date) -> None:
    period = found(scheme, day)
    previous = found(scheme, period.from_on - DAY)
    assert previous.number == period.number - 1
    assert found(scheme, previous.until_on + DAY) == period


@given(st.builds(Weeks, st.integers(1, 6), days, st.integers(0, 6)), numbers)
def test_weeks_have_their_length_and_begin_on_their_day(scheme: Weeks, number: int) -> None:
    period = at(scheme, number)
    assert (period.until_on - period.from_on).days + 1 == 7 * scheme.length
    assert period.from_on.weekday() == scheme.first_weekday
    assert 0 <= (scheme.anchor_on - at(scheme, 0).from_on).days < 7


@given(days, st.sampled_from([1, 3, 12]), numbers)
def test_t42_months_begin_on_their_day_or_the_last_there_is(anchor_on: date, length: int, number: int) -> None:
    first = at(Months(length, anchor_on), number).from_on
    months = (first.year - anchor_on.year) * 12 + first.month - anchor_on.month
    assert months == number * length
    assert first.day == anchor_on.day or (first.day < anchor_on.day and (first + DAY).day == 1)


def test_t42_the_31st_clamps_and_does_not_drift() -> None:
    months = Months(1, on("2026-01-31"))
    assert begin(months, 0, 1, 2, 3, 12, 25) == "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2027-01-31 2028-02-29"
    assert found(months, on("2026-02-27")) == (0, on("2026-01-31"), on("2026-02-27"))
    assert found(months, on("2026-02-28")) == (1, on("2026-02-28"), on("2026-03-30"))


def test_quarters_and_years_from_a_chosen_day() -> None:
    assert begin(Months(3, on("2025-11-30")), -1, 0, 1, 2) == "2025-08-30 2025-11-30 2026-02-28 2026-05-30"
    assert begin(Months(12, on("2024-02-29")), -1, 0, 1, 4) == "2023-02-28 2024-02-29 2025-02-28 2028-02-29"
    assert found(Months(12, on("2026-04-06")), on("2026-04-05")) == (-1, on("2025-04-06"), on("2026-04-05"))


def test_weeks_go_on_across_years() -> None:
    assert found(Weeks(1, on("2026-06-01"), 0), on("2027-01-01"))[1:] == span("2026-12-28/2027-01-03")
    assert found(Weeks(1, on("2026-06-01"), SUNDAY), on("2027-01-03"))[1:] == span("2027-01-03/2027-01-09")
    # A year of 53 weeks: a fortnight keeps its rhythm and does not begin again with the year.
    assert begin(Weeks(2, on("2026-12-24"), 3), 0, 1, 2, 26) == "2026-12-24 2027-01-07 2027-01-21 2027-12-23"
    assert begin(Weeks(4, on("2026-01-01"), 0), -1, 0, 13) == "2025-12-01 2025-12-29 2026-12-28"


def test_t50_a_period_ends_at_midnight_where_the_person_is() -> None:
    months = Months(1, on("2026-03-01"))
    shown = {}
    for zone in ("Pacific/Auckland", "Europe/Berlin", "America/New_York", ""):
        evening, night = datetime(2026, 3, 31, 21, 59, tzinfo=UTC), datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
        shown[zone] = [found(months, today_in(zone, now)).number for now in (evening, night)]
    assert shown == {"Pacific/Auckland": [1, 1], "Europe/Berlin": [0, 1], "America/New_York": [0, 0], "": [0, 0]}


@given(lists(), st.integers(-5, 400))
def test_listed_periods_hold_their_days_and_no_others(scheme: Listed, offset: int) -> None:
    day = min(scheme.spans).from_on + offset * DAY
    holding = [each for each in scheme.spans if each.from_on <= day <= each.until_on]
    period = find_period(scheme, day)
    assert ([] if period is None else [period[1:]]) == holding
    require_scheme("scheme", scheme)


@given(lists())
def test_listed_periods_are_numbered_as_the_calendar_goes(scheme: Listed) -> None:
    listed = [at(scheme, number) for number in range(len(scheme.spans))]
    assert listed == [(number, *span) for number, span in enumerate(sorted(scheme.spans))]
    assert period_at(scheme, -1) is None
    assert period_at(scheme, len(listed)) is None


@given(tilings | lists(), days, st.integers(-20, 20), st.integers(0, 400))
def test_a_range_gives_every_period_that_it_touches(scheme: Scheme, from_on: date, offset: int, length: int) -> None:
    if isinstance(scheme, Listed):
        from_on = scheme.spans[0].from_on + offset * DAY
    wanted = Span(from_on, from_on + length * DAY)
    by_day = [find_period(scheme, from_on + number * DAY) for number in range(length + 1)]
    assert periods_within(scheme, wanted) == list(dict.fromkeys(filter(None, by_day)))


@given(lists(), st.data())
def test_periods_that_share_a_day_are_refused(scheme: Listed, data: st.DataObject) -> None:
    taken = data.draw(st.sampled_from(scheme.spans))
    first = data.draw(st.dates(taken.from_on - 9 * DAY, taken.until_on))
    last = data.draw(st.dates(max(first, taken.from_on), taken.until_on + 9 * DAY))
    spans = data.draw(st.permutations([*scheme.spans, Span(first, last)]))
    assert refusal_of(lambda: require_apart("periods", spans)).reason_name == "INVALID_FIELD"


def test_periods_may_touch_but_not_end_before_they_begin() -> None:
    require_apart("periods", [span("2026-02-01/2026-02-01"), span("2026-01-01/2026-01-31")])
    backwards = [span("2026-02-02/2026-02-01")]
    assert refusal_of(lambda: require_apart("periods", backwards)).violations[0].field == "periods"


@pytest.mark.parametrize(
    ("scheme", "field"),
    [
        (Weeks(0, on("2026-01-01"), 0), "scheme.length"),
        (Weeks(1, on("2026-01-01"), 7), "scheme.first_weekday"),
        (Weeks(1, on("2026-01-01"), -1), "scheme.first_weekday"),
        (Months(LENGTH_MAX + 1, on("2026-01-01")), "scheme.length"),
        (Months(-1, on("2026-01-01")), "scheme.length"),
        (Listed(()), "scheme.spans"),
        (Listed((span("2026-01-01/2026-01-09"), span("2026-01-09/2026-01-10"))), "scheme.spans"),
    ],
    ids=repr,
)
def test_schemes_that_make_no_periods_are_refused(scheme: Scheme, field: str) -> None:
    assert refusal_of(lambda: require_scheme("scheme", scheme)).violations[0].field == field


@given(tilings)
def test_schemes_that_tile_are_taken(scheme: Scheme) -> None:
    require_scheme("scheme", scheme)


@pytest.mark.parametrize("scheme", [Weeks(1, on("2026-01-01"), 0), Months(1, on("2026-01-01"))], ids=repr)
@pytest.mark.parametrize("number", [10**6, -(10**6), 10**30])
def test_periods_outside_of_the_calendar_are_refused(scheme: Scheme, number: int) -> None:
    assert refusal_of(lambda: period_at(scheme, number)).reason_name == "INVALID_DATE"


def test_all_periods_of_a_year_of_pay_days() -> None:
    fortnights = periods_within(Weeks(2, on("2026-01-09"), 4), span("2026-01-01/2026-12-31"))
    assert [str(fortnights[0].from_on), str(fortnights[-1].until_on), len(fortnights)] == [
        "2025-12-26",
        "2027-01-07",
        27,
    ]
    assert all(one.until_on + DAY == other.from_on for one, other in pairwise(fortnights))
