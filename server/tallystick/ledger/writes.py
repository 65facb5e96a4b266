"""What does the ledger write outside of a book's own rows? Whether the book is hidden, what providers say of currencies, and when templates
are due."""

from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    insert,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.jobs.tables import job_run
from tallystick.jobs.writes import RunState
from tallystick.ledger.tables import provider_rate, template_due
from tallystick.store.statements import Statement, prepare
from tallystick.store.tables import space

_OF_SPACE = bindparam("of_space", type_=Uuid)

HIDE_SPACE: Statement[()] = Statement(
    update(space).where(space.c.id == _OF_SPACE).values(deleted_at=bindparam("now", type_=DateTime(timezone=True)))
)
SHOW_SPACE: Statement[()] = Statement(update(space).where(space.c.id == _OF_SPACE).values(deleted_at=null()))

# All that a provider published, in one statement. What it corrects replaces what it said before; the same again changes no row.
_published = upsert(provider_rate).from_select(
    ["source", "base", "quote", "effective_on", "rate"],
    select(
        bindparam("source", type_=Text),
        func.unnest(bindparam("bases", type_=ARRAY(Text))),
        func.unnest(bindparam("quotes", type_=ARRAY(Text))),
        func.unnest(bindparam("days", type_=ARRAY(Date))),
        func.unnest(bindparam("rates", type_=ARRAY(Text))),
    ),
)
PUBLISH_RATES: Statement[()] = Statement(
    _published.on_conflict_do_update(
        index_elements=["source", "base", "quote", "effective_on"],
        set_={"rate": _published.excluded.rate},
        where=provider_rate.c.rate != _published.excluded.rate,
    )
)

_TEMPLATE_ID = bindparam("of_template", type_=Uuid)
_MOMENT = DateTime(timezone=True)
_NOW = bindparam("now", type_=_MOMENT)
_DUE_AT = bindparam("due_at", type_=_MOMENT)
_USER_ID = bindparam("user_id", type_=Uuid)
_LEASE = bindparam("lease", type_=_MOMENT)
_due = template_due


def _keep_due(*changing: str) -> Statement[()]:
    row = upsert(_due).values(
        space_id=_OF_SPACE, template_id=_TEMPLATE_ID, user_id=_USER_ID, due_at=_DUE_AT, leased_until=null()
    )
    set_ = {name: row.excluded[name] for name in changing}
    return Statement(row.on_conflict_do_update(index_elements=["space_id", "template_id"], set_=set_), makes_rows=True)


# When a template is due next. Whoever works on it goes on.
KEEP_DUE = _keep_due("due_at")
# The same after a change of what it posts or when: whoever works on it must look again, and what was put off is tried at once.
KEEP_DUE_AFRESH = _keep_due("due_at", "leased_until")
DROP_DUE: Statement[()] = Statement(
    delete(_due).where(_due.c.space_id == _OF_SPACE, _due.c.template_id == _TEMPLATE_ID)
)
# After a change of the book's time zone: another instant is the beginning of the day.
LOOK_AGAIN: Statement[()] = Statement(
    update(_due).where(_due.c.space_id == _OF_SPACE).values(due_at=_NOW, leased_until=null())
)

# Some of what is due, for one server. What was not worked on for longest comes first, so that no template holds up the others. Templates
# of a deleted book wait until it comes back.
_some = (
    select(_due.c.space_id, _due.c.template_id)
    .where(
        _due.c.due_at <= _NOW,
        or_(_due.c.leased_until.is_(None), _due.c.leased_until <= _NOW),
        exists(
            select(space.c.id).where(
                space.c.id == _due.c.space_id, space.c.deleted_at.is_(None), space.c.erased_at.is_(None)
            )
        ),
    )
    .order_by(_due.c.leased_until.nulls_first(), _due.c.due_at, _due.c.template_id)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("some")
)
LEASE_DUE: Statement[UUID, UUID, UUID] = prepare(
    update(_due)
    .where(tuple_(_due.c.space_id, _due.c.template_id).in_(select(_some.c.space_id, _some.c.template_id)))
    .values(leased_until=_LEASE)
    .returning(_due.c.space_id, _due.c.template_id, _due.c.user_id)  # type: ignore[arg-type]  # an UPDATE that returns rows is run like a query
)
_is_mine = (_due.c.space_id == _OF_SPACE, _due.c.template_id == _TEMPLATE_ID, _due.c.leased_until == _LEASE)
# Whoever holds the lease gives it back, or puts the template off. A change of the template meanwhile ended the lease, and stands.
RELEASE_DUE: Statement[()] = Statement(
    update(_due).where(*_is_mine).values(leased_until=bindparam("until", type_=_MOMENT))
)
REST_UNTIL_DUE: Statement[()] = Statement(update(_due).where(*_is_mine).values(due_at=_DUE_AT, leased_until=null()))

# An occurrence that was posted. There is one row of each for ever: a second posting of the same could not be committed.
NOTE_POSTED: Statement[()] = Statement(
    insert(job_run).values(
        space_id=_OF_SPACE,
        job=bindparam("of_job", type_=Text),
        slot=bindparam("of_slot", type_=Date),
        state=RunState.DONE,
        attempts=1,
        leased_until=_NOW,
        problem=null(),
    ),
    makes_rows=True,
)
