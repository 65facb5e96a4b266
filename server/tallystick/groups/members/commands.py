"""What shall happen to the members of a group? One function per writing call, run inside the write door."""

from uuid import UUID

from tallystick.groups.members import guests, queries
from tallystick.groups.members.leaving import settle_up
from tallystick.groups.members.queries import MEMBERS, open_roster
from tallystick.groups.members.rules import require_in, require_settled
from tallystick.groups.members.rules_joining import compose_answer, require_open
from tallystick.groups.profiles.queries import GROUP_OF_SPACE, get_group
from tallystick.groups.profiles.rules import require_in_use
from tallystick.groups.tables import GROUP, JOIN_REQUEST
from tallystick.spaces import membership
from tallystick.spaces.rules import is_in, require_owner
from tallystick.store.tx import WriteTx
from tallystick.v1.group_members_pb2 import (
    AddGuestRequest,
    AddGuestResponse,
    AnswerJoinRequestRequest,
    AnswerJoinRequestResponse,
    LeaveGroupRequest,
    LeaveGroupResponse,
)
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import MemberState


async def answer_join_request(tx: WriteTx, request: AnswerJoinRequestRequest) -> AnswerJoinRequestResponse:
    rows = await tx.fetch(queries.JOIN_REQUEST_BY_ID(space_id=tx.space_id, id=UUID(request.join_request_id)))
    asked = tx.require(JOIN_REQUEST, rows)
    require_open(asked)
    answered = tx.put(JOIN_REQUEST, asked, compose_answer(asked, approve=request.approve))
    if not request.approve:
        return AnswerJoinRequestResponse(join_request=answered)
    member = await membership.let_in(tx, UUID(asked.user_id), asked.display_name, Role.ROLE_EDITOR)
    return AnswerJoinRequestResponse(join_request=answered, member=member)


async def add_guest(tx: WriteTx, request: AddGuestRequest) -> AddGuestResponse:
    require_in_use(await get_group(tx))
    return AddGuestResponse(member=guests.add_guest(tx, request.display_name, request.member_id))


async def leave_group(tx: WriteTx, request: LeaveGroupRequest) -> LeaveGroupResponse:
    groups, rows = await tx.fetch_all(GROUP_OF_SPACE(space_id=tx.space_id), MEMBERS(space_id=tx.space_id))
    group, roster = tx.require(GROUP, groups), open_roster(tx, rows)
    own = roster.get_user(tx.caller.user_id)
    member_id = UUID(request.member_id or own.id)
    is_self = member_id == UUID(own.id)
    if not is_self:
        require_owner(tx.role)
    member = roster.get(member_id)
    open_now = await queries.read_open(tx, member_id)
    if not request.WhichOneof("remainder"):
        require_in(member)
        require_settled(open_now.nets)
        settlements = []
    else:
        if not open_now.debts:
            require_in(member)
        settlements = await settle_up(tx, request, group, roster, UUID(own.id), member_id, open_now)
    if is_in(member):
        # Of somebody who was gone already, and still owed, only that is over.
        ended = MemberState.MEMBER_STATE_LEFT if is_self else MemberState.MEMBER_STATE_REMOVED
        member = await membership.end(tx, member, ended)
    return LeaveGroupResponse(member=member, settlement_ids=[each.id for each in settlements])
