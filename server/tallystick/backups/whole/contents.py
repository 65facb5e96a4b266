"""What of the server lies outside of its database? The contents of files, as whoever keeps them has closed them.

They are taken and put back as they are. The keys that open them are in the rows, sealed with the keys of their spaces.
"""

from collections.abc import AsyncIterator
from typing import Protocol

from tallystick.backups.errors import NotOfAServer

PREFIX = "contents/"


class Contents(Protocol):
    """Where closed contents lie."""

    def list(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        """Every content there is: a name that a part of an archive may have, and its bytes."""

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:
        """Puts one back, whole or not at all. One that is there already stays as it is."""


class NoContents:
    """A server that keeps nothing outside of its database."""

    async def list(self) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        return
        yield  # an iterator that gives nothing

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:  # noqa: ARG002 - nothing is read of them
        """An archive with contents is of a server that keeps some: not to be dropped silently."""
        raise NotOfAServer(f"This server has no place for {PREFIX}{name}.")


class Discarding(NoContents):
    """For trials: contents were proven when they were read, and those of the server are not touched."""

    async def put(self, name: str, pieces: AsyncIterator[bytes]) -> None:  # noqa: ARG002 - it goes nowhere
        async for _ in pieces:
            pass
