"""What may be restored, and what do failures of it mean to a user? Pure."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from tallystick.backups.archive.errors import ArchiveError, NewerVersion, NotAnArchive, WrongPassphrase
from tallystick.backups.errors import NewerSchema, NotOfAUser, SpaceNotIn
from tallystick.backups.own import rules as of_backups
from tallystick.backups.targets.target import TargetFailed
from tallystick.errors import InvalidInput, RuleBroken, TallystickError, Unavailable
from tallystick.v1.backup_restore_pb2 import RestoreBackupRequest, RestoreMode
from tallystick.v1.error_reason_pb2 import ErrorReason

_R = ErrorReason
_RETRY_AFTER_S = 5.0
_REFUSED: Mapping[type[Exception], tuple[ErrorReason.ValueType, str]] = {
    NotAnArchive: (_R.ERROR_REASON_ARCHIVE_FOREIGN, "It is no backup of ours."),
    NotOfAUser: (_R.ERROR_REASON_ARCHIVE_FOREIGN, "It is no backup that a user has made."),
    NewerVersion: (_R.ERROR_REASON_ARCHIVE_NEWER, "A newer server made the backup. Restore it there."),
    NewerSchema: (_R.ERROR_REASON_ARCHIVE_NEWER, "A newer server made the backup. Restore it there."),
    SpaceNotIn: (_R.ERROR_REASON_SPACE_NOT_IN_BACKUP, "The backup holds no such book and no such group."),
    WrongPassphrase: (_R.ERROR_REASON_PASSPHRASE_WRONG, "This passphrase does not open the backup."),
}


def is_over(request: RestoreBackupRequest) -> bool:
    """Whether something is to be replaced."""
    return request.mode == RestoreMode.RESTORE_MODE_REPLACE


def require_target_told(request: RestoreBackupRequest) -> None:
    """What is to be replaced is backed up first, so there must be a place for it."""
    if is_over(request) and request.file_id and not request.target_id:
        raise InvalidInput.of_field("target_id", "must be given, to back up what is to be replaced")


def id_of_safety(restore_id: UUID, number: int) -> UUID:
    """The request of the backup that a restore makes first."""
    return uuid5(restore_id, f"safety backup {number}")


def restore_running() -> RuleBroken:
    return RuleBroken(_R.ERROR_REASON_RESTORE_RUNNING, "Something is being restored. Wait for it.")


def error_of(failed: Exception) -> TallystickError:
    """In the contract's words."""
    if isinstance(failed, TallystickError):
        return failed
    if (refused := _REFUSED.get(type(failed))) is not None:
        return RuleBroken(*refused)
    if isinstance(failed, ArchiveError | TargetFailed):
        return of_backups.error_of(failed)
    return interrupted()


def interrupted() -> Unavailable:
    return Unavailable(
        _R.ERROR_REASON_RESTORE_INTERRUPTED, "It broke off. Nothing was restored.", retry_after_s=_RETRY_AFTER_S
    )
