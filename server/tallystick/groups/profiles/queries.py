"""Which groups are there? Every SELECT about groups themselves; each names the space, or the user whose groups are listed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.groups.tables import GROUP, expense_group
from tallystick.store.apart import Apart
from tallystick.store.own_spaces import list_own
from tallystick.store.pages import Page
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.v1.group_pb2 import Group, ListGroupsRequest
from tallystick.v1.space_pb2 import SpaceKind

_SPACE_ID = bindparam("space_id", type_=Uuid)

# A group has the id of its space.
_group = select(expense_group.c.id, expense_group.c.version, expense_group.c.body).where(
    expense_group.c.space_id == _SPACE_ID, expense_group.c.id == _SPACE_ID
)
GROUP_OF_SPACE = prepare(_group.where(expense_group.c.deleted_at.is_(None)))
DELETED_GROUP_OF_SPACE = prepare(_group.where(expense_group.c.deleted_at.is_not(None)))


async def get_group(tx: ReadTx) -> Group:
    """The group that the space is."""
    return tx.require(GROUP, await tx.fetch(GROUP_OF_SPACE(space_id=tx.space_id)))


async def get_group_name(tx: ReadTx) -> str:
    """What the space is called."""
    return (await get_group(tx)).name


async def list_groups(
    store: Store, apart: Apart, caller: Caller, request: ListGroupsRequest, after: Sequence[str] | None
) -> Page[Group]:
    """A page, oldest first, each group as it is when it is looked at."""

    async def find(space_id: UUID) -> Group | None:
        return await find_group(store, caller, request, space_id, deleted=request.deleted)

    return await list_own(apart, caller, SpaceKind.SPACE_KIND_GROUP, request, after, find)


async def find_group(
    store: Store, caller: Caller, request: Any, space_id: UUID, *, deleted: bool = False
) -> Group | None:
    """None: left, deleted, restored or erased since the caller's list was read."""
    tx = store.reader(caller, space_id, request, even_deleted=deleted)
    query = DELETED_GROUP_OF_SPACE if deleted else GROUP_OF_SPACE
    try:
        return tx.require(GROUP, await tx.fetch(query(space_id=space_id)))
    except NotVisible:
        return None
