"""What became of a group's expenses and settlements since a seq, for one of its members? The group's journal says it."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Uuid, bindparam, literal_column, or_, select, true

from tallystick.errors import NotVisible
from tallystick.groups.following import Part, part_of_expense, part_of_settlement
from tallystick.groups.profiles.queries import GROUP_OF_SPACE
from tallystick.groups.sums.queries import TALLIES, nets_of, open_sums
from tallystick.groups.tables import EXPENSE, GROUP, SETTLEMENT
from tallystick.spaces.rules import is_in
from tallystick.store import journal
from tallystick.store import tables as store_tables
from tallystick.store.journal import CHANGES_MAX, Op
from tallystick.store.members import MEMBER, MEMBER_BY_ID
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx

# More than one commit has, so that a page holds at least one whole commit.
PAGE = CHANGES_MAX + 100

_SPACE_ID = bindparam("space_id", type_=Uuid)
_AFTER, _UNTIL = bindparam("after", type_=BigInteger), bindparam("until", type_=BigInteger)
_journal, _space = store_tables.journal, store_tables.space
_earlier = store_tables.journal.alias("earlier")

# The newest state of each item that moved, and beside it the one that was followed before.
_followed = (
    select(_earlier.c.seq, _earlier.c.ordinal, _earlier.c.op, _earlier.c.body)
    .where(
        _earlier.c.space_id == _SPACE_ID,
        _earlier.c.entity_id == _journal.c.entity_id,
        _earlier.c.entity_kind == _journal.c.entity_kind,
        _earlier.c.seq <= _AFTER,
    )
    .order_by(_earlier.c.seq.desc(), _earlier.c.ordinal.desc())
    .limit(1)
    .lateral("followed")
)
_moved = (
    select(
        _journal.c.seq,
        _journal.c.ordinal,
        _journal.c.entity_kind,
        _journal.c.entity_id,
        _journal.c.op,
        _journal.c.body,
        _followed.c.seq,
        _followed.c.ordinal,
        _followed.c.op,
        _followed.c.body,
    )
    .select_from(_journal.outerjoin(_followed, true()))
    .where(
        _journal.c.space_id == _SPACE_ID,
        _journal.c.seq > _AFTER,
        _journal.c.entity_kind.in_([literal_column(f"'{each.kind}'") for each in (EXPENSE, SETTLEMENT)]),
    )
    .order_by(_journal.c.seq, _journal.c.ordinal)
    .limit(bindparam("limit", type_=Integer))
)
MOVED = prepare(_moved.where(_journal.c.superseded_by.is_(None)))
# The same as it was at a seq.
MOVED_UNTIL = prepare(
    _moved.where(_journal.c.seq <= _UNTIL, or_(_journal.c.superseded_by.is_(None), _journal.c.superseded_by > _UNTIL))
)
HEAD = prepare(select(_space.c.seq).where(_space.c.id == _SPACE_ID))


class Item(NamedTuple):
    """An expense or a settlement, as it means something to the member now and when it was followed before. None: nothing."""

    id: UUID
    seq: int
    ordinal: int
    now: Part | None
    before: Part | None


class Moved(NamedTuple):
    """What moved, the oldest first, and up to which seq that is all. `is_all`: nothing comes behind that. `is_over`: nor ever will."""

    group_name: str
    items: Sequence[Item]
    until_seq: int
    is_all: bool
    is_over: bool = False


async def read_moved(tx: ReadTx, member_id: UUID, after: int) -> Moved:
    """A page of whole commits."""
    groups, heads, rows = await tx.fetch_all(
        GROUP_OF_SPACE(space_id=tx.space_id),
        HEAD(space_id=tx.space_id),
        MOVED(space_id=tx.space_id, after=after, limit=PAGE),
    )
    name = tx.require(GROUP, [(row[0], row[1], row[2]) for row in groups]).name
    return _page(tx, name, rows, member_id, heads[0][0])


async def read_before_leaving(tx: ReadTx, member_id: UUID, after: int) -> Moved:
    """The same for somebody who is in the group no more: up to the commit with which they went, and as it was then. They saw that."""
    members = await tx.fetch(MEMBER_BY_ID(space_id=tx.space_id, id=member_id))
    member = tx.require(MEMBER, members)
    if is_in(member):
        raise NotVisible
    groups, rows = await tx.fetch_all(
        GROUP_OF_SPACE(space_id=tx.space_id),
        MOVED_UNTIL(space_id=tx.space_id, after=after, until=member.version, limit=PAGE),
    )
    name = tx.require(GROUP, [(row[0], row[1], row[2]) for row in groups]).name
    return _page(tx, name, rows, member_id, max(after, member.version))._replace(is_over=True)


def _page(tx: ReadTx, name: str, rows: Sequence[Sequence[Any]], member_id: UUID, until: int) -> Moved:
    is_all = len(rows) < PAGE
    if not is_all:
        # The last commit may go on behind the page.
        until = rows[-1][0] - 1
    return Moved(name, [_open(tx, row, member_id) for row in rows if row[0] <= until], until, is_all)


def _open(tx: ReadTx, row: Sequence[Any], member_id: UUID) -> Item:
    seq, ordinal, kind, item_id, op, body, *before = row
    now = _part(tx, kind, item_id, (seq, ordinal, op, body), member_id)
    return Item(item_id, seq, ordinal, now, _part(tx, kind, item_id, before, member_id))


def _part(tx: ReadTx, kind: str, item_id: UUID, state: Sequence[Any], member_id: UUID) -> Part | None:
    seq, ordinal, op, body = state
    if body is None or op == Op.DELETE:
        return None
    plain = tx.seal.open(journal.PLACE, journal.row_of(ordinal, item_id), seq, body)
    if kind == EXPENSE.kind:
        return part_of_expense(EXPENSE.message_type.FromString(plain), member_id)
    return part_of_settlement(SETTLEMENT.message_type.FromString(plain), member_id)


async def read_nets_at_head(tx: ReadTx, member_id: UUID) -> tuple[int, dict[str, int]]:
    """Where the group is, and what the member is owed there, by currency; nothing where it is zero."""
    heads, tallies = await tx.fetch_all(HEAD(space_id=tx.space_id), TALLIES(space_id=tx.space_id))
    return heads[0][0], nets_of(open_sums(tx, [(row[0], row[1], row[2]) for row in tallies]), member_id)
