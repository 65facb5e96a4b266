"""When is a backup due, which may be deleted, and when is something wrong? Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tallystick.backups.cron import Cron

# What a backup may take, and a day with that.
MADE_WITHIN = timedelta(hours=2)
STALE_AFTER = timedelta(hours=26)
# A week, and a day in which the proof may fail once.
UNPROVEN_AFTER = timedelta(days=8)
PROVEN_EVERY = timedelta(days=7)
SHRUNK_BELOW = 0.5
# Tables of a few rows shrink for good reasons.
SHRINKS_MATTER_FROM = 20


@dataclass(frozen=True, slots=True)
class Run:
    """A backup that is over."""

    id: UUID
    # What its target calls it.
    stored_id: str
    started_at: datetime
    is_verified: bool
    reason: str | None
    size_bytes: int
    row_counts: Mapping[str, int]
    shrunk: tuple[str, ...]
    restored_at: datetime | None
    # Whether its file is still where it was put.
    is_there: bool
    # How many spaces differed in themselves when it was restored, and differ here as well.
    differing: int = 0


@dataclass(frozen=True, slots=True)
class Keep:
    """Of how many days, weeks and months the newest backup is kept."""

    daily: int
    weekly: int
    monthly: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which a backup is made once. What comes at most once a day is told by its day alone."""

    day: date
    of_day: str


@dataclass(frozen=True, slots=True)
class Timetable:
    """When backups of the whole server are made."""

    at: Cron
    zone: ZoneInfo

    def slot_of(self, now: datetime) -> Slot:
        """The newest whose time has come. After a time without a server it is one, not many."""
        local = self.at.last_until(now, self.zone).astimezone(self.zone)
        return Slot(local.date(), "" if self.at.is_once_a_day else f" {local:%H:%M}")

    def stale_at(self, started_at: datetime) -> datetime:
        """From when on one that was begun then is too old: the next should be there, and a day may always pass."""
        return max(self.at.next_after(started_at, self.zone) + MADE_WITHIN, started_at + STALE_AFTER)


def list_expired(runs: Sequence[Run], keep: Keep, zone: ZoneInfo) -> list[Run]:
    """Those that may be deleted. The newest verified one never is, nor the newest that was proven by restoring it; and without a
    verified one nothing is."""
    there = sorted(
        (run for run in runs if run.is_there and run.is_verified), key=lambda run: run.started_at, reverse=True
    )
    if not there:
        return []
    kept = {there[0].id}
    kept |= {run.id for run in [each for each in there if each.restored_at is not None][:1]}
    for count, bucket in ((keep.daily, _day), (keep.weekly, _week), (keep.monthly, _month)):
        newest: dict[object, Run] = {}
        for run in there:
            newest.setdefault(bucket(run.started_at.astimezone(zone)), run)
        kept |= {run.id for run in [*newest.values()][:count]}
    return [run for run in there if run.id not in kept]


def list_shrunk(before: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """Tables that have lost most of their rows, or all of them."""
    return sorted(
        table
        for table, count in before.items()
        if count >= SHRINKS_MATTER_FROM and now.get(table, 0) < count * SHRUNK_BELOW
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How backups are at this moment."""

    last_verified: Run | None
    last_proven_at: datetime | None
    last_failure: Run | None
    # How many spaces differ in themselves, as the newest proof found. They come back as they are.
    differing: int
    is_stale: bool
    # Of a server that was just set up the first is on its way.
    has_begun: bool
    is_unproven: bool

    @property
    def is_well(self) -> bool:
        shrank = self.last_verified is not None and bool(self.last_verified.shrunk)
        return not (self.is_stale or self.is_unproven or self.last_failure or shrank)


def standing_of(runs: Sequence[Run], now: datetime, timetable: Timetable) -> Standing:
    """`runs`: the newest first."""
    verified = next((run for run in runs if run.is_verified), None)
    proven = next((run for run in runs if run.restored_at is not None), None)
    oldest = min((run.started_at for run in runs), default=now)
    return Standing(
        last_verified=verified,
        last_proven_at=proven.started_at if proven else None,
        last_failure=runs[0] if runs and not runs[0].is_verified else None,
        differing=proven.differing if proven else 0,
        is_stale=verified is None or now > timetable.stale_at(verified.started_at),
        has_begun=bool(runs),
        # Of a server that has just begun nothing could be proven yet.
        is_unproven=now - (proven.started_at if proven else oldest) > UNPROVEN_AFTER,
    )


def is_proof_due(runs: Sequence[Run], now: datetime) -> bool:
    restored = max((run.restored_at for run in runs if run.restored_at is not None), default=None)
    return restored is None or now - restored >= PROVEN_EVERY


def _day(moment: datetime) -> object:
    return moment.date()


def _week(moment: datetime) -> object:
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> object:
    return moment.year, moment.month
