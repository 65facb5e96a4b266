"""When is a digest mailed? Once a day or a week at its hour, also where clocks go forward and back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.notifications.digests.times import Plan, last_until, next_after

ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"),
    # Clocks go forward at midnight; a day was left out; fourteen hours ahead.
    *("America/Santiago", "Africa/Cairo", "Pacific/Kwajalein", "Pacific/Kiritimati", ""),
)
HOUR = timedelta(hours=1)
plans = st.builds(Plan, st.integers(0, 23), st.sampled_from(ZONES), st.none() | st.integers(1, 7))
moments = st.integers(0, 65 * 366 * 24 * 60).map(lambda minutes: utc(1980, 1, 1) + timedelta(minutes=minutes))


def utc(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]  # not the zone


def local(plan: Plan, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(plan.time_zone or "UTC"))


@pytest.mark.parametrize(
    ("plan", "after", "expected"),
    [
        (Plan(9, "UTC", None), utc(2026, 3, 1, 8, 59), utc(2026, 3, 1, 9)),
        (Plan(9, "UTC", None), utc(2026, 3, 1, 9), utc(2026, 3, 2, 9)),
        (Plan(0, "Asia/Tokyo", None), utc(2026, 3, 1, 14, 59), utc(2026, 3, 1, 15)),
        # 2026-03-29 has no two o'clock in Berlin: it is three then.
        (Plan(2, "Europe/Berlin", None), utc(2026, 3, 28, 12), utc(2026, 3, 29, 1)),
        # 2026-10-25 has it twice: the first time counts, and only that.
        (Plan(2, "Europe/Berlin", None), utc(2026, 10, 24, 12), utc(2026, 10, 25, 0)),
        (Plan(2, "Europe/Berlin", None), utc(2026, 10, 25, 0), utc(2026, 10, 26, 1)),
        # 2026-09-06 begins at one o'clock in Santiago.
        (Plan(0, "America/Santiago", None), utc(2026, 9, 5, 12), utc(2026, 9, 6, 4)),
        # 2026-03-01 is a Sunday.
        (Plan(9, "UTC", 7), utc(2026, 3, 1, 8), utc(2026, 3, 1, 9)),
        (Plan(9, "UTC", 6), utc(2026, 3, 1, 8), utc(2026, 3, 7, 9)),
        # Monday at home while it is Sunday still in UTC.
        (Plan(1, "Asia/Tokyo", 1), utc(2026, 3, 1, 12), utc(2026, 3, 1, 16)),
    ],
)
def test_the_next_one(plan: Plan, after: datetime, expected: datetime) -> None:
    assert next_after(plan, after) == expected
    assert last_until(plan, expected) == expected
    assert last_until(plan, expected - timedelta(microseconds=1)) <= after


@given(plans, moments)
def test_the_next_one_follows_the_last_one(plan: Plan, moment: datetime) -> None:
    coming, passed = next_after(plan, moment), last_until(plan, moment)
    assert passed <= moment < coming
    assert next_after(plan, passed) == coming
    assert last_until(plan, coming - timedelta(microseconds=1)) == passed
    longest = timedelta(days=1 if plan.weekday is None else 7) + 25 * HOUR
    assert coming - passed <= longest


@given(plans, moments)
def test_it_is_at_its_hour_on_its_day(plan: Plan, moment: datetime) -> None:
    at = local(plan, next_after(plan, moment))
    if at.hour == plan.hour:
        assert plan.weekday in (None, at.isoweekday())
        return
    # The hour is left out that day: just before it, it was not there yet.
    assert local(plan, next_after(plan, moment) - HOUR).utcoffset() != at.utcoffset()


@given(plans, moments)
def test_there_is_one_a_day_or_a_week(plan: Plan, moment: datetime) -> None:
    days = []
    for _ in range(15):
        moment = next_after(plan, moment)
        days.append(local(plan, moment).date())
    assert len(set(days)) == len(days)
    steps = {(later - earlier).days for earlier, later in pairwise(days)}
    # In Kwajalein and Apia a day was left out, and with it its digest.
    assert steps <= ({1, 2} if plan.weekday is None else {7, 8, 6, 14})
