"""What is written about webhooks outside of a space's own rows? How far each is, who works on it, and what came of its deliveries."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    all_,
    any_,
    bindparam,
    delete,
    exists,
    insert,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.store.statements import Statement, prepare
from tallystick.store.tables import space
from tallystick.webhooks.rules import WHOLE
from tallystick.webhooks.tables import webhook_attempt, webhook_dead_letter, webhook_follow

ATTEMPTS_KEPT = 200
DEAD_LETTERS_KEPT = 1000

_MOMENT = DateTime(timezone=True)
_OF_SPACE, _OF_WEBHOOK = bindparam("of_space", type_=Uuid), bindparam("of_webhook", type_=Uuid)
_NOW, _LEASE = bindparam("now", type_=_MOMENT), bindparam("lease", type_=_MOMENT)
_SEQ = bindparam("to_seq", type_=BigInteger)
_follow, _attempt, _letter = webhook_follow, webhook_attempt, webhook_dead_letter
_is_it = (_follow.c.space_id == _OF_SPACE, _follow.c.webhook_id == _OF_WEBHOOK)
# Whatever went wrong before is over, and whoever works on it learns that it has changed hands.
_ANEW = {"attempts": 0, "failing_since": null(), "given_up": 0, "leased_until": null()}
_DUE_AT = bindparam("due_at", type_=_MOMENT)

_from_now_on = upsert(_follow).values(
    space_id=_OF_SPACE,
    webhook_id=_OF_WEBHOOK,
    user_id=bindparam("user_id", type_=Uuid),
    kinds=bindparam("kinds", type_=ARRAY(Text)),
    seq=_SEQ,
    ordinal=WHOLE,
    told_seq=_SEQ,
    due_at=_DUE_AT,
    **_ANEW,
)
FOLLOW_FROM: Statement[()] = Statement(
    _from_now_on.on_conflict_do_update(
        index_elements=["space_id", "webhook_id"],
        set_={column.name: _from_now_on.excluded[column.name] for column in _follow.columns if not column.primary_key},
    )
)
FOLLOW_NO_MORE: Statement[()] = Statement(delete(_follow).where(*_is_it))
# After a change of the webhook. No `due_at`: it is paused, or has stopped.
GO_ON: Statement[()] = Statement(
    update(_follow)
    .where(*_is_it)
    .values(
        user_id=bindparam("user_id", type_=Uuid),
        kinds=bindparam("kinds", type_=ARRAY(Text)),
        due_at=_DUE_AT,
        **_ANEW,
    )
)
# Whoever holds the lease says how far it is now, and keeps the lease or gives it back. No row: it has changed hands.
MOVE_ON: Statement[UUID] = prepare(
    update(_follow)
    .where(*_is_it, _follow.c.leased_until == bindparam("held", type_=_MOMENT))
    .values(
        seq=_SEQ,
        ordinal=bindparam("to_ordinal", type_=Integer),
        told_seq=bindparam("told", type_=BigInteger),
        attempts=bindparam("failed", type_=Integer),
        failing_since=bindparam("since", type_=_MOMENT),
        given_up=bindparam("lost", type_=SmallInteger),
        due_at=_DUE_AT,
        leased_until=_LEASE,
    )
    .returning(_follow.c.webhook_id)  # type: ignore[arg-type]  # an UPDATE that returns rows is run like a query
)


def _lease(*which: ColumnElement[bool]) -> Statement[UUID, UUID, UUID, int, int, int, int, object, int]:
    """Some of the webhooks that are behind, for one server, but for those that it works on already. What waits longest comes first.
    A deleted space waits until it comes back."""
    some = (
        select(_follow.c.space_id, _follow.c.webhook_id)
        .where(
            *which,
            _follow.c.due_at <= _NOW,
            _follow.c.webhook_id != all_(bindparam("but", type_=ARRAY(Uuid))),
            or_(_follow.c.leased_until.is_(None), _follow.c.leased_until <= _NOW),
            exists(
                select(space.c.id).where(
                    space.c.id == _follow.c.space_id,
                    space.c.deleted_at.is_(None),
                    space.c.erased_at.is_(None),
                    or_(space.c.seq > _follow.c.seq, _follow.c.ordinal < WHOLE),
                )
            ),
        )
        .order_by(_follow.c.due_at, _follow.c.webhook_id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("some")
    )
    return prepare(
        update(_follow)
        .where(tuple_(_follow.c.space_id, _follow.c.webhook_id).in_(select(some.c.space_id, some.c.webhook_id)))
        .values(leased_until=_LEASE)
        .returning(  # type: ignore[arg-type]  # as above
            _follow.c.space_id,
            _follow.c.webhook_id,
            _follow.c.user_id,
            _follow.c.seq,
            _follow.c.ordinal,
            _follow.c.told_seq,
            _follow.c.attempts,
            _follow.c.failing_since,
            _follow.c.given_up,
        )
    )


LEASE_ANY = _lease()
LEASE_OF = _lease(_follow.c.space_id == any_(bindparam("spaces", type_=ARRAY(Uuid))))

NOTE_ATTEMPT: Statement[()] = Statement(
    insert(_attempt).values({each.name: bindparam(each.name, type_=each.type) for each in _attempt.columns})
)


def _all_but_the_newest(table: Table, key: str, by: str, kept: int) -> Statement[()]:
    columns = table.c
    of_it = (columns.space_id == _OF_SPACE, columns.webhook_id == _OF_WEBHOOK)
    older = select(columns[key]).where(*of_it).order_by(columns[by].desc(), columns[key].desc()).offset(kept)
    return Statement(delete(table).where(*of_it, columns[key].in_(older)))


FORGET_OLD_ATTEMPTS = _all_but_the_newest(_attempt, "id", "id", ATTEMPTS_KEPT)
FORGET_OLD_LETTERS = _all_but_the_newest(_letter, "delivery_id", "given_up_at", DEAD_LETTERS_KEPT)

_given_up = upsert(_letter).values({each.name: bindparam(each.name, type_=each.type) for each in _letter.columns})
# After a replay the same may be given up a second time.
KEEP_LETTER: Statement[()] = Statement(
    _given_up.on_conflict_do_update(
        index_elements=["space_id", "webhook_id", "delivery_id"],
        set_={each.name: _given_up.excluded[each.name] for each in _letter.columns if not each.primary_key},
    )
)
DROP_LETTER: Statement[()] = Statement(
    delete(_letter).where(
        _letter.c.space_id == _OF_SPACE,
        _letter.c.webhook_id == _OF_WEBHOOK,
        _letter.c.delivery_id == bindparam("of_delivery", type_=Uuid),
    )
)
# Of a space that is erased.
FORGET_SPACE: tuple[Statement[()], ...] = tuple(
    Statement(delete(table).where(table.c.space_id == _OF_SPACE)) for table in (_follow, _attempt, _letter)
)
