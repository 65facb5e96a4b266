"""How is a change written down? One row per change, in the order of commits."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from sqlalchemy import bindparam, update

from tallystick.store import tables
from tallystick.store.rows import RowStatement
from tallystick.store.seal import SpaceSeal
from tallystick.store.statements import Call, Statement

PLACE = b"journal.body"
CHANGES_MAX = 500


class Op(IntEnum):
    """What became of the entity."""

    PUT = 1
    DELETE = 2


@dataclass(frozen=True, slots=True)
class Change:
    """One entity's new state."""

    kind: str
    entity_id: UUID
    op: Op
    fields: tuple[str, ...]
    body: bytes
    is_first: bool
    private_to: UUID | None = None
    # Of whose commit it is, where one commit has several requests.
    request_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every change of one commit shares."""

    space_id: UUID
    seq: int
    actor_id: UUID
    session_id: UUID | None
    request_id: UUID
    at: datetime


_INSERT = RowStatement(tables.journal)
_SUPERSEDE: Statement[()] = Statement(
    update(tables.journal)
    .where(
        tables.journal.c.space_id == bindparam("space_id"),
        tables.journal.c.entity_id == bindparam("entity_id"),
        # Clients make ids: one may be that of another kind of entity, too.
        tables.journal.c.entity_kind == bindparam("entity_kind"),
        tables.journal.c.superseded_by.is_(None),
    )
    .values(superseded_by=bindparam("seq"))
)


def compose_calls(stamp: Stamp, changes: list[Change], seal: SpaceSeal) -> list[Call[()]]:
    if len(changes) > CHANGES_MAX:
        raise AssertionError(f"a commit holds at most {CHANGES_MAX} changes; split the work into several commits")
    # Older rows learn of the newer ones before these are there, so that no row supersedes itself.
    superseded = [
        _SUPERSEDE(space_id=stamp.space_id, entity_kind=change.kind, entity_id=change.entity_id, seq=stamp.seq)
        for change in changes
        if not change.is_first
    ]
    last = {(change.kind, change.entity_id): number for number, change in enumerate(changes)}
    return [
        *superseded,
        *(
            _compose_insert(stamp, number, change, seal, is_newest=last[change.kind, change.entity_id] == number)
            for number, change in enumerate(changes)
        ),
    ]


def row_of(ordinal: int, entity_id: UUID) -> bytes:
    """Names a journal row inside its sealed body's context."""
    return ordinal.to_bytes(4) + entity_id.bytes


def _compose_insert(stamp: Stamp, ordinal: int, change: Change, seal: SpaceSeal, *, is_newest: bool) -> Call[()]:
    return _INSERT(
        space_id=stamp.space_id,
        seq=stamp.seq,
        ordinal=ordinal,
        entity_kind=change.kind,
        entity_id=change.entity_id,
        op=change.op,
        actor_id=stamp.actor_id,
        session_id=stamp.session_id,
        at=stamp.at,
        request_id=change.request_id or stamp.request_id,
        fields=",".join(change.fields),
        body=seal.close(PLACE, row_of(ordinal, change.entity_id), stamp.seq, change.body),
        superseded_by=None if is_newest else stamp.seq,
        private_to=change.private_to,
    )
