"""When does a backup come by itself, what follows from how it went, and which may go? Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, available_timezones

from tallystick.backups.cron import Cron, Unfit
from tallystick.backups.own.rules import DONE, FAILED, RUNNING
from tallystick.backups.own.schedules.kept import NO_PROBLEM, Kept
from tallystick.backups.rules import STALE_AFTER, Keep, Run, list_expired
from tallystick.errors import InvalidInput
from tallystick.times import to_datetime
from tallystick.v1.backup_pb2 import Backup, BackupProblem
from tallystick.v1.backup_service_pb2 import SetBackupScheduleRequest
from tallystick.v1.error_reason_pb2 import ErrorReason

USUAL_KEEP = Keep(daily=7, weekly=4, monthly=12)
# The hours in which backups come to whom no time was said: some are made in each minute of them.
NIGHT_MINUTES = 5 * 60
# What failed is tried again: the first time after this, then four times as long, and so on.
RETRY_FIRST, RETRY_FACTOR, RETRY_MAX = timedelta(minutes=15), 4, timedelta(hours=6)
RETRY_GROWS = 10
# What is known of one that failed, for as long as somebody may ask why.
FAILED_KEPT = timedelta(days=30)
# After that long, what is said to be made was left by whoever made it: its schedule was set anew, and asked for another.
OVER_OR_LEFT = (FAILED, RUNNING)
_REAUTH = BackupProblem.BACKUP_PROBLEM_REAUTH_REQUIRED


def read_cron(text: str, user_id: UUID) -> Cron:
    """Nothing: at a time in the night that follows from the user, so that not all come at once."""
    if not text.strip():
        hour, minute = divmod(user_id.int % NIGHT_MINUTES, 60)
        return Cron.parse(f"{minute} {hour} * * *")
    try:
        return Cron.parse(text)
    except Unfit as unfit:
        raise InvalidInput.of_field("cron", str(unfit), ErrorReason.ERROR_REASON_SCHEDULE_UNFIT) from unfit


def read_zone(text: str, of_profile: str) -> ZoneInfo:
    name = text or of_profile or "UTC"
    if name not in _time_zones():
        raise InvalidInput.of_field("time_zone", "is no IANA time zone")
    return ZoneInfo(name)


def read_keep(request: SetBackupScheduleRequest) -> Keep:
    if not request.HasField("retention"):
        return USUAL_KEEP
    asked = request.retention
    return Keep(asked.daily, asked.weekly, asked.monthly)


def passphrase_missing() -> InvalidInput:
    return InvalidInput.of_field("passphrase", "is needed the first time", ErrorReason.ERROR_REASON_PASSPHRASE_UNFIT)


def request_id_of(target_id: UUID, kept: Kept) -> UUID:
    """The same for whoever tries the same again: the door makes one backup of it."""
    return uuid5(target_id, f"backup of {kept.slot.isoformat()}, failed {kept.failures} times")


def after_success(kept: Kept, slot: datetime, verified_at: datetime, now: datetime) -> Kept:
    done = replace(kept, last_verified_at=verified_at, problem=NO_PROBLEM, is_told_stale=False)
    if kept.slot != slot:
        # It was set anew meanwhile, and has a time of its own.
        return done
    coming = kept.cron.next_after(now, kept.zone)
    return replace(done, slot=coming, try_at=coming, failures=0)


def after_failure(kept: Kept, slot: datetime, problem: BackupProblem.ValueType, now: datetime) -> Kept:
    """Tried again later and later, but for what only its user can mend."""
    failed = replace(kept, problem=problem)
    if kept.slot != slot:
        return failed
    failures = kept.failures + 1
    failed = replace(failed, failures=failures, is_paused=problem == _REAUTH)
    coming, again = kept.cron.next_after(now, kept.zone), now + _pace(failures)
    return replace(failed, try_at=again) if again < coming else replace(failed, slot=coming, try_at=coming)


def after_connecting(kept: Kept, now: datetime) -> Kept:
    """What it waited with is made up for at once."""
    return replace(kept, is_paused=False, failures=0, slot=now, try_at=now)


def stale_at(kept: Kept) -> datetime:
    """When the newest one is too old: when there should have been two since, and not before a daily one would be."""
    newest = kept.last_verified_at or kept.since
    second = kept.cron.next_after(kept.cron.next_after(newest, kept.zone), kept.zone)
    return max(second, newest + STALE_AFTER)


def is_stale(kept: Kept, now: datetime) -> bool:
    return now > stale_at(kept)


def mark_told(kept: Kept) -> Kept:
    return replace(kept, is_told_stale=True)


def due_at(kept: Kept) -> datetime | None:
    """When it must be looked at. None: not until somebody does something about it."""
    if not kept.is_paused:
        return kept.try_at
    return None if kept.is_told_stale else stale_at(kept) + timedelta(seconds=1)


def list_to_drop(backups: Sequence[Backup], target_id: UUID, kept: Kept, now: datetime) -> list[Backup]:
    """Scheduled ones of the target that its retention does not keep, and what is known of old failures."""
    ours = {each.id: each for each in backups if each.scheduled and each.target_id == str(target_id)}
    good = [_run_of(each) for each in ours.values() if each.state == DONE and each.stored_id]
    expired = [ours[str(run.id)] for run in list_expired(good, kept.keep, kept.zone)]
    forgotten = [
        each
        for each in ours.values()
        if each.state in OVER_OR_LEFT and not each.stored_id and now - to_datetime(each.started_at) > FAILED_KEPT
    ]
    return expired + forgotten


def _pace(failures: int) -> timedelta:
    factor: int = RETRY_FACTOR ** min(failures - 1, RETRY_GROWS)
    return min(RETRY_FIRST * factor, RETRY_MAX)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _run_of(backup: Backup) -> Run:
    """For the rules that backups of the whole server follow, too."""
    return Run(
        id=UUID(backup.id),
        stored_id=backup.stored_id,
        started_at=to_datetime(backup.started_at),
        is_verified=True,
        reason=None,
        size_bytes=backup.size_bytes,
        row_counts={},
        shrunk=(),
        restored_at=None,
        is_there=True,
    )
