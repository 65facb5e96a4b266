"""What happened in a space that somebody may have to know of? The changes that its journal has after a seq, each beside what was before."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import BigInteger, Integer, Uuid, bindparam, literal_column, select, true, tuple_

from tallystick.groups.tables import EXPENSE, EXPENSE_COMMENT, SETTLEMENT
from tallystick.identity.tables import PROFILE
from tallystick.ledger.tables import BOOK, TEMPLATE
from tallystick.notifications.tables import NOTIFICATION_PREFERENCES
from tallystick.notifications.telling.news import News
from tallystick.spaces.tables import INVITATION
from tallystick.store.entity import Entity
from tallystick.store.journal import CHANGES_MAX, PLACE, Op, row_of
from tallystick.store.members import MEMBER
from tallystick.store.statements import prepare
from tallystick.store.tables import journal
from tallystick.store.tx import ReadTx
from tallystick.sync.tables import CONFLICT

# More than one commit has, so that a page holds at least one whole commit.
PAGE = CHANGES_MAX + 100
_TOLD: tuple[Entity[Any], ...] = (MEMBER, INVITATION, CONFLICT, EXPENSE, EXPENSE_COMMENT, SETTLEMENT)
_LOOKED_AT: tuple[Entity[Any], ...] = (TEMPLATE, BOOK, PROFILE, NOTIFICATION_PREFERENCES)
_ENTITIES = {entity.kind: entity for entity in (*_TOLD, *_LOOKED_AT)}

_SPACE_ID = bindparam("space_id", type_=Uuid)
_earlier = journal.alias("earlier")
_before = (
    select(_earlier.c.seq, _earlier.c.ordinal, _earlier.c.op, _earlier.c.body)
    .where(
        _earlier.c.space_id == _SPACE_ID,
        _earlier.c.entity_id == journal.c.entity_id,
        _earlier.c.entity_kind == journal.c.entity_kind,
        tuple_(_earlier.c.seq, _earlier.c.ordinal) < tuple_(journal.c.seq, journal.c.ordinal),
    )
    .order_by(_earlier.c.seq.desc(), _earlier.c.ordinal.desc())
    .limit(1)
    .lateral("before")
)
# Of a book in which only money moved it finds nothing, and opens nothing.
NEWS = prepare(
    select(
        journal.c.seq,
        journal.c.ordinal,
        journal.c.entity_kind,
        journal.c.entity_id,
        journal.c.op,
        journal.c.body,
        journal.c.actor_id,
        journal.c.at,
        _before.c.seq,
        _before.c.ordinal,
        _before.c.op,
        _before.c.body,
    )
    .select_from(journal.outerjoin(_before, true()))
    .where(
        journal.c.space_id == _SPACE_ID,
        journal.c.seq > bindparam("after", type_=BigInteger),
        journal.c.seq <= bindparam("until", type_=BigInteger),
        journal.c.entity_kind.in_([literal_column(f"'{kind}'") for kind in _ENTITIES]),
    )
    .order_by(journal.c.seq, journal.c.ordinal)
    .limit(bindparam("limit", type_=Integer))
)
# Who was when in the space: all that ever became of its members.
LIVES = prepare(
    select(journal.c.seq, journal.c.ordinal, journal.c.entity_id, journal.c.op, journal.c.body)
    .where(journal.c.space_id == _SPACE_ID, journal.c.entity_kind == literal_column(f"'{MEMBER.kind}'"))
    .order_by(journal.c.seq, journal.c.ordinal)
)


def open_news(tx: ReadTx, row: Sequence[Any]) -> News:
    seq, ordinal, kind, entity_id, op, body, actor_id, at, *before = row
    now = _open(tx, kind, entity_id, (seq, ordinal, op, body))
    return News(seq, kind, entity_id, actor_id, at, now, _open(tx, kind, entity_id, before))


def _open(tx: ReadTx, kind: str, entity_id: UUID, state: Sequence[Any]) -> Message | None:
    seq, ordinal, op, body = state
    if body is None or op == Op.DELETE:
        return None
    plain = tx.seal.open(PLACE, row_of(ordinal, entity_id), seq, body)
    message: Message = _ENTITIES[kind].message_type.FromString(plain)
    return message


def whole_commits(rows: Sequence[Any], head: int) -> tuple[Sequence[Any], int]:
    """The rows of a page's whole commits, and up to which seq they are everything."""
    if len(rows) < PAGE:
        return rows, head
    # The last commit may go on behind the page.
    until = rows[-1][0] - 1
    return [row for row in rows if row[0] <= until], until
