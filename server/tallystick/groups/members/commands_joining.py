"""What shall happen to somebody who wants to be in a group? Run inside the write door; they are no member yet."""

from tallystick.errors import NotVisible
from tallystick.groups.members import rules_joining as rules
from tallystick.groups.members.queries import find_open_request
from tallystick.groups.profiles.queries import get_group
from tallystick.groups.profiles.rules import is_listed
from tallystick.groups.tables import JOIN_REQUEST
from tallystick.spaces import membership
from tallystick.spaces.rules import already_member
from tallystick.store.members import NAMED_IN_SPACE
from tallystick.store.tx import WriteTx
from tallystick.v1.group_members_pb2 import JoinGroupRequest, JoinGroupResponse, JoinRequest
from tallystick.v1.group_pb2 import JoinPolicy
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import MemberState


async def join_group(tx: WriteTx, request: JoinGroupRequest, display_name: str) -> JoinGroupResponse:
    group = await get_group(tx)
    if not is_listed(group):
        raise NotVisible
    member = await membership.find_member(tx, tx.caller.user_id)
    if member and member.state == MemberState.MEMBER_STATE_ACTIVE:
        raise already_member()
    rules.require_joinable(group)
    if group.join_policy == JoinPolicy.JOIN_POLICY_OPEN:
        user_id = tx.caller.user_id
        return JoinGroupResponse(member=await membership.let_in(tx, user_id, display_name, Role.ROLE_EDITOR))
    return JoinGroupResponse(join_request=await _ask(tx, request, display_name))


async def _ask(tx: WriteTx, request: JoinGroupRequest, display_name: str) -> JoinRequest:
    asked = await find_open_request(tx, tx.caller.user_id)
    if asked is not None:
        # Written again as it is: by its journal the door knows whose answer this is, should the request be repeated.
        return tx.put(JOIN_REQUEST, asked, rules.copy_of(asked))
    tx.beside(NAMED_IN_SPACE(of_user=tx.caller.user_id, of_space=tx.space_id, now=tx.now))
    made = rules.compose_request(request, tx.new_id(), tx.caller.user_id, display_name, tx.now)
    return tx.add(JOIN_REQUEST, made)
