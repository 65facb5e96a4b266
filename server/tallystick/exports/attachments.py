"""How do exports get at the contents of files? Through what files offers to other features, in this shape."""

from collections.abc import AsyncIterator
from typing import Any, Protocol
from uuid import UUID

from tallystick.store.tx import ReadTx


class Content(Protocol):
    """A file, and what is in it."""

    @property
    def file(self) -> Any:
        """The message: `id`, `name`, `content_type`, `size_bytes`, `sha256`."""

    def pieces(self) -> AsyncIterator[bytes]:
        """Its bytes, some at a time."""


class OpenContent(Protocol):
    """Opens a file of the space that the reader reads. NotVisible: there is none, or it was not finished."""

    async def __call__(self, tx: ReadTx, file_id: UUID) -> Content: ...
