"""Which spaces of one kind is a user in? The oldest first, a page at a time, each as it is when it is looked at."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import ARRAY, Boolean, DateTime, Integer, SmallInteger, Uuid, any_, bindparam, or_, select, tuple_

from tallystick.caller import Caller
from tallystick.store.apart import Apart
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import space, user_space
from tallystick.v1.space_pb2 import SpaceKind

M = TypeVar("M", bound=Message)

_ONLY = bindparam("only", type_=ARRAY(Uuid))

# `only` are the spaces that an access key is limited to. Null: no limit.
_OF_USER = prepare(
    select(space.c.id, space.c.created_at)
    .select_from(user_space.join(space, space.c.id == user_space.c.space_id))
    .where(
        user_space.c.user_id == bindparam("user_id", type_=Uuid),
        user_space.c.left_at.is_(None),
        space.c.kind == bindparam("kind", type_=SmallInteger),
        space.c.erased_at.is_(None),
        space.c.deleted_at.is_not(None) == bindparam("deleted", type_=Boolean),
        or_(_ONLY.is_(None), space.c.id == any_(_ONLY)),
        tuple_(space.c.created_at, space.c.id)
        > tuple_(bindparam("after", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid)),
    )
    .order_by(space.c.created_at, space.c.id)
    .limit(bindparam("limit", type_=Integer))
)


class OwnSpace(NamedTuple):
    """A space and when it was made, which is its place in the list."""

    id: UUID
    created_at: datetime

    @property
    def position(self) -> tuple[str, str]:
        return self.created_at.isoformat(), str(self.id)


_BEGINNING = OwnSpace(UUID(int=0), datetime.min.replace(tzinfo=UTC)).position


async def read_own(
    apart: Apart,
    caller: Caller,
    kind: SpaceKind.ValueType,
    limit: int,
    after: Sequence[str] | None,
    *,
    deleted: bool = False,
) -> list[OwnSpace]:
    """The next of them. `after` is the position of the last one before."""
    moment, last_id = after or _BEGINNING
    rows = await apart.fetch(
        _OF_USER(
            user_id=caller.user_id,
            kind=kind,
            deleted=deleted,
            only=sorted(caller.key_limits.book_ids) if caller.key_limits else None,
            after=datetime.fromisoformat(moment),
            after_id=UUID(last_id),
            limit=limit,
        )
    )
    return [OwnSpace(*row) for row in rows]


async def list_own(
    apart: Apart,
    caller: Caller,
    kind: SpaceKind.ValueType,
    request: Any,
    after: Sequence[str] | None,
    find: Callable[[UUID], Awaitable[M | None]],
) -> Page[M]:
    """A page of what the spaces hold. `find` says None of a space that the caller lost since the list was read."""
    size = page_size(request.page_size)
    spaces = await read_own(apart, caller, kind, size + 1, after, deleted=request.deleted)
    found = [await find(each.id) for each in spaces[:size]]
    return Page([one for one in found if one], spaces[size - 1].position if len(spaces) > size else ())
