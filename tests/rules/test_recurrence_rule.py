"""Does a recurrence rule fall on the days that RFC 5545 says, and what becomes of days that a month does not have?"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.templates.recurrence_days import days
from tallystick.ledger.templates.recurrence_rule import UnusableSchedule, read_rule

DAY = timedelta(days=1)


def fall(rule: str, starts_on: date, until: date, *, clamp: bool) -> Iterator[date]:
    return days(read_rule(rule), starts_on=starts_on, since=starts_on, until=until, clamp=clamp)


def told(rule: str, starts_on: str, limit: int, *, clamp: bool = True) -> str:
    first = date.fromisoformat(starts_on)
    return " ".join(map(str, islice(fall(rule, first, first + 20000 * DAY, clamp=clamp), limit)))


@pytest.mark.parametrize(
    ("starts_on", "rule", "expected"),
    [
        ("1997-09-02", "FREQ=DAILY;INTERVAL=10", "1997-09-02 1997-09-12 1997-09-22 1997-10-02"),
        ("1998-01-01", "FREQ=DAILY;BYMONTH=1", "1998-01-01 1998-01-02 1998-01-03"),
        ("1997-09-01", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE,FR", "1997-09-01 1997-09-03 1997-09-05 1997-09-15"),
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", "1997-08-05 1997-08-10 1997-08-19 1997-08-24"),
        ("1997-08-05", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "1997-08-05 1997-08-17 1997-08-19 1997-08-31"),
        ("1997-09-05", "FREQ=MONTHLY;BYDAY=1FR", "1997-09-05 1997-10-03 1997-11-07 1997-12-05 1998-01-02"),
        ("1997-09-07", "FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU", "1997-09-07 1997-09-28 1997-11-02 1997-11-30"),
        ("1997-09-22", "FREQ=MONTHLY;BYDAY=-2MO", "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19"),
        ("1997-09-28", "FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26"),
        ("1997-09-30", "FREQ=MONTHLY;BYMONTHDAY=1,-1", "1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30"),
        ("1997-09-13", "FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=13,14,15", "1997-09-13 1997-09-14 1997-09-15 1999-03-13"),
        ("1997-09-02", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13"),
        ("1997-09-04", "FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04 1997-10-07 1997-11-06"),
        ("1997-09-29", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29 1997-10-30 1997-11-27 1997-12-30"),
        ("2007-01-15", "FREQ=MONTHLY;BYMONTHDAY=15,30", "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"),
        ("1997-06-10", "FREQ=YEARLY;BYMONTH=6,7", "1997-06-10 1997-07-10 1998-06-10 1998-07-10"),
        ("1997-03-10", "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,2,3", "1997-03-10 1999-01-10 1999-02-10 1999-03-10"),
        ("1997-01-01", "FREQ=YEARLY;INTERVAL=3;BYYEARDAY=1,100,200", "1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09"),
        ("1997-05-19", "FREQ=YEARLY;BYDAY=20MO", "1997-05-19 1998-05-18 1999-05-17"),
        ("1997-05-12", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12 1998-05-11 1999-05-17"),
        ("1997-04-06", "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU", "1997-04-06 1998-04-05 1999-04-04"),
        ("1997-10-26", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "1997-10-26 1998-10-25 1999-10-31"),
        ("1997-03-13", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13 1997-03-20 1997-03-27 1998-03-05"),
        ("1996-11-05", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05 2000-11-07 2004-11-02"),
    ],
)  # fmt: skip
def test_the_examples_of_rfc_5545_come_out_as_printed_there(starts_on: str, rule: str, expected: str) -> None:
    assert told(rule, starts_on, len(expected.split()), clamp=False) == expected


@pytest.mark.parametrize(
    ("starts_on", "rule", "expected"),
    [
        ("2026-03-11", "FREQ=WEEKLY", "2026-03-11 2026-03-18 2026-03-25"),
        ("2026-03-11", "FREQ=YEARLY", "2026-03-11 2027-03-11 2028-03-11"),
        ("2026-03-11", "FREQ=YEARLY;BYMONTHDAY=1", "2026-04-01 2026-05-01 2026-06-01"),
        ("2026-01-01", "FREQ=YEARLY;BYWEEKNO=-1", "2026-12-31 2027-12-30 2028-12-28"),
        ("2024-01-01", "FREQ=YEARLY;BYWEEKNO=1", "2024-01-01 2024-12-30 2025-12-29 2027-01-04"),
        ("2024-01-01", "FREQ=YEARLY;BYWEEKNO=1;WKST=SU", "2024-01-01 2024-12-30 2026-01-05 2027-01-04"),
    ],
)
def test_what_a_rule_leaves_open_is_as_on_its_first_day(starts_on: str, rule: str, expected: str) -> None:
    assert told(rule, starts_on, len(expected.split())) == expected


@pytest.mark.parametrize(
    ("starts_on", "rule", "expected"),
    [
        ("2026-01-01", "FREQ=YEARLY;BYYEARDAY=-1,366", "2026-12-31 2027-12-31 2028-12-31"),
        ("2026-01-01", "FREQ=MONTHLY;BYDAY=WE,3TH", "2026-01-07 2026-01-14 2026-01-15 2026-01-21"),
        ("2026-01-14", "freq=weekly;byday=mo,we", "2026-01-14 2026-01-19 2026-01-21"),
        ("2026-01-07", "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1", "2026-01-12 2026-01-19"),
        ("2026-01-01", "BYSETPOS=1;BYDAY=MO;FREQ=DAILY", "2026-01-05 2026-01-12"),
    ],
)
def test_what_readers_of_rules_disagree_on(starts_on: str, rule: str, expected: str) -> None:
    """Parts in any order and case; plain and numbered days side by side add up; a position counts in its whole week, also in the first."""
    assert told(rule, starts_on, len(expected.split())) == expected


def plain_days(frequency: str, interval: int, starts_on: date, until: date) -> Iterator[date]:
    """The same found another way: day by day, without periods."""
    day = starts_on
    while day <= until:
        months = (day.year - starts_on.year) * 12 + day.month - starts_on.month
        last = (day + DAY).month != day.month
        on_its_day = day.day == starts_on.day or (last and day.day < starts_on.day)
        if {
            "DAILY": (day - starts_on).days % interval == 0,
            "WEEKLY": (day - starts_on).days % (7 * interval) == 0,
            "MONTHLY": months % interval == 0 and on_its_day,
            "YEARLY": months % (12 * interval) == 0 and on_its_day,
        }[frequency]:
            yield day
        day += DAY


@given(
    frequency=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    interval=st.integers(1, 20),
    starts_on=st.dates(date(1999, 1, 1), date(2030, 12, 31)),
    length=st.integers(0, 3000),
)
def test_t42_plain_rules_fall_as_counted_by_hand(frequency: str, interval: int, starts_on: date, length: int) -> None:
    until = starts_on + length * DAY
    found = list(fall(f"FREQ={frequency};INTERVAL={interval}", starts_on, until, clamp=True))
    assert found == list(plain_days(frequency, interval, starts_on, until))


CLAMPED = [
    ("2026-01-31", "FREQ=MONTHLY", "2026-01-31 2026-02-28 2026-03-31 2026-04-30"),
    ("2026-01-30", "FREQ=MONTHLY", "2026-01-30 2026-02-28 2026-03-30 2026-04-30"),
    ("2027-12-29", "FREQ=MONTHLY", "2027-12-29 2028-01-29 2028-02-29 2028-03-29"),
    ("2026-01-05", "FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31 2026-02-28 2026-03-31"),
    ("2026-08-31", "FREQ=MONTHLY;INTERVAL=6", "2026-08-31 2027-02-28 2027-08-31 2028-02-29"),
    ("2024-02-29", "FREQ=YEARLY", "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29"),
    ("2096-02-29", "FREQ=YEARLY", "2096-02-29 2097-02-28"),
    ("2026-02-01", "FREQ=YEARLY;BYMONTH=2,4;BYMONTHDAY=31", "2026-02-28 2026-04-30 2027-02-28"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=30,31", "2026-01-30 2026-01-31 2026-02-28 2026-03-30"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=28,31,-1", "2026-01-28 2026-01-31 2026-02-28 2026-03-28"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31 2026-02-28 2026-03-31"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=-31", "2026-01-01 2026-02-01 2026-03-01"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=1,31;BYSETPOS=-1", "2026-01-31 2026-02-28 2026-03-31"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=30,31;BYSETPOS=2", "2026-01-31 2026-03-31 2026-05-31"),
    ("2026-01-01", "FREQ=YEARLY;BYMONTHDAY=31;BYSETPOS=2", "2026-02-28 2027-02-28 2028-02-29"),
    ("2026-01-01", "FREQ=DAILY;BYMONTHDAY=31", "2026-01-31 2026-02-28 2026-03-31"),
    ("2026-01-01", "FREQ=MONTHLY;BYDAY=5MO", "2026-03-30 2026-06-29"),
    ("2026-01-01", "FREQ=YEARLY;BYYEARDAY=366", "2028-12-31 2032-12-31"),
]
SKIPPED = [
    ("2026-01-31", "FREQ=MONTHLY", "2026-01-31 2026-03-31 2026-05-31 2026-07-31"),
    ("2026-01-30", "FREQ=MONTHLY", "2026-01-30 2026-03-30 2026-04-30 2026-05-30"),
    ("2027-12-29", "FREQ=MONTHLY", "2027-12-29 2028-01-29 2028-02-29 2028-03-29"),
    ("2026-08-31", "FREQ=MONTHLY;INTERVAL=6", "2026-08-31 2027-08-31 2028-08-31"),
    ("2024-02-29", "FREQ=YEARLY", "2024-02-29 2028-02-29 2032-02-29"),
    ("2096-02-29", "FREQ=YEARLY", "2096-02-29 2104-02-29"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=28,31,-1", "2026-01-28 2026-01-31 2026-02-28 2026-03-28"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=-31", "2026-01-01 2026-03-01 2026-05-01"),
    ("2026-01-01", "FREQ=MONTHLY;BYMONTHDAY=1,31;BYSETPOS=-1", "2026-01-31 2026-02-01 2026-03-31"),
]


@pytest.mark.parametrize(("starts_on", "rule", "expected"), CLAMPED)
def test_t42_clamp_gives_a_month_without_that_day_its_nearest(starts_on: str, rule: str, expected: str) -> None:
    """Only days of a month are clamped: a fifth Monday and a 366th day are there or not."""
    assert told(rule, starts_on, len(expected.split())) == expected


@pytest.mark.parametrize(("starts_on", "rule", "expected"), SKIPPED)
def test_t42_skip_gives_a_month_without_that_day_none(starts_on: str, rule: str, expected: str) -> None:
    assert told(rule, starts_on, len(expected.split()), clamp=False) == expected


@given(starts_on=st.dates(date(2000, 1, 1), date(2030, 1, 1)), day=st.integers(1, 31), interval=st.integers(1, 24))
def test_t42_clamp_gives_every_month_exactly_one(starts_on: date, day: int, interval: int) -> None:
    rule = f"FREQ=MONTHLY;INTERVAL={interval};BYMONTHDAY={day}"
    found = list(islice(fall(rule, starts_on, date(2300, 1, 1), clamp=True), 50))
    months = [found_on.year * 12 + found_on.month for found_on in found]
    assert months == list(range(months[0], months[0] + 50 * interval, interval))


@pytest.mark.parametrize(
    "rule",
    [
        "", "FREQ", "FREQ=", "DAILY", "RRULE:FREQ=DAILY", "FREQ=DAILY;", ";FREQ=DAILY", " FREQ=DAILY", "FREQ=DAILY\n", "INTERVAL=2",
        "FREQ=DAILY;FREQ=WEEKLY", "FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY", "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;COUNT=3", "FREQ=DAILY;UNTIL=20270101", "DTSTART=20260101;FREQ=DAILY", "DTSTART:20260101\nRRULE:FREQ=DAILY",
        "FREQ=DAILY;BYHOUR=9", "FREQ=DAILY;BYMINUTE=0", "FREQ=DAILY;BYSECOND=0", "FREQ=YEARLY;BYEASTER=0", "FREQ=DAILY;X-NOTE=1",
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=1001", "FREQ=DAILY;INTERVAL=1.5", "FREQ=DAILY;INTERVAL=",
        "FREQ=DAILY;INTERVAL=٢", "FREQ=DAıLY", "FREQ=MONTHLY;BYMONTH=0", "FREQ=MONTHLY;BYMONTH=13", "FREQ=MONTHLY;BYMONTH=-1",
        "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=-32", "FREQ=MONTHLY;BYMONTHDAY=1,,2",
        "FREQ=YEARLY;BYYEARDAY=367", "FREQ=YEARLY;BYWEEKNO=54", "FREQ=MONTHLY;BYDAY=1FR;BYSETPOS=0", "FREQ=MONTHLY;BYDAY=1FR;BYSETPOS=367",
        "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=54MO", "FREQ=WEEKLY;WKST=1MO",
        "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYDAY=-1MO", "FREQ=YEARLY;BYWEEKNO=3;BYDAY=1MO", "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYWEEKNO=3", "FREQ=MONTHLY;BYYEARDAY=3", "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 200),
    ],
)  # fmt: skip
def test_a_rule_that_is_none_is_refused(rule: str) -> None:
    with pytest.raises(UnusableSchedule):
        read_rule(rule)
