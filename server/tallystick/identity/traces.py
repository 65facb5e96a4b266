"""What is to be forgotten of an erased user beside their memberships? Every feature that keeps something says what of its own it is."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from tallystick.store.entity import Entity
from tallystick.store.tx import WriteTx


class Trace(NamedTuple):
    """An entity that said who the user was. Its present state does not any more; its earlier ones are still to lose these fields."""

    entity: Entity[Any]
    id: UUID
    fields: Sequence[str]


class Traces(Protocol):
    """One feature's."""

    async def forget(self, tx: WriteTx, user_id: UUID) -> Sequence[Trace]:
        """Takes the user out of what the feature keeps in this space, and says where they were."""

    def erase_space(self, tx: WriteTx) -> None:
        """The space is about to be erased, with all in it: takes away what the feature keeps of it elsewhere."""
