"""What is written about links outside of a book's own rows? How far each has followed its group, and who works on it."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    all_,
    any_,
    bindparam,
    delete,
    exists,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.ledger.tables import group_follow
from tallystick.store.statements import Statement, prepare
from tallystick.store.tables import space

_MOMENT = DateTime(timezone=True)
_OF_SPACE, _OF_LINK = bindparam("of_space", type_=Uuid), bindparam("of_link", type_=Uuid)
_NOW, _LEASE = bindparam("now", type_=_MOMENT), bindparam("lease", type_=_MOMENT)
_follow = group_follow
_is_it = (_follow.c.space_id == _OF_SPACE, _follow.c.link_id == _OF_LINK)

_from_the_beginning = upsert(_follow).values(
    space_id=_OF_SPACE,
    link_id=_OF_LINK,
    group_id=bindparam("of_group", type_=Uuid),
    user_id=bindparam("user_id", type_=Uuid),
    followed_seq=0,
    leased_until=null(),
)
FOLLOW_FROM_THE_BEGINNING: Statement[()] = Statement(
    _from_the_beginning.on_conflict_do_update(
        index_elements=["space_id", "link_id"],
        set_={name: _from_the_beginning.excluded[name] for name in ("user_id", "followed_seq", "leased_until")},
    ),
    makes_rows=True,
)
FOLLOW_NO_MORE: Statement[()] = Statement(delete(_follow).where(*_is_it))
# After a change of the link: what was put off is tried at once.
FOLLOW_AT_ONCE: Statement[()] = Statement(update(_follow).where(*_is_it).values(leased_until=null()))
# How far the book is now, if it was where that was read from. The lease is given back when there is nothing more to do.
MOVE_ON: Statement[()] = Statement(
    update(_follow)
    .where(*_is_it, _follow.c.followed_seq == bindparam("from_seq", type_=BigInteger))
    .values(followed_seq=bindparam("to_seq", type_=BigInteger), leased_until=_LEASE)
)
# Whoever holds the lease puts the link off. A change of it meanwhile ended the lease, and stands.
PUT_OFF: Statement[()] = Statement(
    update(_follow)
    .where(*_is_it, _follow.c.leased_until == _LEASE)
    .values(leased_until=bindparam("until", type_=_MOMENT))
)

_group, _book = space.alias("group_space"), space.alias("book_space")


def _lease(*which: ColumnElement[bool]) -> Statement[UUID, UUID, UUID, UUID, int]:
    """Some of the links whose groups are ahead, for one server, but for those that had their turn. What was not worked on for longest
    comes first. A deleted book or group waits until it comes back; an erased group never does, and somebody must end its links."""
    some = (
        select(_follow.c.space_id, _follow.c.link_id)
        .where(
            *which,
            _follow.c.link_id != all_(bindparam("but", type_=ARRAY(Uuid))),
            or_(_follow.c.leased_until.is_(None), _follow.c.leased_until <= _NOW),
            exists(
                select(_group.c.id).where(
                    _group.c.id == _follow.c.group_id,
                    _group.c.deleted_at.is_(None),
                    or_(_group.c.seq > _follow.c.followed_seq, _group.c.erased_at.is_not(None)),
                )
            ),
            exists(
                select(_book.c.id).where(
                    _book.c.id == _follow.c.space_id, _book.c.deleted_at.is_(None), _book.c.erased_at.is_(None)
                )
            ),
        )
        .order_by(_follow.c.leased_until.nulls_first(), _follow.c.link_id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("some")
    )
    return prepare(
        update(_follow)
        .where(tuple_(_follow.c.space_id, _follow.c.link_id).in_(select(some.c.space_id, some.c.link_id)))
        .values(leased_until=_LEASE)
        .returning(  # type: ignore[arg-type]  # an UPDATE that returns rows is run like a query
            _follow.c.space_id, _follow.c.link_id, _follow.c.group_id, _follow.c.user_id, _follow.c.followed_seq
        )
    )


LEASE_ANY = _lease()
# Those of these groups, and of these books.
_SPACES = bindparam("spaces", type_=ARRAY(Uuid))
LEASE_OF = _lease(or_(_follow.c.group_id == any_(_SPACES), _follow.c.space_id == func.any(_SPACES)))
