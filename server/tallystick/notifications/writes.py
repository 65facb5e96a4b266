"""What is written about notifications outside of homes? How far journals were read, and what is to be looked at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Uuid,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.jobs.due.writes import dues_in
from tallystick.notifications.tables import device_due, digest_due, notice_follow, reminder_due, spending_due
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tables import space

_MOMENT = DateTime(timezone=True)
_NOW, _LEASE = bindparam("now", type_=_MOMENT), bindparam("lease", type_=_MOMENT)
_OF_SPACE = bindparam("of_space", type_=Uuid)
_SPACES = bindparam("spaces", type_=ARRAY(Uuid))
_follow = notice_follow
NOBODY = UUID(int=0)

REMINDER_DUES = dues_in(reminder_due, "template_id")
SPENDING_DUES = dues_in(spending_due, "book_id")
DIGEST_DUES = dues_in(digest_due, "home_id")
DEVICE_DUES = dues_in(device_due, "session_id")


# New spaces are followed from their beginning.
_missing = select(space.c.id, literal(0, BigInteger)).where(
    space.c.id == func.any(_SPACES),
    space.c.erased_at.is_(None),
    ~exists(select(_follow.c.space_id).where(_follow.c.space_id == space.c.id)),
)
BEGIN: Statement[()] = Statement(
    upsert(_follow).from_select(["space_id", "followed_seq"], _missing).on_conflict_do_nothing()
)

_is_free = or_(_follow.c.leased_until.is_(None), _follow.c.leased_until <= _NOW)
_is_there = (space.c.deleted_at.is_(None), space.c.erased_at.is_(None))

# All spaces that are ahead. It has no limit, so that PostgreSQL goes through the two tables once: with one it would expect to have
# enough soon, and there is mostly nothing. A deleted space waits until it comes back.
BEHIND = prepare(
    select(space.c.id)
    .select_from(space.outerjoin(_follow, _follow.c.space_id == space.c.id))
    .where(*_is_there, or_(_follow.c.space_id.is_(None), and_(space.c.seq > _follow.c.followed_seq, _is_free)))
)

# Those of the spaces that are ahead: which kind of space, how far it was followed, and how far it is.
_ahead = (
    select(_follow.c.space_id, space.c.kind, _follow.c.followed_seq, space.c.seq)
    .select_from(_follow.join(space, space.c.id == _follow.c.space_id))
    .where(_follow.c.space_id == func.any(_SPACES), space.c.seq > _follow.c.followed_seq, _is_free, *_is_there)
)
AHEAD = prepare(_ahead)
# The same, for one server.
_some = _ahead.with_for_update(skip_locked=True, of=_follow).cte("some")
LEASE: Statement[UUID, int, int, int] = prepare(
    update(_follow).where(_follow.c.space_id == _some.c.space_id).values(leased_until=_LEASE).returning(*_some.c)  # type: ignore[arg-type]  # an UPDATE that returns rows is run like a query
)

# Everything up to there is told. Whoever comes late does not put it back.
_moved = (
    func.unnest(_SPACES, bindparam("seqs", type_=ARRAY(BigInteger)))
    .table_valued(column("space_id", Uuid), column("seq", BigInteger), name="moved")
    .render_derived()
)
MOVE_ON: Statement[()] = Statement(
    update(_follow)
    .where(_follow.c.space_id == _moved.c.space_id, _follow.c.followed_seq < _moved.c.seq)
    .values(followed_seq=_moved.c.seq, leased_until=null())
)
PUT_OFF: Statement[()] = Statement(
    update(_follow)
    .where(_follow.c.space_id == _OF_SPACE, _follow.c.leased_until == _LEASE)
    .values(leased_until=bindparam("until", type_=_MOMENT))
)

# Of books that changed. One that waits keeps its turn; one that somebody is just looking at is looked at again afterwards.
_later = upsert(spending_due).from_select(
    ["space_id", "book_id", "user_id", "due_at"],
    select(
        func.unnest(_SPACES),
        func.unnest(_SPACES),
        literal(NOBODY, Uuid),
        bindparam("due_at", type_=_MOMENT),
    ),
)
LOOK_AT_SPENDING: Statement[()] = Statement(
    _later.on_conflict_do_update(
        index_elements=["space_id", "book_id"],
        set_={"due_at": _later.excluded.due_at, "leased_until": null()},
        where=spending_due.c.leased_until.is_not(None),
    )
)

# Whoever holds the lease takes the digest's turn, once: only one of two gets the row.
TAKE_DIGEST: Statement[UUID] = prepare(
    update(digest_due)
    .where(digest_due.c.space_id == _OF_SPACE, digest_due.c.leased_until == _LEASE)
    .values(sent_until=bindparam("sent_until", type_=_MOMENT))
    .returning(digest_due.c.space_id)  # type: ignore[arg-type]  # as above
)
SENT_UNTIL = prepare(select(digest_due.c.sent_until).where(digest_due.c.space_id == _OF_SPACE))

# Nothing of an erased space is looked at any more.
_TABLES = (_follow, reminder_due, spending_due, digest_due, device_due)
FORGET_SPACE: tuple[Statement[()], ...] = tuple(
    Statement(delete(table).where(table.c.space_id == _OF_SPACE)) for table in _TABLES
)


def remind_of(space_id: UUID, template_id: UUID, user_id: UUID, now: datetime) -> Call[()]:
    """The template is to be looked at: whoever does so finds out when its next day is."""
    return REMINDER_DUES.keep_afresh(of_space=space_id, of_entity=template_id, user_id=user_id, due_at=now)


def look_at_digest(home_id: UUID, user_id: UUID, now: datetime) -> Call[()]:
    """The same of the digest of a home."""
    return DIGEST_DUES.keep_afresh(of_space=home_id, of_entity=home_id, user_id=user_id, due_at=now)


def tell_of_device(home_id: UUID, session_id: UUID, user_id: UUID, now: datetime) -> Call[()]:
    """A sign-in that its user is to be told of."""
    return DEVICE_DUES.keep(of_space=home_id, of_entity=session_id, user_id=user_id, due_at=now)
