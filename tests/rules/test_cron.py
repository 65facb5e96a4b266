"""Does a crontab line come when cron would come, once wherever clocks are put on or back, and never more often than every hour?"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.backups.cron import DAYS, Cron, Unfit

BERLIN, UTC_ZONE, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe")
# A Thursday.
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def coming(text: str, count: int, after: datetime = NEW_YEAR, zone: ZoneInfo = UTC_ZONE) -> list[datetime]:
    cron, found = Cron.parse(text), [after]
    for _ in range(count):
        found.append(cron.next_after(found[-1], zone))
    return found[1:]


def weekdays(text: str) -> set[str]:
    """On which days of a week it comes."""
    days = coming(f"0 3 * * {text}", 30)
    return {DAYS[day.isoweekday() % 7] for day in days}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0", "sun"),
        ("7", "sun"),
        ("sun", "sun"),
        ("1", "mon"),
        ("MON", "mon"),
        ("6", "sat"),
        ("1-5", "mon tue wed thu fri"),
        ("mon-fri", "mon tue wed thu fri"),
        ("5-7", "fri sat sun"),
        ("fri-sun", "fri sat sun"),
        ("0-2", "sun mon tue"),
        ("sun-tue", "sun mon tue"),
        ("0,3", "sun wed"),
        ("sat,7", "sat sun"),
        ("*/2", "sun tue thu sat"),
        ("1-6/2", "mon wed fri"),
        ("2/2", "tue thu sat"),
        ("0-7", "sun mon tue wed thu fri sat"),
        ("*", "sun mon tue wed thu fri sat"),
    ],
)
def test_weekdays_are_those_of_crontab(text: str, days: str) -> None:
    assert weekdays(text) == {*days.split()}


def test_either_day_is_enough_where_both_are_restricted() -> None:
    found = coming("0 3 13 * 5", 6)
    # Every Friday, and Tuesday, the 13th.
    assert [day.day for day in found] == [2, 9, 13, 16, 23, 30]
    assert [day.day for day in coming("0 3 */15 * 5", 2)] == [16, 1], "with a star both must fit, as in cron"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 3 * *",
        "0 3 * * * *",
        "* * * * *",
        "*/5 * * * *",
        "0,30 3 * * *",
        "0-1 3 * * *",
        "0-0 3 * * *",
        "60 3 * * *",
        "0 24 * * *",
        "0 3 0 * *",
        "0 3 32 * *",
        "0 3 * 13 *",
        "0 3 * * 8",
        "0 3 * * 5-3",
        "0 3 * * fri-mon",
        "0 3 * * someday",
        "0 3 * * *-3",
        "0 */0 * * *",
        "0 5-3 * * *",
        "0 3,, * * *",
        "0 last * * *",
        "0 3 last * *",
        "0 3 31 2 *",
        "0 3 30 feb *",
        "@daily",
        "0 3 L * *",
        "0 3 * * 5#2",
        "-1 3 * * *",
        "0 3 * nov- *",
        "0 3 * nov-feb *",
        "0 3 * someday *",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(Unfit):
        Cron.parse(text)


def test_months_have_names() -> None:
    assert [day.month for day in coming("0 3 1 feb,jun-oct/2 *", 5)] == [2, 6, 8, 10, 2]


def test_a_leap_day_comes() -> None:
    assert coming("0 3 29 2 *", 2) == [datetime(2028, 2, 29, 3, tzinfo=UTC), datetime(2032, 2, 29, 3, tzinfo=UTC)]
    assert Cron.parse("0 3 29 2 *").last_until(NEW_YEAR, UTC_ZONE) == datetime(2024, 2, 29, 3, tzinfo=UTC)


def test_an_hour_that_is_skipped_runs_once() -> None:
    """In Berlin clocks go from 02:00 to 03:00 on 29 March 2026, at 01:00 UTC."""
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert coming("30 2 * * *", 2, before, BERLIN) == [
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 3, 30, 0, 30, tzinfo=UTC),
    ]
    found = coming("30 * * * *", 24, before, BERLIN)
    assert found == [before + timedelta(minutes=30) + HOUR * number for number in range(24)]


def test_an_hour_that_is_doubled_runs_once() -> None:
    """In Berlin clocks go from 03:00 to 02:00 on 25 October 2026, at 01:00 UTC."""
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert coming("30 2 * * *", 2, before, BERLIN) == [
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
    ]
    told = [each.astimezone(BERLIN).strftime("%d %H:%M") for each in coming("30 * * * *", 30, before, BERLIN)]
    assert len({*told}) == len(told)


@pytest.mark.parametrize("zone", [BERLIN, LORD_HOWE], ids=str)
@given(
    seconds=st.integers(0, 5 * 365 * 24 * 3600),
    minute=st.integers(0, 59),
    hour=st.sampled_from(["*", "2", "*/3", "1-3"]),
    rest=st.sampled_from(["* * *", "* * 0", "1 * *", "1,15 * 3", "* 3,4,10,11 sun"]),
)
def test_the_next_is_the_last_by_then(zone: ZoneInfo, seconds: int, minute: int, hour: str, rest: str) -> None:
    moment = NEW_YEAR + timedelta(seconds=seconds)
    cron = Cron.parse(f"{minute} {hour} {rest}")
    coming = cron.next_after(moment, zone)
    assert coming > moment
    assert cron.last_until(coming, zone) == coming
    last = cron.last_until(moment, zone)
    assert last <= moment
    assert cron.next_after(last, zone) == coming
    assert coming - last >= HOUR - timedelta(minutes=30), "half an hour where clocks are put on by as much"


def test_a_time_of_day_is_a_line_too() -> None:
    assert Cron.daily(time(3)) == Cron.parse(" 0  3 * * * ")
    assert Cron.daily(time(3)).is_once_a_day
    assert not Cron.parse("0 */6 * * *").is_once_a_day
