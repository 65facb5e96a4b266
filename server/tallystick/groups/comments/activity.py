"""What happened in a group? Its journal, newest first, without what only owners know of: who is invited, and who asks to be let in."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import BigInteger, Integer, Uuid, bindparam, exists, literal_column, select, tuple_

from tallystick.groups.tables import (
    EXPENSE,
    EXPENSE_COMMENT,
    GROUP,
    RECURRING_EXPENSE,
    SETTLEMENT,
    SETTLEMENT_PLAN,
)
from tallystick.store.entity import Entity
from tallystick.store.journal import PLACE, Op, row_of
from tallystick.store.members import MEMBER
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import journal
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.group_activity_pb2 import Activity

_ENTITIES: tuple[Entity[Any], ...] = (
    *(MEMBER, GROUP, EXPENSE, EXPENSE_COMMENT, RECURRING_EXPENSE, SETTLEMENT, SETTLEMENT_PLAN),
)
_MESSAGES: dict[str, type[Message]] = {entity.kind: entity.message_type for entity in _ENTITIES}
# What each kind is called by. A kind that is not here has no title.
_TITLES: dict[str, Callable[[Any], str]] = {
    MEMBER.kind: lambda member: member.display_name,
    GROUP.kind: lambda group: group.name,
    EXPENSE.kind: lambda expense: expense.description,
    RECURRING_EXPENSE.kind: lambda recurring: recurring.draft.description,
}
_SPACE_ID = bindparam("space_id", type_=Uuid)
_NEWEST = 2**63 - 1
_before = journal.alias("before")
_is_made = ~exists().where(
    _before.c.space_id == _SPACE_ID,
    _before.c.entity_id == journal.c.entity_id,
    _before.c.entity_kind == journal.c.entity_kind,
    tuple_(_before.c.seq, _before.c.ordinal) < tuple_(journal.c.seq, journal.c.ordinal),
)
_NEWEST_FIRST = prepare(
    select(
        journal.c.seq,
        journal.c.ordinal,
        journal.c.entity_kind,
        journal.c.entity_id,
        journal.c.op,
        journal.c.at,
        journal.c.actor_id,
        journal.c.fields,
        journal.c.body,
        _is_made.label("made"),
    )
    .where(
        journal.c.space_id == _SPACE_ID,
        journal.c.entity_kind.in_([literal_column(f"'{kind}'") for kind in _MESSAGES]),
        tuple_(journal.c.seq, journal.c.ordinal)
        < tuple_(bindparam("seq", type_=BigInteger), bindparam("ordinal", type_=Integer)),
    )
    .order_by(journal.c.seq.desc(), journal.c.ordinal.desc())
    .limit(bindparam("limit", type_=Integer))
)


class _Row(NamedTuple):
    seq: int
    ordinal: int
    kind: str
    entity_id: UUID
    op: int
    at: datetime
    actor_id: UUID
    fields: Sequence[str]
    body: bytes
    is_made: bool


async def list_activity(tx: ReadTx, requested: int, after: Sequence[str] | None) -> Page[Activity]:
    """A page. `after` is the place in the journal of the last one of the page before."""
    size = page_size(requested)
    seq, ordinal = (int(after[0]), int(after[1])) if after else (_NEWEST, 0)
    rows = await tx.fetch(_NEWEST_FIRST(space_id=tx.space_id, seq=seq, ordinal=ordinal, limit=size + 1))
    activities = [_activity(tx, _Row(*row)) for row in rows[:size]]
    return Page(activities, (str(rows[size - 1][0]), str(rows[size - 1][1])) if len(rows) > size else ())


def _activity(tx: ReadTx, row: _Row) -> Activity:
    title_of = _TITLES.get(row.kind)
    title = ""
    if title_of is not None:
        plain = tx.seal.open(PLACE, row_of(row.ordinal, row.entity_id), row.seq, row.body)
        title = title_of(_MESSAGES[row.kind].FromString(plain))
    return Activity(
        kind=row.kind,
        id=str(row.entity_id),
        version=row.seq,
        at=to_timestamp(row.at),
        changed_by=str(row.actor_id),
        fields=row.fields,
        created=row.is_made,
        deleted=row.op == Op.DELETE,
        title=title,
    )
