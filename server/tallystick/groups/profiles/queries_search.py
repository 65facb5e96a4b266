"""Which groups does a search find? The caller's own first, each opened from its space; then those that everybody may find, by name.

A search looks at so much and no more, however little it finds: then the page ends early, and its token goes on from there.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, exists, func, select, tuple_

from tallystick.caller import Caller
from tallystick.groups.profiles.queries import find_group
from tallystick.groups.profiles.rules import is_about
from tallystick.groups.tables import group_listing
from tallystick.store.apart import Apart
from tallystick.store.own_spaces import read_own
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tables import user_space
from tallystick.v1.group_members_pb2 import FoundGroup, SearchGroupsRequest
from tallystick.v1.group_pb2 import Group, JoinPolicy
from tallystick.v1.space_pb2 import SpaceKind

# So many of the caller's own groups, and of the listed ones, are looked at for one page.
OWN_LOOKED_AT = 200
LISTED_LOOKED_AT = 2000
# As much of a name as a page token has room for.
NAME_KEPT = 40

_OWN, _LISTED = "own", "listed"

_listing = group_listing
_AFTER_ID = bindparam("after_id", type_=Uuid)
_name_of_last = select(_listing.c.name).where(_listing.c.space_id == _AFTER_ID).scalar_subquery()
_in_it = exists(
    select(user_space.c.space_id).where(
        user_space.c.user_id == bindparam("user_id", type_=Uuid),
        user_space.c.space_id == _listing.c.space_id,
        user_space.c.left_at.is_(None),
    )
)
# `after_name` is where to go on when the last one is no more listed.
LISTED_AFTER = prepare(
    select(
        _listing.c.space_id,
        _listing.c.name,
        _listing.c.description,
        _listing.c.default_currency,
        _listing.c.join_policy,
        _in_it.label("in_it"),
    )
    .where(
        tuple_(_listing.c.name, _listing.c.space_id)
        > tuple_(func.coalesce(_name_of_last, bindparam("after_name", type_=Text)), _AFTER_ID)
    )
    .order_by(_listing.c.name, _listing.c.space_id)
    .limit(bindparam("limit", type_=Integer))
)
IS_LISTED = prepare(select(_listing.c.space_id).where(_listing.c.space_id == bindparam("of_space", type_=Uuid)))


class _Listed(NamedTuple):
    space_id: UUID
    name: str
    description: str
    default_currency: str
    join_policy: int
    in_it: bool

    @property
    def position(self) -> tuple[str, str, str]:
        return _LISTED, self.name[:NAME_KEPT], str(self.space_id)


async def search_groups(
    store: Store, apart: Apart, caller: Caller, request: SearchGroupsRequest, after: Sequence[str] | None
) -> Page[FoundGroup]:
    size = page_size(request.page_size)
    place, *position = after or (_OWN,)
    found: list[FoundGroup] = []
    if place == _OWN:
        page = await _search_own(store, apart, caller, request, position, size)
        if page.last:
            return page
        found, position = page.items, []
    page = await _search_listed(apart, caller, request.query, position, size - len(found))
    return Page([*found, *page.items], page.last)


async def is_listed(apart: Apart, group_id: UUID) -> bool:
    """Whether everybody may find it. Nobody else's space is touched to say so."""
    return bool(await apart.fetch(IS_LISTED(of_space=group_id)))


async def _search_own(
    store: Store, apart: Apart, caller: Caller, request: SearchGroupsRequest, position: Sequence[str], size: int
) -> Page[FoundGroup]:
    spaces = await read_own(apart, caller, SpaceKind.SPACE_KIND_GROUP, OWN_LOOKED_AT, position or None)
    found: list[FoundGroup] = []
    last = tuple(position)
    for each in spaces:
        group = await find_group(store, caller, request, each.id)
        if group and is_about(request.query, group.name, group.description):
            if len(found) == size:
                return Page(found, (_OWN, *last))
            found.append(_of_own(group))
        last = each.position
    return Page(found, (_OWN, *spaces[-1].position) if len(spaces) == OWN_LOOKED_AT else ())


async def _search_listed(
    apart: Apart, caller: Caller, query: str, position: Sequence[str], size: int
) -> Page[FoundGroup]:
    name, last_id = position or ("", str(UUID(int=0)))
    rows = await apart.fetch(
        LISTED_AFTER(user_id=caller.user_id, after_name=name, after_id=UUID(last_id), limit=LISTED_LOOKED_AT)
    )
    found: list[FoundGroup] = []
    last: _Listed | None = None
    for each in (_Listed(*row) for row in rows):
        if not each.in_it and is_about(query, each.name, each.description):
            if len(found) == size:
                return Page(found, last.position if last else (_LISTED, name, last_id))
            found.append(_of_listed(each))
        last = each
    return Page(found, last.position if last and len(rows) == LISTED_LOOKED_AT else ())


def _of_own(group: Group) -> FoundGroup:
    return FoundGroup(
        group_id=group.id,
        name=group.name,
        description=group.description,
        default_currency=group.default_currency,
        join_policy=group.join_policy,
        is_member=True,
    )


def _of_listed(listed: _Listed) -> FoundGroup:
    return FoundGroup(
        group_id=str(listed.space_id),
        name=listed.name,
        description=listed.description,
        default_currency=listed.default_currency,
        join_policy=JoinPolicy.ValueType(listed.join_policy),
    )
