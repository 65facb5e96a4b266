"""How are conflicts kept?"""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Uuid

from tallystick.store.entity import Entity
from tallystick.store.metadata import entity_table, small_enum
from tallystick.v1.sync_pb2 import Conflict

conflict = entity_table(
    "conflict",
    small_enum("state"),
    Column("target_id", Uuid, nullable=False),
    Column("private_to", Uuid),
    Index("ix_conflict_state", "space_id", "state", "id"),
)


def _of_conflict(message: Conflict) -> dict[str, Any]:
    return {
        "state": message.state,
        "target_id": UUID(message.target_id),
        "private_to": UUID(message.private_to) if message.private_to else None,
    }


CONFLICT = Entity(conflict, Conflict, _of_conflict)
