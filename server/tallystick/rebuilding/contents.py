"""How do contents of files come back? Told by whoever keeps contents, in this shape."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tallystick.store.tx import Snapshot


class Putting(Protocol):
    """The contents of one space that is brought back."""

    @property
    def count(self) -> int:
        """How many were put."""
        ...

    async def put(self, file: Any, pieces: AsyncIterator[bytes]) -> None:
        """Puts what is in a file, unless it is there."""
        ...

    async def is_there(self, file_id: UUID) -> bool:
        """Whether the content of a file is there, or was put."""
        ...

    async def remove_later(self, file_ids: Sequence[UUID]) -> None:
        """Of files that are deleted by this."""
        ...

    async def undo(self) -> None:
        """Takes away what was put."""
        ...


class Contents(Protocol):
    """Where contents are kept."""

    def begin(self, view: Snapshot, user_id: UUID, seq: int, now: datetime) -> Putting: ...
