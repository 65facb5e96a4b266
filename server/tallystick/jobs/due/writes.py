"""How does a server take hold of what is due, and give it back?

A table of dues has a row for each thing that posts by itself: whose it is, when it is due next, and until when a server has it in its
hands. Such tables are alike but for the name of the thing's id.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    Table,
    Uuid,
    bindparam,
    delete,
    exists,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tables import space

_OF_SPACE = bindparam("of_space", type_=Uuid)
_OF_ENTITY = bindparam("of_entity", type_=Uuid)
_MOMENT = DateTime(timezone=True)
_NOW = bindparam("now", type_=_MOMENT)
_DUE_AT = bindparam("due_at", type_=_MOMENT)
_LEASE = bindparam("lease", type_=_MOMENT)


@dataclass(frozen=True, slots=True)
class Dues:
    """What is written in one table of dues."""

    # When a thing is due next. Whoever works on it goes on.
    keep: Statement[()]
    # The same after a change of what it posts or when: whoever works on it must look again, and what was put off is tried at once.
    keep_afresh: Statement[()]
    drop: Statement[()]
    # After a change that may concern all of a space's: another time zone, for which another instant is the beginning of the day.
    look_again: Statement[()]
    lease: Statement[UUID, UUID, UUID]
    # Whoever holds the lease gives it back, or puts the thing off. A change of the thing meanwhile ended the lease, and stands.
    release: Statement[()]
    rest: Statement[()]
    # Nothing is due of it any more.
    end: Statement[()]

    def compose(
        self, space_id: UUID, entity_id: UUID, user_id: UUID, due_at: datetime | None, *, afresh: bool
    ) -> Call[()]:
        """The row by which the job finds a thing. None: it posts nothing by itself, and has no row."""
        if due_at is None:
            return self.drop(of_space=space_id, of_entity=entity_id)
        keep = self.keep_afresh if afresh else self.keep
        return keep(of_space=space_id, of_entity=entity_id, user_id=user_id, due_at=due_at)


def dues_in(table: Table, id_column: str) -> Dues:
    of_space, entity_id, leased_until = table.c.space_id, table.c[id_column], table.c.leased_until
    is_it = (of_space == _OF_SPACE, entity_id == _OF_ENTITY)
    is_mine = (*is_it, leased_until == _LEASE)
    return Dues(
        keep=_keep(table, entity_id, "due_at"),
        keep_afresh=_keep(table, entity_id, "due_at", "leased_until"),
        drop=Statement(delete(table).where(*is_it)),
        look_again=Statement(update(table).where(of_space == _OF_SPACE).values(due_at=_NOW, leased_until=null())),
        lease=_lease(table, entity_id),
        release=Statement(update(table).where(*is_mine).values(leased_until=bindparam("until", type_=_MOMENT))),
        rest=Statement(update(table).where(*is_mine).values(due_at=_DUE_AT, leased_until=null())),
        end=Statement(delete(table).where(*is_mine)),
    )


def _keep(table: Table, entity_id: Column[UUID], *changing: str) -> Statement[()]:
    row = upsert(table).values(
        {
            "space_id": _OF_SPACE,
            entity_id.name: _OF_ENTITY,
            "user_id": bindparam("user_id", type_=Uuid),
            "due_at": _DUE_AT,
            "leased_until": null(),
        }
    )
    set_ = {name: row.excluded[name] for name in changing}
    return Statement(row.on_conflict_do_update(index_elements=["space_id", entity_id.name], set_=set_), makes_rows=True)


def _lease(table: Table, entity_id: Column[UUID]) -> Statement[UUID, UUID, UUID]:
    """Some of what is due, for one server. What was not worked on for longest comes first, so that nothing holds up the others. What is
    in a deleted space waits until it comes back."""
    of_space, due_at, leased_until = table.c.space_id, table.c.due_at, table.c.leased_until
    is_there = (space.c.id == of_space, space.c.deleted_at.is_(None), space.c.erased_at.is_(None))
    some = (
        select(of_space, entity_id)
        .where(
            due_at <= _NOW,
            or_(leased_until.is_(None), leased_until <= _NOW),
            exists(select(space.c.id).where(*is_there)),
        )
        .order_by(leased_until.nulls_first(), due_at, entity_id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(skip_locked=True)
        .cte("some")
    )
    return prepare(
        update(table)
        .where(tuple_(of_space, entity_id).in_(select(*some.c)))
        .values(leased_until=_LEASE)
        .returning(of_space, entity_id, table.c.user_id)  # type: ignore[arg-type]  # an UPDATE that returns rows is run like a query
    )
