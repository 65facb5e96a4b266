"""Who is in a group?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, select

from tallystick.groups.members.rules import Roster
from tallystick.groups.members.rules_leaving import OpenDebt, debts_of_member
from tallystick.groups.sums.queries import nets_of, read_all
from tallystick.groups.tables import JOIN_REQUEST, join_request
from tallystick.ledger.nouns.queries import ID_MIN
from tallystick.store.members import MEMBER, MEMBER_OF_USER
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import prepare
from tallystick.store.tables import member
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.v1.group_members_pb2 import JoinRequest, JoinRequestState, ListJoinRequestsRequest
from tallystick.v1.space_pb2 import Member

# All of them: a group has few, and who is named must be told from who is gone.
MEMBERS = prepare(
    select(member.c.id, member.c.version, member.c.body)
    .where(member.c.space_id == bindparam("space_id", type_=Uuid))
    .order_by(member.c.id)
)

_SPACE_ID = bindparam("space_id", type_=Uuid)
_request = select(join_request.c.id, join_request.c.version, join_request.c.body).where(
    join_request.c.space_id == _SPACE_ID
)
_is_open = join_request.c.state == JoinRequestState.JOIN_REQUEST_STATE_OPEN
JOIN_REQUEST_BY_ID = prepare(_request.where(join_request.c.id == bindparam("id", type_=Uuid)))
JOIN_REQUESTS_OF_USER = prepare(_request.where(join_request.c.user_id == bindparam("user_id", type_=Uuid)))
# Ids follow time.
OPEN_JOIN_REQUESTS_AFTER = prepare(
    _request.where(_is_open, join_request.c.id > bindparam("after_id", type_=Uuid))
    .order_by(join_request.c.id)
    .limit(bindparam("limit", type_=Integer))
)


async def read_roster(tx: ReadTx) -> Roster:
    return open_roster(tx, await tx.fetch(MEMBERS(space_id=tx.space_id)))


def open_roster(tx: ReadTx, rows: Iterable[tuple[UUID, int, bytes]]) -> Roster:
    return Roster({row[0]: tx.open(MEMBER, row) for row in rows})


async def get_own_member(tx: WriteTx) -> Member:
    """The member that the caller is."""
    return tx.require(MEMBER, await tx.fetch(MEMBER_OF_USER(space_id=tx.space_id, user_id=tx.caller.user_id)))


@dataclass(frozen=True, slots=True)
class Open:
    """What is open between a member and the others: altogether by currency, and with each. Nothing where it is zero."""

    nets: dict[str, int]
    debts: list[OpenDebt]


async def read_open(tx: ReadTx, member_id: UUID) -> Open:
    sums = await read_all(tx)
    return Open(nets_of(sums, member_id), debts_of_member(member_id, sums.debts))


async def find_open_request(tx: ReadTx, user_id: UUID) -> JoinRequest | None:
    """A user's request that nobody has answered. There is at most one."""
    rows = await tx.fetch(JOIN_REQUESTS_OF_USER(space_id=tx.space_id, user_id=user_id))
    found = (tx.open(JOIN_REQUEST, row) for row in rows)
    return next((each for each in found if each.state == JoinRequestState.JOIN_REQUEST_STATE_OPEN), None)


async def list_join_requests(
    tx: ReadTx, request: ListJoinRequestsRequest, after: Sequence[str] | None
) -> Page[JoinRequest]:
    """A page of those that nobody has answered, the oldest first."""
    size = page_size(request.page_size)
    after_id = UUID(after[0]) if after else ID_MIN
    rows = await tx.fetch(OPEN_JOIN_REQUESTS_AFTER(space_id=tx.space_id, after_id=after_id, limit=size + 1))
    return page_of(tx, JOIN_REQUEST, rows, size, lambda last: (last.id,))
