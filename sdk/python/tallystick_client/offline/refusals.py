"""What can a copy on the device refuse?"""


class OfflineError(Exception):
    """Something about the copy on this device, not about the server."""


class CannotApply(OfflineError):
    """A mutation that does not fit what the copy holds. It stays in the outbox: the server decides."""


class WrongSpace(OfflineError):
    """The file holds a copy of another space, or the command is about another one."""


class SpaceForgotten(OfflineError):
    """The user is not in the space any more. What was not sent is among the drafts."""


class SyncBusy(OfflineError):
    """Another process has been exchanging this copy for too long."""


class NewerFile(OfflineError):
    """A newer version of this package wrote the file."""


class CommandTooLarge(OfflineError):
    """No push can hold it."""
