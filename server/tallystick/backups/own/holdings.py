"""What does a user have that goes into a backup? Told by whoever the app connects, in this shape."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Protocol
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.v1.space_pb2 import SpaceKind


class Held(Protocol):
    """A space as it was at one moment."""

    @property
    def id(self) -> UUID: ...

    @property
    def kind(self) -> SpaceKind.ValueType: ...

    @property
    def name(self) -> str:
        """What it is called. A home has no name."""
        ...

    def lines(self) -> AsyncGenerator[bytes, None]:
        """All of it, as JSON Lines."""
        ...

    def history(self) -> AsyncGenerator[bytes, None]:
        """Everything that it ever was, of what its user sees in it, as JSON Lines of another kind."""
        ...

    def files(self) -> AsyncGenerator[tuple[UUID, AsyncIterator[bytes]], None]:
        """The contents of each of its files."""
        ...


class Holdings(Protocol):
    """Looks at what people have."""

    async def look(self, caller: Caller, request: Message) -> Sequence[Held]:
        """Every space that the caller is in, as they see it."""
        ...
