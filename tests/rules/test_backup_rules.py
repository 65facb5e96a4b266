"""When is a backup due, which may be deleted, and when is something wrong?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.backups import rules
from tallystick.backups.cron import Cron
from tallystick.backups.rules import Keep, Run, Slot, Timetable
from tallystick.backups.whole.selection import KEYS, LEFT_OUT, MASKED, choose
from tallystick.schema import metadata

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
DAILY = Timetable(Cron.daily(time(3)), ZONE)


def run_of(hours_ago: float, number: int = 1, **other: object) -> Run:
    made = Run(
        UUID(int=number),
        str(number),
        NOW - timedelta(hours=hours_ago),
        is_verified=True,
        reason=None,
        size_bytes=1,
        row_counts={},
        shrunk=(),
        restored_at=None,
        is_there=True,
    )
    return replace(made, **other)  # type: ignore[arg-type]  # fields by name


@st.composite
def histories(draw: st.DrawFn) -> list[Run]:
    hours = draw(st.lists(st.integers(0, 24 * 400), unique=True, max_size=40))
    found = []
    for number, each in enumerate(sorted(hours)):
        is_verified = draw(st.booleans())
        proven = draw(st.booleans()) and is_verified
        found.append(
            run_of(
                each,
                number,
                is_verified=is_verified,
                is_there=is_verified and draw(st.booleans()),
                restored_at=NOW if proven else None,
            )
        )
    return found


keeps = st.builds(Keep, daily=st.integers(0, 9), weekly=st.integers(0, 5), monthly=st.integers(0, 5))


@given(histories(), keeps)
def test_retention_never_takes_the_last_good_one(history: list[Run], keep: Keep) -> None:
    expired = rules.list_expired(history, keep, ZONE)
    left = [run for run in history if run.is_there and run not in expired]
    good = [run for run in history if run.is_there]
    assert all(run.is_there and run.is_verified for run in expired)
    if good:
        newest = max(good, key=lambda run: run.started_at)
        assert newest in left
        assert all(run.started_at < newest.started_at for run in expired)
    proven = [run for run in good if run.restored_at]
    if proven:
        assert max(proven, key=lambda run: run.started_at) in left
    # Of each kind at most as many, and the two that are kept whatever the numbers say.
    assert len(left) <= keep.daily + keep.weekly + keep.monthly + 2
    assert rules.list_expired(left, keep, ZONE) == []


@given(histories(), keeps)
def test_retention_keeps_the_newest_of_each_of_the_last_days(history: list[Run], keep: Keep) -> None:
    expired = {run.id for run in rules.list_expired(history, keep, ZONE)}
    by_day: dict[date, Run] = {}
    for run in sorted((run for run in history if run.is_there), key=lambda run: run.started_at, reverse=True):
        by_day.setdefault(run.started_at.date(), run)
    assert all(run.id not in expired for run in [*by_day.values()][: keep.daily])


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        (datetime(2026, 3, 28, 1, 59, tzinfo=UTC), date(2026, 3, 27)),
        (datetime(2026, 3, 28, 2, 0, tzinfo=UTC), date(2026, 3, 28)),
        # In the night in which 3 o'clock comes an hour earlier.
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), date(2026, 3, 29)),
    ],
)
def test_a_backup_is_due_from_a_time_of_the_day_on(now: datetime, slot: date) -> None:
    assert replace(DAILY, zone=ZoneInfo("Europe/Berlin")).slot_of(now) == Slot(slot, "")


@pytest.mark.parametrize(
    ("line", "now", "slot"),
    [
        ("0 3 * * *", NOW, Slot(date(2026, 3, 10), "")),
        ("0 3 * * 0", NOW, Slot(date(2026, 3, 8), "")),
        ("15 * * * *", NOW, Slot(date(2026, 3, 10), " 11:15")),
        ("15 */6 * * *", NOW, Slot(date(2026, 3, 10), " 06:15")),
        ("15 18,22 * * *", NOW, Slot(date(2026, 3, 9), " 22:15")),
    ],
    ids=["daily", "weekly", "hourly", "every six hours", "twice"],
)
def test_every_time_of_a_crontab_line_is_a_slot_of_its_own(line: str, now: datetime, slot: Slot) -> None:
    assert Timetable(Cron.parse(line), ZONE).slot_of(now) == slot


@pytest.mark.parametrize(
    ("line", "started_at", "hours"),
    [
        ("0 3 * * *", datetime(2026, 3, 10, 3, tzinfo=UTC), 26),
        # Made up for late.
        ("0 3 * * *", datetime(2026, 3, 10, 20, tzinfo=UTC), 26),
        ("0 * * * *", datetime(2026, 3, 10, 3, tzinfo=UTC), 26),
        # On a Friday, until Monday.
        ("0 3 * * 1-5", datetime(2026, 3, 13, 3, tzinfo=UTC), 74),
        ("0 3 * * sun", datetime(2026, 3, 8, 3, tzinfo=UTC), 170),
    ],
    ids=["daily", "late", "hourly", "on working days", "weekly"],
)
def test_one_is_stale_when_the_next_should_be_there(line: str, started_at: datetime, hours: int) -> None:
    assert Timetable(Cron.parse(line), ZONE).stale_at(started_at) - started_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("history", "is_stale", "is_unproven", "is_well"),
    [
        ([], True, False, False),
        ([run_of(25, restored_at=NOW)], False, False, True),
        ([run_of(27, restored_at=NOW)], True, False, False),
        ([run_of(1, 1), run_of(24 * 9, 2, restored_at=NOW)], False, True, False),
        ([run_of(1, 1), run_of(24 * 7, 2, restored_at=NOW)], False, False, True),
        ([run_of(1, 1, is_verified=False, reason="full"), run_of(2, 2, restored_at=NOW)], False, False, False),
        ([run_of(1, shrunk=("entry",), restored_at=NOW)], False, False, False),
    ],
    ids=["none", "a day old", "stale", "unproven", "proven a week ago", "failed", "shrunk"],
)
def test_standing(history: Sequence[Run], is_stale: bool, is_unproven: bool, is_well: bool) -> None:
    standing = rules.standing_of(history, NOW, DAILY)
    assert (standing.is_stale, standing.is_unproven, standing.is_well) == (is_stale, is_unproven, is_well)


def test_a_table_that_lost_most_of_its_rows_is_named() -> None:
    before = {"entry": 100, "tag": 19, "rule": 20, "account": 100}
    assert rules.list_shrunk(before, {"entry": 49, "account": 50}) == ["entry", "rule"]


def test_what_is_left_out_or_masked_is_a_table_of_the_schema() -> None:
    assert {*LEFT_OUT, KEYS} <= {*metadata.tables}
    assert all(column in metadata.tables[table].columns for table, column in MASKED)


def test_every_other_table_is_taken() -> None:
    found = {name: tuple(table.columns.keys()) for name, table in metadata.tables.items()}
    taken = {selected.name for selected in choose({**found, "of_others": ("id",)}, metadata.tables)}
    assert taken == {*metadata.tables} - {*LEFT_OUT, KEYS}
