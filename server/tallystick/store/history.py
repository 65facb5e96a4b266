"""How did an entity come to be as it is? What the journal holds of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import BigInteger, Integer, Text, Uuid, bindparam, select

from tallystick.errors import NotVisible
from tallystick.store.entity import Entity
from tallystick.store.journal import PLACE, Op, row_of
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import Call, prepare
from tallystick.store.tables import journal
from tallystick.store.tx import ReadTx

M = TypeVar("M", bound=Message)

_revisions = select(
    journal.c.seq, journal.c.ordinal, journal.c.op, journal.c.at, journal.c.actor_id, journal.c.fields, journal.c.body
).where(
    journal.c.space_id == bindparam("space_id", type_=Uuid),
    journal.c.entity_id == bindparam("entity_id", type_=Uuid),
    # Clients make ids: one may be that of another kind of entity, too.
    journal.c.entity_kind == bindparam("entity_kind", type_=Text),
)
REVISIONS_BEFORE = prepare(
    _revisions.where(journal.c.seq < bindparam("before", type_=BigInteger))
    .order_by(journal.c.seq.desc())
    .limit(bindparam("limit", type_=Integer))
)
REVISION = prepare(_revisions.where(journal.c.seq == bindparam("seq", type_=BigInteger)))
_NEWEST = 2**63 - 1


class Revision(NamedTuple, Generic[M]):
    """An entity as one change left it."""

    message: M
    changed_at: datetime
    changed_by: UUID
    fields: Sequence[str]
    is_deleted: bool


async def get_revision(tx: ReadTx, entity: Entity[M], entity_id: UUID, version: int) -> M:
    """An entity as a version of itself was."""
    rows = await tx.fetch(REVISION(space_id=tx.space_id, entity_id=entity_id, entity_kind=entity.kind, seq=version))
    if not rows:
        raise NotVisible
    seq, ordinal, *_, body = rows[0]
    return _open(tx, entity, entity_id, seq, ordinal, body)


async def list_revisions(
    tx: ReadTx,
    entity: Entity[M],
    entity_id: UUID,
    visible: Call[*tuple[Any, ...]],
    requested: int,
    after: Sequence[str] | None,
) -> Page[Revision[M]]:
    """A page, newest first. `visible` finds the entity as it is, deleted or not: whoever may not see it now may not see what it was.
    `after` is the version of the last one of the page before."""
    size = page_size(requested)
    before = int(after[0]) if after else _NEWEST
    asked = {"space_id": tx.space_id, "entity_id": entity_id, "entity_kind": entity.kind}
    found, rows = await tx.fetch_all(visible, REVISIONS_BEFORE(**asked, before=before, limit=size + 1))
    if not found:
        raise NotVisible
    revisions = [
        Revision(_open(tx, entity, entity_id, seq, ordinal, body), at, actor_id, fields, op == Op.DELETE)
        for seq, ordinal, op, at, actor_id, fields, body in rows[:size]
    ]
    return Page(revisions, (str(rows[size - 1][0]),) if len(rows) > size else ())


def _open(tx: ReadTx, entity: Entity[M], entity_id: UUID, seq: int, ordinal: int, body: bytes) -> M:
    return entity.message_type.FromString(tx.seal.open(PLACE, row_of(ordinal, entity_id), seq, body))
