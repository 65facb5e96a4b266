"""What is a space to whoever brings it back? Its journal, in the order of commits, and then the contents of its files."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tallystick.store.journal import Op
from tallystick.v1.space_pb2 import SpaceKind


@dataclass(frozen=True, slots=True)
class Revision:
    """One change of one entity, as the journal had it."""

    seq: int
    ordinal: int
    kind: str
    entity_id: UUID
    op: Op
    fields: tuple[str, ...]
    actor_id: UUID
    at: datetime
    # None: the newest state at that moment.
    superseded_by: int | None
    # The entity's message, serialized (deterministic), with the ids it had.
    body: bytes


class Source(Protocol):
    """A space as an archive holds it. Read once, in this order."""

    @property
    def space_id(self) -> UUID:
        """What it was."""
        ...

    @property
    def kind(self) -> SpaceKind.ValueType: ...

    @property
    def seq(self) -> int:
        """The version that it is the state of."""
        ...

    def revisions(self) -> AsyncGenerator[Revision, None]:
        """By seq and ordinal."""
        ...

    def contents(self) -> AsyncGenerator[tuple[UUID, AsyncIterator[bytes]], None]:
        """The id of each file, and its pieces in plain."""
        ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came back: the space, how many entities it has, how many changes were written, and how many contents were put."""

    space_id: UUID
    entities: int
    revisions: int
    files: int
