"""Why can a backup or a restore not be done? Each way has its own class, and its `reason` never changes."""

from typing import ClassVar


class BackupError(Exception):
    """Nothing was changed. No text here ever holds a passphrase, a key or what a backup holds."""

    reason: ClassVar[str]


class RowsHidden(BackupError):
    """The role that reads does not see every row, so a backup would not be whole."""

    reason = "rows_hidden"


class RowTooLarge(BackupError):
    """An archive holds rows up to a size, and one is larger."""

    reason = "row_too_large"


class KeyMissing(BackupError):
    """The keyring does not open a space's key. What that space holds could not be brought back."""

    reason = "key_missing"


class NotEmpty(BackupError):
    """There is something that would be lost."""

    reason = "not_empty"


class InUse(BackupError):
    """Somebody works on the database, or restores into it."""

    reason = "in_use"


class OtherInstallation(BackupError):
    """The keyring that is there belongs to another installation than the archive."""

    reason = "other_installation"


class NewerSchema(BackupError):
    """A newer server made it. Nothing of it is guessed."""

    reason = "newer_schema"


class NotOfAServer(BackupError):
    """It is a whole archive, and not of a whole server."""

    reason = "not_of_a_server"


class NotOfTheErased(BackupError):
    """It is a whole archive, and no list of erased users."""

    reason = "not_of_the_erased"


class NotAsManyRows(BackupError):
    """What was loaded is not what the archive says."""

    reason = "not_as_many_rows"


class ContentsAway(BackupError):
    """Where the contents of files lie cannot be reached. Without them a backup would not be whole."""

    reason = "contents_away"


class DiffersAlone(BackupError):
    """What came back differs in itself where what is there does not."""

    reason = "differs"


class NoRoom(BackupError):
    """The disk is full, or may not be written to."""

    reason = "no_room"


class NotOfAUser(BackupError):
    """It is a whole archive, and not of what one user sees."""

    reason = "not_of_a_user"


class SpaceNotIn(BackupError):
    """It is a whole archive of a user, and a space is not in it."""

    reason = "space_not_in"
