"""Is what is brought back what a journal can hold? Pure: each revision by itself, and as the space calls it that it comes into."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tallystick.rebuilding.refusals import judging, unsound
from tallystick.rebuilding.source import Revision
from tallystick.store.entity import Entity
from tallystick.store.journal import CHANGES_MAX, Op

# What lets others in, tells the outside, or waits for an answer. It is not brought back, and what is there of it stays as it is.
LEFT_OUT = frozenset({"webhook", "invitation", "join_request", "conflict"})


@dataclass(slots=True)
class Entry:
    """A change of the journal that is about to be written."""

    seq: int
    ordinal: int
    kind: str
    entity_id: UUID
    op: Op
    fields: tuple[str, ...]
    actor_id: UUID
    at: datetime
    superseded_by: int | None
    message: Any
    private_to: UUID | None

    @property
    def place(self) -> tuple[int, int]:
        return self.seq, self.ordinal

    @property
    def key(self) -> tuple[str, UUID]:
        return self.kind, self.entity_id


class Reading:
    """Reads the revisions of one source."""

    def __init__(
        self, entities: Mapping[str, Entity[Any]], was: UUID, space_id: UUID, user_id: UUID, until: int
    ) -> None:
        """`was`: the id that the space had. `until`: the version that it is the state of."""
        self._entities = entities
        self._was, self._space_id = was, space_id
        self._user_id = user_id
        self._until = until
        self._last = (0, 0)

    def read(self, revision: Revision) -> Entry | None:
        """None: it is of a kind that is left out."""
        place = (revision.seq, revision.ordinal)
        if not (self._last < place and revision.seq <= self._until and 0 <= revision.ordinal < CHANGES_MAX):
            raise unsound("journal.seq")
        self._last = place
        if revision.kind in LEFT_OUT:
            return None
        entity = self._entities.get(revision.kind)
        if entity is None:
            raise unsound("journal.entity_kind")
        if revision.superseded_by is not None and not revision.seq <= revision.superseded_by <= self._until:
            raise unsound("journal.superseded_by")
        with judging(revision.kind):
            return self._read(entity, revision)

    def _read(self, entity: Entity[Any], revision: Revision) -> Entry:
        message = entity.message_type.FromString(revision.body)
        if UUID(message.id) != revision.entity_id or message.version != revision.seq:
            raise unsound(f"{revision.kind}.id")
        owner = getattr(message, "private_to", "")
        if owner and UUID(owner) != self._user_id:
            raise unsound(f"{revision.kind}.private_to")
        if self._was != self._space_id:
            rename(message, str(self._was), str(self._space_id))
        return Entry(
            revision.seq,
            revision.ordinal,
            revision.kind,
            UUID(message.id),
            Op(revision.op),
            tuple(revision.fields),
            revision.actor_id,
            revision.at,
            revision.superseded_by,
            message,
            UUID(owner) if owner else None,
        )


def rename(message: Message, old: str, new: str) -> None:
    """Wherever a message names one space it names the other one."""
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_STRING:
            if not field.is_repeated:
                if value == old:
                    setattr(message, field.name, new)
            elif old in value:
                value[:] = [new if each == old else each for each in value]
        elif field.message_type is not None:
            for part in value if field.is_repeated else (value,):
                rename(part, old, new)
