"""What do failures of targets and archives mean to a user, and how is a backup called? Pure."""

from datetime import UTC, datetime, timedelta

from tallystick.backups.archive.errors import ArchiveError, PassphraseUnfit, WrongPassphrase
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.errors import NoRoom
from tallystick.backups.targets.target import TargetFailed, TargetReason
from tallystick.errors import InvalidInput, LimitReached, RuleBroken, TallystickError, Unavailable
from tallystick.v1.backup_pb2 import Backup, BackupProblem, BackupState, BackupTarget, BackupTargetState
from tallystick.v1.error_reason_pb2 import ErrorReason

RUNNING = BackupState.BACKUP_STATE_RUNNING
DONE = BackupState.BACKUP_STATE_DONE
FAILED = BackupState.BACKUP_STATE_FAILED
CONNECTED = BackupTargetState.BACKUP_TARGET_STATE_CONNECTED
REAUTH_REQUIRED = BackupTargetState.BACKUP_TARGET_STATE_REAUTH_REQUIRED
NO_PROBLEM = BackupProblem.BACKUP_PROBLEM_UNSPECIFIED
TARGETS_MAX = 5
# A user is at Google's page for minutes; whoever comes back later has left it open.
CONSENT_FOR = timedelta(hours=1)
# Whoever makes a backup says every minute that they still do.
LEASE = timedelta(minutes=3)
SUFFIX = ".tallystick"

_P = BackupProblem
_PROBLEMS: dict[TargetReason, BackupProblem.ValueType] = {
    TargetReason.REAUTH_REQUIRED: _P.BACKUP_PROBLEM_REAUTH_REQUIRED,
    TargetReason.FULL: _P.BACKUP_PROBLEM_FULL,
    TargetReason.RATE_LIMITED: _P.BACKUP_PROBLEM_UNREACHABLE,
    TargetReason.UNREACHABLE: _P.BACKUP_PROBLEM_UNREACHABLE,
    TargetReason.REFUSED: _P.BACKUP_PROBLEM_REFUSED,
    TargetReason.GONE: _P.BACKUP_PROBLEM_GONE,
    TargetReason.DAMAGED: _P.BACKUP_PROBLEM_DAMAGED,
}
_R = ErrorReason
_BROKEN: dict[BackupProblem.ValueType, tuple[ErrorReason.ValueType, str]] = {
    _P.BACKUP_PROBLEM_REAUTH_REQUIRED: (_R.ERROR_REASON_TARGET_REAUTH_REQUIRED, "Connect the target again."),
    _P.BACKUP_PROBLEM_REFUSED: (_R.ERROR_REASON_TARGET_REFUSED, "The target refuses it."),
    _P.BACKUP_PROBLEM_GONE: (_R.ERROR_REASON_BACKUP_GONE, "It is not at its target any more."),
    _P.BACKUP_PROBLEM_DAMAGED: (_R.ERROR_REASON_BACKUP_DAMAGED, "What lies there is not what was stored."),
}
_RETRY_AFTER_S = 60.0
# What is known of a backup, and not only of the moment in which it was looked at.
LASTING = frozenset({_P.BACKUP_PROBLEM_GONE, _P.BACKUP_PROBLEM_DAMAGED})


def compose_name(now: datetime) -> str:
    return f"tallystick-own-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"


def as_seen(backup: Backup, *, is_worked_on: bool) -> Backup:
    """One that nobody goes on with is interrupted."""
    seen = Backup()
    seen.CopyFrom(backup)
    if seen.state == RUNNING and not is_worked_on:
        seen.state = BackupState.BACKUP_STATE_INTERRUPTED
    return seen


def read_passphrase(text: str) -> Passphrase:
    try:
        return Passphrase.chosen(text)
    except PassphraseUnfit as unfit:
        raise InvalidInput.of_field("passphrase", str(unfit), _R.ERROR_REASON_PASSPHRASE_UNFIT) from unfit


def problem_of(failed: BaseException) -> BackupProblem.ValueType:
    if isinstance(failed, TargetFailed):
        return _PROBLEMS[failed.reason]
    if isinstance(failed, ArchiveError):
        return _P.BACKUP_PROBLEM_DAMAGED
    if isinstance(failed, NoRoom):
        return _P.BACKUP_PROBLEM_SERVER_FULL
    return _P.BACKUP_PROBLEM_INTERRUPTED


def error_of(failed: BaseException) -> TallystickError:
    """The same in the contract's words. What a target says is for people, and holds no secret."""
    if isinstance(failed, WrongPassphrase):
        return RuleBroken(_R.ERROR_REASON_PASSPHRASE_WRONG, "This passphrase does not open the backup.")
    message = failed.message if isinstance(failed, TargetFailed) else ""
    retry_after = failed.retry_after if isinstance(failed, TargetFailed) else None
    return error_of_problem(problem_of(failed), message, retry_after)


def error_of_problem(
    problem: BackupProblem.ValueType, message: str = "", retry_after: timedelta | None = None
) -> TallystickError:
    if problem in _BROKEN:
        reason, usual = _BROKEN[problem]
        return RuleBroken(reason, message or usual)
    if problem == _P.BACKUP_PROBLEM_FULL:
        return LimitReached(_R.ERROR_REASON_TARGET_FULL, message or "The target has no room.")
    if problem == _P.BACKUP_PROBLEM_SERVER_FULL:
        return LimitReached(_R.ERROR_REASON_STORAGE_FULL, "The server has no room for backups on their way.")
    if problem == _P.BACKUP_PROBLEM_UNREACHABLE:
        wait_s = retry_after.total_seconds() if retry_after else _RETRY_AFTER_S
        return Unavailable(
            _R.ERROR_REASON_TARGET_UNREACHABLE, message or "The target does not answer.", retry_after_s=wait_s
        )
    return Unavailable(_R.ERROR_REASON_BACKUP_INTERRUPTED, "The backup broke off. Make another one.")


def require_connected(target: BackupTarget) -> None:
    if target.state != CONNECTED:
        raise error_of_problem(_P.BACKUP_PROBLEM_REAUTH_REQUIRED)


def require_room_for_target(count: int) -> None:
    if count >= TARGETS_MAX:
        raise RuleBroken(_R.ERROR_REASON_TOO_MANY_TARGETS, f"A user has {TARGETS_MAX} targets at most.")


def running() -> RuleBroken:
    return RuleBroken(_R.ERROR_REASON_BACKUP_RUNNING, "A backup is being made. Wait for it.")


def not_done() -> RuleBroken:
    return RuleBroken(_R.ERROR_REASON_BACKUP_NOT_DONE, "The backup never came to its end.")


def not_offered() -> RuleBroken:
    return RuleBroken(_R.ERROR_REASON_DRIVES_NOT_OFFERED, "This server has no OAuth client for Google Drives.")


def connection_expired() -> RuleBroken:
    return RuleBroken(_R.ERROR_REASON_CONNECTION_EXPIRED, "That took too long, or was done twice. Connect once more.")
