"""What can be wrong with an archive? Each way has its own class, and its `reason` never changes."""

from typing import ClassVar


class ArchiveError(Exception):
    """An archive cannot be written or read. No text here ever holds a passphrase or what an archive holds."""

    reason: ClassVar[str]


class NotAnArchive(ArchiveError):
    """It does not begin as archives of ours do."""

    reason = "not_an_archive"


class NewerVersion(ArchiveError):
    """A newer server made it. Nothing of it is guessed."""

    reason = "newer_version"


class WrongPassphrase(ArchiveError):
    """The head is as it was written, and this passphrase does not open it."""

    reason = "wrong_passphrase"


class PassphraseUnfit(ArchiveError):
    """Too short, too long, or not text."""

    reason = "passphrase_unfit"


class Damaged(ArchiveError):
    """Something was changed, moved, repeated, taken out or added. `where` says at which place that shows."""

    reason = "damaged"

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where


class Truncated(ArchiveError):
    """It ends before its end."""

    reason = "truncated"


class TooCostly(ArchiveError):
    """To read it would take more memory or work than any archive of ours."""

    reason = "too_costly"


class Contradiction(ArchiveError):
    """The parts are not what the manifest, or what closes a part or the archive, says of them."""

    reason = "contradiction"
