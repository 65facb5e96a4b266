"""Does a schedule recur on the right days, each exactly once, however often and however late one looks?"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput
from tallystick.ledger.templates import recurrence_days
from tallystick.ledger.templates.recurrence import MonthEnd, Schedule, Weekend, due, occurrences, require_schedule
from tallystick.ledger.templates.recurrence_rule import Rule

EVER = 10**6
DAY = timedelta(days=1)


def of(
    rule: str,
    starts_on: str,
    *,
    ends_on: str = "",
    count: int | None = None,
    month_end: MonthEnd = MonthEnd.CLAMP,
    weekend: Weekend = Weekend.KEEP,
) -> Schedule:
    end = date.fromisoformat(ends_on) if ends_on else None
    return Schedule(date.fromisoformat(starts_on), rule, end, count, month_end, weekend)


def slots(schedule: Schedule, limit: int = EVER, after: date | None = None) -> list[date]:
    return [occurrence.slot_on for occurrence in occurrences(schedule, after, limit)]


def told(schedule: Schedule, limit: int = EVER, after: str = "") -> str:
    return " ".join(map(str, slots(schedule, limit, date.fromisoformat(after) if after else None)))


def booked(schedule: Schedule, limit: int) -> str:
    return " ".join(str(occurrence.booked_on) for occurrence in occurrences(schedule, None, limit))


def refused(schedule: Schedule) -> bool:
    try:
        require_schedule("schedule", schedule)
    except InvalidInput as wrong:
        assert (wrong.reason_name, wrong.violations[0].field) == ("INVALID_RECURRENCE", "schedule")
        return True
    return False


WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Any rule that can be read, in all its parts."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    of_year, of_week = frequency == "YEARLY", frequency == "WEEKLY"
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 40))}", f"WKST={draw(st.sampled_from(WEEKDAYS))}"]

    def add(name: str, values: st.SearchStrategy[str]) -> None:
        if draw(st.integers(0, 2)) == 0:
            parts.append(f"{name}={','.join(draw(st.lists(values, min_size=1, max_size=4)))}")

    def signed(most: int) -> st.SearchStrategy[str]:
        return (st.integers(1, most) | st.integers(-most, -1)).map(str)

    add("BYMONTH", st.integers(1, 12).map(str))
    if of_year:
        add("BYYEARDAY", signed(366))
        add("BYWEEKNO", signed(53))
    if not of_week:
        add("BYMONTHDAY", signed(31))
    numbered = st.tuples(signed(5), st.sampled_from(WEEKDAYS)).map("".join)
    plain_only = frequency in {"DAILY", "WEEKLY"} or any(part.startswith("BYWEEKNO") for part in parts)
    add("BYDAY", st.sampled_from(WEEKDAYS) if plain_only else st.sampled_from(WEEKDAYS) | numbered)
    if any(part.startswith("BY") for part in parts):
        add("BYSETPOS", signed(3))
    return ";".join(draw(st.permutations(parts)))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    starts_on = draw(st.dates(date(2019, 1, 1), date(2029, 12, 31)))
    schedule = Schedule(
        starts_on,
        draw(rules()),
        starts_on + draw(st.integers(0, 4000)) * DAY,
        draw(st.none() | st.integers(0, 60)),
        draw(st.sampled_from(MonthEnd)),
        draw(st.sampled_from(Weekend)),
    )
    assume(not refused(schedule))
    return schedule


# --- the weekend ---


@pytest.mark.parametrize(
    ("weekend", "expected"),
    [
        (Weekend.KEEP, "2026-05-01 2026-05-02 2026-05-03 2026-05-04"),
        (Weekend.PREVIOUS, "2026-05-01 2026-05-01 2026-05-01 2026-05-04"),
        (Weekend.NEXT, "2026-05-01 2026-05-04 2026-05-04 2026-05-04"),
        (Weekend.SKIP, "2026-05-01 2026-05-04 2026-05-05 2026-05-06"),
    ],
)
def test_a_slot_on_a_weekend_is_booked_by_its_policy(weekend: Weekend, expected: str) -> None:
    assert booked(of("FREQ=DAILY", "2026-05-01", weekend=weekend), 4) == expected


@pytest.mark.parametrize("weekend", [Weekend.KEEP, Weekend.PREVIOUS, Weekend.NEXT])
def test_t45_the_name_of_an_occurrence_does_not_move_with_the_weekend(weekend: Weekend) -> None:
    """What is skipped is remembered by its slot, and what comes after it is what comes after that slot."""
    schedule = of("FREQ=MONTHLY;BYMONTHDAY=1", "2026-08-01", weekend=weekend)
    assert told(schedule, 3) == "2026-08-01 2026-09-01 2026-10-01"
    assert told(schedule, 2, after="2026-08-01") == "2026-09-01 2026-10-01"
    assert due(schedule, date(2026, 8, 1), date(2026, 8, 31), EVER) == []


def test_a_slot_that_moves_into_another_month_keeps_its_own() -> None:
    over = occurrences(of("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-01", weekend=Weekend.NEXT), None, 1)[0]
    assert (over.slot_on, over.booked_on) == (date(2026, 1, 31), date(2026, 2, 2))


def test_no_slot_is_outside_start_and_end_but_its_booking_may_be() -> None:
    before = of("FREQ=DAILY", "2026-08-01", ends_on="2026-08-02", weekend=Weekend.PREVIOUS)
    assert (told(before), booked(before, 9)) == ("2026-08-01 2026-08-02", "2026-07-31 2026-07-31")
    after = of("FREQ=DAILY", "2026-08-01", ends_on="2026-08-02", weekend=Weekend.NEXT)
    assert (told(after), booked(after, 9)) == ("2026-08-01 2026-08-02", "2026-08-03 2026-08-03")


# --- where it begins and ends ---


def test_t47_the_first_day_is_an_occurrence_when_the_rule_gives_it() -> None:
    schedule = of("FREQ=WEEKLY;BYDAY=MO,FR", "2026-05-01")
    assert due(schedule, None, date(2026, 5, 1), EVER) == occurrences(schedule, None, 1)
    assert told(schedule, 1) == "2026-05-01"


def test_t47_the_first_day_is_no_occurrence_when_the_rule_does_not_give_it() -> None:
    assert told(of("FREQ=MONTHLY;BYMONTHDAY=15", "2026-05-16"), 2) == "2026-06-15 2026-07-15"
    assert told(of("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-05-06"), 2) == "2026-05-18 2026-06-01"


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (of("FREQ=DAILY", "2026-01-01", count=2), "2026-01-01 2026-01-02"),
        (of("FREQ=DAILY", "2026-01-01", count=9, ends_on="2026-01-02"), "2026-01-01 2026-01-02"),
        (of("FREQ=DAILY", "2026-01-01", count=1, ends_on="2026-01-02"), "2026-01-01"),
        (of("FREQ=DAILY", "2026-01-01", count=0, ends_on="2026-01-01"), "2026-01-01"),
        (of("FREQ=MONTHLY", "2026-01-31", count=3), "2026-01-31 2026-02-28 2026-03-31"),
        (of("FREQ=MONTHLY", "2026-01-31", count=3, month_end=MonthEnd.SKIP), "2026-01-31 2026-03-31 2026-05-31"),
        (of("FREQ=DAILY", "2026-05-01", count=2, weekend=Weekend.SKIP), "2026-05-01 2026-05-04"),
        (of("FREQ=DAILY", "2026-05-01", count=2, weekend=Weekend.NEXT), "2026-05-01 2026-05-02"),
    ],
)
def test_t46_a_schedule_ends_after_its_count_of_occurrences_or_its_last_day(schedule: Schedule, expected: str) -> None:
    assert told(schedule) == expected


@pytest.mark.parametrize("after", ["2026-01-01", "2026-03-31", "2026-04-15", "2026-04-30", "2035-01-01"])
def test_t46_the_count_is_honoured_wherever_one_begins_to_look(after: str) -> None:
    everything = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    schedule = of("FREQ=MONTHLY", "2026-01-31", count=4)
    assert told(schedule, EVER, after).split() == [slot for slot in everything if slot > after]
    assert len(due(schedule, None, date(2040, 1, 1), EVER)) == 4


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Singapore", "Pacific/Apia"])
def test_t50_days_are_civil_dates_wherever_the_server_stands(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both changes of clocks are in between, and Apia's missing 30th of December 2011."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        found = slots(of("FREQ=DAILY", "2011-01-01", ends_on="2012-12-31"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == [date(2011, 1, 1) + days * DAY for days in range(731)]
    assert {type(day) for day in found} == {date}


# --- looking late, and looking often ---


@pytest.mark.parametrize(("until", "missed"), [(date(2026, 3, 31), 90), (date(2036, 1, 1), 3653)])
def test_t43_after_an_outage_everything_missed_is_due(until: date, missed: int) -> None:
    found = due(of("FREQ=DAILY", "2026-01-01"), None, until, EVER)
    assert [occurrence.slot_on for occurrence in found] == [date(2026, 1, 1) + days * DAY for days in range(missed)]


@given(schedule=schedules())
def test_slots_only_grow_and_bookings_never_shrink(schedule: Schedule) -> None:
    found = occurrences(schedule, None, 100)
    assert all(earlier.slot_on < later.slot_on for earlier, later in pairwise(found))
    assert all(earlier.booked_on <= later.booked_on for earlier, later in pairwise(found))
    moves_to_business_days = schedule.weekend != Weekend.KEEP
    assert all(occurrence.booked_on.weekday() < 5 for occurrence in found) or not moves_to_business_days


@given(schedule=schedules(), size=st.integers(1, 40))
def test_pages_joined_are_the_whole(schedule: Schedule, size: int) -> None:
    whole = occurrences(schedule, None, 100)
    paged = occurrences(schedule, None, size)
    while len(paged) < 100 and (page := occurrences(schedule, paged[-1].slot_on, size)):
        paged += page
    assert paged[:100] == whole


@given(schedule=schedules(), offset=st.integers(-400, 4000))
def test_looking_from_any_day_shows_the_rest_of_the_same_list(schedule: Schedule, offset: int) -> None:
    after = schedule.starts_on + offset * DAY
    whole = slots(schedule, 200)
    rest = [slot for slot in whole if slot > after]
    assert slots(schedule, len(rest), after) == rest


@given(schedule=schedules(), windows=st.lists(st.integers(0, 200), max_size=30), limit=st.integers(1, 50))
def test_t43_t44_windows_of_any_size_share_out_every_occurrence_once(
    schedule: Schedule, windows: list[int], limit: int
) -> None:
    until, handled, after = schedule.starts_on - 3 * DAY, [], None
    for days in windows:
        until += days * DAY
        while found := due(schedule, after, until, limit):
            handled += found
            after = found[-1].slot_on
    whole = occurrences(schedule, None, EVER)
    assert handled == [occurrence for occurrence in whole if occurrence.booked_on <= until]


# --- what is refused, and how much is searched ---


@pytest.mark.parametrize(
    "schedule",
    [
        of("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01", month_end=MonthEnd.SKIP),
        of("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01", month_end=MonthEnd.SKIP),
        of("FREQ=DAILY;BYDAY=MO;BYSETPOS=2", "2026-01-01"),
        of("FREQ=MONTHLY;BYDAY=6MO", "2026-01-01"),
        of("FREQ=WEEKLY;BYDAY=SA,SU", "2026-01-01", weekend=Weekend.SKIP),
        of("FREQ=MONTHLY;BYMONTHDAY=20", "2026-01-01", ends_on="2026-01-19"),
    ],
)
def test_what_never_occurs_is_refused_after_a_short_search(schedule: Schedule, walked: list[range]) -> None:
    assert refused(schedule)
    assert len(walked) <= 41 * 366


def test_a_rule_that_is_none_is_refused() -> None:
    assert refused(of("FREQ=HOURLY", "2026-01-01"))


def test_ends_and_starts_that_make_no_sense_are_refused() -> None:
    assert refused(of("FREQ=DAILY", "2026-01-02", ends_on="2026-01-01"))
    assert refused(of("FREQ=DAILY", "2026-01-02", count=-1))
    assert refused(of("FREQ=DAILY", "0001-01-01"))
    assert refused(of("FREQ=DAILY", "9999-12-31"))
    assert not refused(of("FREQ=DAILY", "2026-01-02", ends_on="2026-01-02", count=0))
    assert not refused(of("FREQ=YEARLY;INTERVAL=1000", "2026-01-02"))


def test_a_rule_that_rests_for_years_is_kept() -> None:
    rare = of("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "2089-01-01", month_end=MonthEnd.SKIP)
    assert not refused(rare)
    assert told(rare, 3) == "2092-02-29 2096-02-29 2104-02-29"
    rarest = of("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO", "2072-03-01", month_end=MonthEnd.SKIP)
    assert not refused(rarest)
    assert told(rarest, 1) == "2112-02-29"


def test_every_list_ends_at_last() -> None:
    assert slots(of("FREQ=YEARLY", "2026-01-01"))[-1] == date(2226, 1, 1)
    assert due(of("FREQ=YEARLY", "2026-01-01"), None, date.max, EVER)[-1].slot_on == date(2226, 1, 1)
    assert occurrences(of("FREQ=DAILY", "2026-01-01"), date.max, 1) == []


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[range]:
    """Each period that was looked at."""
    seen: list[range] = []
    periods = recurrence_days._periods

    def watched(rule: Rule, starts_on: date, since: date, until: date) -> Iterator[range]:
        for period in periods(rule, starts_on, since, until):
            seen.append(period)
            yield period

    monkeypatch.setattr(recurrence_days, "_periods", watched)
    return seen


@pytest.mark.parametrize(
    "rule", ["FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY", "FREQ=YEARLY;BYMONTH=1,5"]
)
def test_looking_from_far_past_the_start_walks_through_nothing_before(rule: str, walked: list[range]) -> None:
    assert len(slots(of(rule, "2006-01-31"), 12, date(2026, 1, 31))) == 12
    assert len(walked) <= 14


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=MONTHLY"])
def test_looking_from_long_before_the_start_begins_at_the_start(rule: str, walked: list[range]) -> None:
    assert told(of(rule, "2026-01-31"), 1, after="0001-01-01") == "2026-01-31"
    assert len(walked) == 1


def test_what_is_not_due_is_not_searched_for(walked: list[range]) -> None:
    assert due(of("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "2026-01-01"), date(2028, 2, 29), date(2028, 3, 31), 10) == []
    assert len(walked) <= 35
