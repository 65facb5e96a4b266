"""Which queries does sync ask? All of them about the space, its journal and its conflicts."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    SmallInteger,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import BIT

from tallystick.store import tables
from tallystick.store.journal import Op
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.sync.cursor import Cursor, Head
from tallystick.sync.tables import CONFLICT, conflict
from tallystick.sync.wire import KINDS
from tallystick.v1.sync_pb2 import Conflict, ConflictState
from tallystick.v1.sync_service_pb2 import GetSyncStatusResponse, ListConflictsRequest

_journal, _space, _answer = tables.journal, tables.space, tables.answer
_SPACE_ID = bindparam("space_id", type_=Uuid)
_ENTITY_ID = bindparam("entity_id", type_=Uuid)
_KIND = bindparam("entity_kind", type_=Text)
_VERSION = bindparam("version", type_=BigInteger)
_LIMIT = bindparam("limit", type_=Integer)

ANSWERED_AT = prepare(
    select(_answer.c.seq).where(
        _answer.c.space_id == _SPACE_ID, _answer.c.request_id == bindparam("request_id", type_=Uuid)
    )
)
HEAD = prepare(select(_space.c.epoch, _space.c.seq, _space.c.sight_revision).where(_space.c.id == _SPACE_ID))

_changes = (
    select(
        _journal.c.seq,
        _journal.c.ordinal,
        _journal.c.entity_kind,
        _journal.c.entity_id,
        _journal.c.op,
        _journal.c.fields,
        _journal.c.actor_id,
        _journal.c.at,
        _journal.c.body,
    )
    .where(_journal.c.space_id == _SPACE_ID, _journal.c.seq > _VERSION)
    .order_by(_journal.c.seq, _journal.c.ordinal)
    .limit(_LIMIT)
)
CHANGES = prepare(_changes)
# What was superseded is of no use to a copy that holds nothing yet.
CURRENT = prepare(_changes.where(_journal.c.superseded_by.is_(None)))

# What became of an entity since a version, the oldest first.
SINCE = prepare(
    select(_journal.c.seq, _journal.c.ordinal, _journal.c.op, _journal.c.request_id, _journal.c.body)
    .where(
        _journal.c.space_id == _SPACE_ID,
        _journal.c.entity_id == _ENTITY_ID,
        _journal.c.entity_kind == _KIND,
        _journal.c.seq > _VERSION,
    )
    .order_by(_journal.c.seq, _journal.c.ordinal)
)
# How it was at a version.
AT = prepare(
    select(_journal.c.seq, _journal.c.ordinal, _journal.c.op, _journal.c.request_id, _journal.c.body)
    .where(
        _journal.c.space_id == _SPACE_ID,
        _journal.c.entity_id == _ENTITY_ID,
        _journal.c.entity_kind == _KIND,
        _journal.c.seq <= _VERSION,
    )
    .order_by(_journal.c.seq.desc(), _journal.c.ordinal.desc())
    .limit(1)
)
# How it is now, whatever kind it is.
NEWEST = prepare(
    select(_journal.c.entity_kind, _journal.c.seq, _journal.c.op, _journal.c.request_id).where(
        _journal.c.space_id == _SPACE_ID,
        _journal.c.entity_id == _ENTITY_ID,
        _journal.c.superseded_by.is_(None),
    )
)

# The same sum as every device makes of its own rows (GetSyncStatusResponse.digest).
_named = (
    func.convert_to(_journal.c.entity_kind, "UTF8")
    .op("||")(literal_column(r"'\x00'::bytea"))
    .op("||")(func.uuid_send(_journal.c.entity_id))
    .op("||")(func.int8send(_journal.c.seq))
)
_hashed = func.encode(func.substr(func.sha256(_named), 1, 8), "hex")
_number = cast(cast(literal_column("'x'").op("||")(_hashed), BIT(64)), BigInteger)
_sum: ColumnElement[Decimal | None] = func.sum(_number)
LIVE = prepare(
    select(func.count(), _sum).where(
        _journal.c.space_id == _SPACE_ID,
        _journal.c.superseded_by.is_(None),
        _journal.c.op == literal_column(str(int(Op.PUT))),
        _journal.c.entity_kind.in_(tuple(literal_column(f"'{kind}'") for kind in KINDS)),
    )
)
OPEN_CONFLICTS = prepare(
    select(func.count()).where(
        conflict.c.space_id == _SPACE_ID, conflict.c.state == int(ConflictState.CONFLICT_STATE_OPEN)
    )
)
CONFLICT_BY_ID = prepare(
    select(conflict.c.id, conflict.c.version, conflict.c.body).where(
        conflict.c.space_id == _SPACE_ID, conflict.c.id == bindparam("id", type_=Uuid)
    )
)
_STATE = bindparam("state", type_=SmallInteger)
CONFLICTS_BEFORE = prepare(
    select(conflict.c.id, conflict.c.version, conflict.c.body)
    .where(
        conflict.c.space_id == _SPACE_ID,
        or_(_STATE == 0, conflict.c.state == _STATE),
        conflict.c.id < bindparam("before_id", type_=Uuid),
    )
    .order_by(conflict.c.id.desc())
    .limit(_LIMIT)
)
ID_MAX = UUID(int=2**128 - 1)


async def get_status(tx: ReadTx) -> GetSyncStatusResponse:
    """Where a space is, and what a copy at its head holds."""
    heads, lives, opens = await tx.fetch_all(
        HEAD(space_id=tx.space_id), LIVE(space_id=tx.space_id), OPEN_CONFLICTS(space_id=tx.space_id)
    )
    head = Head(*heads[0])
    count, total = lives[0]
    return GetSyncStatusResponse(
        cursor=Cursor.at(tx.space_id, head, head.seq).text(),
        head=head.seq,
        live_count=count,
        digest=int(total or 0) % 2**64,
        open_conflicts=opens[0][0],
    )


async def list_conflicts(tx: ReadTx, request: ListConflictsRequest, after: Sequence[str] | None) -> Page[Conflict]:
    size = page_size(request.page_size)
    before = UUID(after[0]) if after else ID_MAX
    rows = await tx.fetch(CONFLICTS_BEFORE(space_id=tx.space_id, state=request.state, before_id=before, limit=size + 1))
    return page_of(tx, CONFLICT, rows, size, lambda found: (found.id,))
