"""What of the server lies outside of its database? The contents of files, as whoever keeps them has closed them.

They are taken and put back as they are. The keys that open them are in the rows, sealed with the keys of their spaces.
"""

import errno
from collections.abc import AsyncIterator
from typing import Protocol

from tallystick.backups.errors import BackupError, ContentsAway, NoRoom

PREFIX = "contents/"


class Contents(Protocol):
    """Where closed contents lie. OSError: they cannot be reached, or there is no room for more of them."""

    def list(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """Every content there is: a name that a part of an archive may have, and its bytes."""

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Puts one back, whole or not at all. One that is there already stays as it is. ValueError: it is none."""


def failure_of(away: OSError) -> BackupError:
    """What is said of a storage that does not do what it should."""
    failure = NoRoom if away.errno in (errno.ENOSPC, errno.EDQUOT) else ContentsAway
    return failure(f"The contents of files cannot be read or put back: {away.strerror or away}")


class Discarding:
    """For trials: contents were proven when they were read, and those of the server are not touched."""

    async def list(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        return
        yield  # an iterator that gives nothing

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:  # noqa: ARG002 - it goes nowhere
        async for _ in pieces:
            pass
