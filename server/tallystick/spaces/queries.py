"""Who is in a space, and who is invited? Every SELECT of the spaces; each names the space, the user or the secret's hash."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, Integer, LargeBinary, SmallInteger, Uuid, bindparam, or_, select, tuple_

from tallystick.errors import NotVisible
from tallystick.spaces.tables import INVITATION, invitation, invitation_route
from tallystick.store.members import MEMBER
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import member, space, user_space
from tallystick.store.tx import ReadTx
from tallystick.times import to_timestamp
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Invitation, InvitationState, Member, MemberState, Space, SpaceKind

# How each kind of space says its name. A kind that is not here has none.
Names = Mapping[SpaceKind.ValueType, Callable[[ReadTx], Awaitable[str]]]

_SPACE_ID = bindparam("space_id", type_=Uuid)
_USER_ID = bindparam("user_id", type_=Uuid)
_ID = bindparam("id", type_=Uuid)
_LIMIT = bindparam("limit", type_=Integer)
_LOOKUP = bindparam("lookup", type_=LargeBinary)
_AFTER_ID = bindparam("after_id", type_=Uuid)

# Below and above every id, for lists that start at the beginning.
ID_MIN, ID_MAX = UUID(int=0), UUID(int=2**128 - 1)

SPACE_HEAD = prepare(select(space.c.id, space.c.kind, space.c.seq, space.c.created_at).where(space.c.id == _SPACE_ID))

_spaces = (
    select(space.c.id, space.c.kind, space.c.seq, space.c.created_at, user_space.c.created_at)
    .select_from(user_space.join(space, space.c.id == user_space.c.space_id))
    .where(
        user_space.c.user_id == _USER_ID,
        user_space.c.left_at.is_(None),
        space.c.erased_at.is_(None),
        space.c.deleted_at.is_(None),
        or_(
            space.c.kind == bindparam("kind", type_=SmallInteger),
            bindparam("kind", type_=SmallInteger) == SpaceKind.SPACE_KIND_UNSPECIFIED,
        ),
    )
    .order_by(user_space.c.created_at, user_space.c.space_id)
    .limit(_LIMIT)
)
SPACES_OF_USER = prepare(_spaces)
SPACES_OF_USER_AFTER = prepare(
    _spaces.where(
        tuple_(user_space.c.created_at, user_space.c.space_id)
        > tuple_(bindparam("after", type_=DateTime(timezone=True)), _AFTER_ID)
    )
)

_member = select(member.c.id, member.c.version, member.c.body).where(member.c.space_id == _SPACE_ID)
# A member's id is made when they join, and ids follow time.
MEMBERS_AFTER = prepare(_member.where(member.c.id > _AFTER_ID).order_by(member.c.id).limit(_LIMIT))
OWNERS = prepare(
    select(member.c.id).where(
        member.c.space_id == _SPACE_ID,
        member.c.role == Role.ROLE_OWNER,
        member.c.state == MemberState.MEMBER_STATE_ACTIVE,
    )
)

_invitation = select(invitation.c.id, invitation.c.version, invitation.c.body).where(invitation.c.space_id == _SPACE_ID)
INVITATION_BY_ID = prepare(_invitation.where(invitation.c.id == _ID))
INVITATIONS_BEFORE = prepare(
    _invitation.where(invitation.c.id < _AFTER_ID).order_by(invitation.c.id.desc()).limit(_LIMIT)
)
# The ones of a space that lie behind one address and that nobody has answered.
UNANSWERED = prepare(
    select(invitation.c.id, invitation.c.version, invitation.c.body)
    .select_from(invitation_route.join(invitation, invitation.c.id == invitation_route.c.invitation_id))
    .where(
        invitation_route.c.lookup == _LOOKUP,
        invitation_route.c.space_id == _SPACE_ID,
        invitation.c.space_id == _SPACE_ID,
        invitation.c.state == InvitationState.INVITATION_STATE_OPEN,
    )
)

_route = select(invitation_route.c.invitation_id, invitation_route.c.space_id).where(
    invitation_route.c.lookup == _LOOKUP
)
ROUTES_BEFORE = prepare(
    _route.where(invitation_route.c.invitation_id < _AFTER_ID)
    .order_by(invitation_route.c.invitation_id.desc())
    .limit(_LIMIT)
)
ROUTE_TO = prepare(_route.where(invitation_route.c.invitation_id == _ID))


class Head(NamedTuple):
    """What stands at the head of a space. It holds no secret."""

    id: UUID
    kind: int
    seq: int
    created_at: datetime


class Route(NamedTuple):
    """Where an invitation lies."""

    invitation_id: UUID
    space_id: UUID


async def get_space(tx: ReadTx, names: Names) -> Space:
    rows = await tx.fetch(SPACE_HEAD(space_id=tx.space_id))
    return await describe(tx, Head(*rows[0]), names)


async def describe(tx: ReadTx, head: Head, names: Names) -> Space:
    """The space as the caller sees it."""
    name = await get_name(tx, head, names)
    if head.kind not in names:
        # Nothing was read yet, so the caller's role is not known yet.
        await tx.fetch_all()
    return compose_space(head, name, tx.role)


async def get_name(tx: ReadTx, head: Head, names: Names) -> str:
    find = names.get(SpaceKind.ValueType(head.kind))
    return await find(tx) if find else ""


def compose_space(head: Head, name: str, role: Role.ValueType) -> Space:
    return Space(
        id=str(head.id),
        kind=SpaceKind.ValueType(head.kind),
        name=name,
        role=role,
        head=head.seq,
        created_at=to_timestamp(head.created_at),
    )


async def list_members(tx: ReadTx, requested: int, after: Sequence[str] | None) -> Page[Member]:
    """A page, oldest first. `after` is the id of the last member of the page before."""
    size = page_size(requested)
    after_id = UUID(after[0]) if after else ID_MIN
    rows = await tx.fetch(MEMBERS_AFTER(space_id=tx.space_id, after_id=after_id, limit=size + 1))
    return page_of(tx, MEMBER, rows, size, lambda last: (last.id,))


async def list_invitations(tx: ReadTx, requested: int, after: Sequence[str] | None) -> Page[Invitation]:
    """A page of the space's invitations, newest first. `after` is the id of the last one of the page before."""
    size = page_size(requested)
    after_id = UUID(after[0]) if after else ID_MAX
    rows = await tx.fetch(INVITATIONS_BEFORE(space_id=tx.space_id, after_id=after_id, limit=size + 1))
    return page_of(tx, INVITATION, rows, size, lambda last: (last.id,))


async def find_invitation(tx: ReadTx, invitation_id: UUID) -> Invitation | None:
    """The invitation, unless its space is gone."""
    try:
        rows = await tx.fetch(INVITATION_BY_ID(space_id=tx.space_id, id=invitation_id))
    except NotVisible:
        return None
    return tx.open(INVITATION, rows[0]) if rows else None
