"""What is read and written of a journal and of a space's head when a space is written from its journal?"""

from sqlalchemy import ARRAY, BigInteger, Integer, Text, Uuid, any_, bindparam, column, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on

from tallystick.store import tables
from tallystick.store.rows import RowStatement
from tallystick.store.statements import Statement, prepare

_journal, _space = tables.journal, tables.space
_SPACE_ID, _OF_SPACE = bindparam("space_id", type_=Uuid), bindparam("of_space", type_=Uuid)
_IDS = bindparam("ids", type_=ARRAY(Uuid))
_AFTER, _UNTIL = bindparam("after", type_=BigInteger), bindparam("until", type_=BigInteger)

JOURNAL = RowStatement(_journal)

# What is asked while a space grows from nothing to all that it was is planned anew each time: a plan for a table with nothing in it reads
# all of it.

# The last change of each of some entities, as far as it is written.
LAST = prepare(
    select(_journal.c.entity_kind, _journal.c.entity_id, _journal.c.seq, _journal.c.ordinal, _journal.c.superseded_by)
    .where(_journal.c.space_id == _SPACE_ID, _journal.c.entity_id == any_(_IDS))
    .ext(distinct_on(_journal.c.entity_kind, _journal.c.entity_id))
    .order_by(_journal.c.entity_kind, _journal.c.entity_id, _journal.c.seq.desc(), _journal.c.ordinal.desc()),
    is_kept=False,
)

_state = select(
    _journal.c.seq,
    _journal.c.ordinal,
    _journal.c.entity_kind,
    _journal.c.entity_id,
    _journal.c.op,
    _journal.c.at,
    _journal.c.body,
).where(_journal.c.space_id == _SPACE_ID)
_newest = _state.where(_journal.c.superseded_by.is_(None))
# What is newest of each entity, where that was written between two versions, in the order of commits.
NEWEST = prepare(
    _newest.where(_journal.c.seq > _AFTER, _journal.c.seq <= _UNTIL).order_by(_journal.c.seq, _journal.c.ordinal)
)
NEWEST_OF_KINDS = prepare(
    _newest.where(_journal.c.entity_kind == any_(bindparam("kinds", type_=ARRAY(Text)))).order_by(
        _journal.c.seq, _journal.c.ordinal
    )
)
NEWEST_OF_IDS = prepare(_newest.where(_journal.c.entity_id == any_(_IDS)), is_kept=False)

# What was followed by a change that nobody brought along: the user did not see it any more.
_later = _journal.alias("later")
UNSEEN = prepare(
    _state.where(
        _journal.c.superseded_by.is_not(None),
        ~select(_later.c.seq)
        .where(
            _later.c.space_id == _SPACE_ID,
            _later.c.entity_id == _journal.c.entity_id,
            _later.c.entity_kind == _journal.c.entity_kind,
            tuple_(_later.c.seq, _later.c.ordinal) > tuple_(_journal.c.seq, _journal.c.ordinal),
        )
        .exists(),
    ),
    is_kept=False,
)

_given = (
    func.unnest(
        bindparam("seqs", type_=ARRAY(BigInteger)),
        bindparam("ordinals", type_=ARRAY(Integer)),
        bindparam("laters", type_=ARRAY(BigInteger)),
    )
    .table_valued(column("seq", BigInteger), column("ordinal", Integer), column("later", BigInteger), name="given")
    .render_derived()
)
SUPERSEDE: Statement[()] = Statement(
    update(_journal)
    .where(_journal.c.space_id == _OF_SPACE, _journal.c.seq == _given.c.seq, _journal.c.ordinal == _given.c.ordinal)
    .values(superseded_by=_given.c.later),
    is_kept=False,
)

KIND = prepare(select(_space.c.kind).where(_space.c.id == _SPACE_ID))
SET_SEQ: Statement[()] = Statement(
    update(_space).where(_space.c.id == _OF_SPACE).values(seq=bindparam("seq", type_=BigInteger))
)
# Copies are made anew, and whoever may see what is asked again.
RENEW: Statement[()] = Statement(
    update(_space)
    .where(_space.c.id == _OF_SPACE)
    .values(
        seq=bindparam("seq", type_=BigInteger),
        epoch=func.gen_random_uuid(),
        sight_revision=_space.c.sight_revision + 1,
        access_revision=_space.c.access_revision + 1,
    )
)
