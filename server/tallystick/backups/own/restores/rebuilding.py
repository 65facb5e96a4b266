"""Who writes a space from what an archive holds of it? Whoever the app connects, in this shape."""

from collections.abc import Callable
from typing import Protocol

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.rebuilding.source import Rebuilt, Source

# Is told how many revisions were written so far.
Wrote = Callable[[int], None]


class Rebuilding(Protocol):
    """Writes all of a space, or nothing of it. A repeat of the same request_id returns what was done."""

    async def into_new(self, caller: Caller, request: Message, source: Source, name: str, tell: Wrote) -> Rebuilt:
        """A new space of the caller's. An empty name: as it was called."""
        ...

    async def over(self, caller: Caller, request: Message, source: Source, tell: Wrote) -> Rebuilt:
        """The space that it was, for all its members."""
        ...
