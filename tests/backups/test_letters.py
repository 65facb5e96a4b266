"""Is every trouble of backups told, and none that is none?"""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from tallystick.backups import rules
from tallystick.backups.cron import Cron
from tallystick.backups.letters import Cause, list_troubles
from tallystick.backups.rules import Run, Timetable

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
DAILY = Timetable(Cron.daily(time(3)), ZoneInfo("UTC"))


def run(hours_ago: float, **told: object) -> Run:
    fields: dict[str, object] = {
        "id": UUID(int=int(hours_ago)),
        "stored_id": "a.tally",
        "started_at": NOW - timedelta(hours=hours_ago),
        "is_verified": True,
        "reason": None,
        "size_bytes": 1,
        "row_counts": {},
        "shrunk": (),
        "restored_at": NOW - timedelta(hours=hours_ago),
        "is_there": True,
    }
    return Run(**fields | told)  # type: ignore[arg-type]  # of any type


@pytest.mark.parametrize(
    ("runs", "causes"),
    [
        ([], []),
        ([run(1)], []),
        ([run(1, is_verified=False, reason="full", restored_at=None), run(25)], [Cause.FAILED]),
        ([run(27)], [Cause.STALE]),
        ([run(1, restored_at=None), run(24 * 8 + 1)], [Cause.UNPROVEN]),
        ([run(1, shrunk=("entry",))], [Cause.SHRANK]),
        (
            [run(1, is_verified=False, reason="full", restored_at=None), run(24 * 9)],
            [Cause.FAILED, Cause.STALE, Cause.UNPROVEN],
        ),
    ],
    ids=["just set up", "well", "failed", "stale", "unproven", "shrank", "all at once"],
)
def test_what_is_wrong_is_told(runs: list[Run], causes: list[Cause]) -> None:
    assert [each.cause for each in list_troubles(rules.standing_of(runs, NOW, DAILY))] == causes
