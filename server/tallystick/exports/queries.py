"""Which rows of the journal are the state of a space after one of its commits, whatever happened since?

A change is part of that state if it was there, and what superseded it was not.
"""

from sqlalchemy import ARRAY, BigInteger, Integer, Text, Uuid, any_, bindparam, exists, func, or_, select, tuple_

from tallystick.store import tables
from tallystick.store.statements import prepare

_journal, _space = tables.journal, tables.space
_SPACE_ID = bindparam("space_id", type_=Uuid)
_AT = bindparam("at", type_=BigInteger)
_AFTER = tuple_(bindparam("after_seq", type_=BigInteger), bindparam("after_ordinal", type_=Integer))
# The first place in any journal is behind it.
BEGINNING = (0, -1)

HEAD = prepare(
    select(_space.c.epoch, _space.c.seq, _space.c.sight_revision, _space.c.kind).where(_space.c.id == _SPACE_ID)
)
_was_there = (
    _journal.c.space_id == _SPACE_ID,
    _journal.c.seq <= _AT,
    or_(_journal.c.superseded_by.is_(None), _journal.c.superseded_by > _AT),
)
_columns = (
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
_row = select(*_columns).where(*_was_there)
# The next rows in the order of commits.
NEXT = prepare(
    _row.where(tuple_(_journal.c.seq, _journal.c.ordinal) > _AFTER)
    .order_by(_journal.c.seq, _journal.c.ordinal)
    .limit(bindparam("limit", type_=Integer))
)
# Those of some entities.
OF_IDS = prepare(
    select(_journal.c.seq, _journal.c.ordinal, _journal.c.entity_id, _journal.c.body).where(
        *_was_there,
        _journal.c.entity_kind == bindparam("entity_kind", type_=Text),
        _journal.c.entity_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
    )
)
# Those of some kinds, the oldest first: of names there are few.
OF_KINDS = prepare(
    _row.where(_journal.c.entity_kind == any_(bindparam("kinds", type_=ARRAY(Text)))).order_by(
        _journal.c.seq, _journal.c.ordinal
    )
)
# The next rows of everything that ever was, in the order of commits. Whoever may not see an entity as it is at that moment sees nothing
# of what it was: row-level security holds for the inner rows, too.
_now = _journal.alias("now")
_is_seen = exists(
    select(_now.c.seq).where(
        _now.c.space_id == _SPACE_ID,
        _now.c.entity_id == _journal.c.entity_id,
        # Clients make ids: one may be that of another kind of entity, too.
        _now.c.entity_kind == _journal.c.entity_kind,
        _now.c.seq <= _AT,
        or_(_now.c.superseded_by.is_(None), _now.c.superseded_by > _AT),
    )
)
NEXT_OF_HISTORY = prepare(
    select(*_columns, _journal.c.superseded_by)
    .where(
        _journal.c.space_id == _SPACE_ID,
        _journal.c.seq <= _AT,
        tuple_(_journal.c.seq, _journal.c.ordinal) > _AFTER,
        _is_seen,
    )
    .order_by(_journal.c.seq, _journal.c.ordinal)
    .limit(bindparam("limit", type_=Integer))
)
COUNT = prepare(select(func.count()).where(*_was_there))
