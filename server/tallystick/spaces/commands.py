"""What shall happen to the members of a space? One function per writing call, run inside the write door."""

from uuid import UUID

from tallystick.errors import Stale
from tallystick.groups.members.rules import require_settled
from tallystick.groups.sums.queries import read_nets_of
from tallystick.identity.queries import FIELDS_CHANGED_SINCE
from tallystick.masks import is_stale
from tallystick.spaces import membership, queries, rules
from tallystick.store.members import MEMBER, MEMBER_BY_ID, MEMBER_OF_USER
from tallystick.store.tx import WriteTx
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState, SpaceKind
from tallystick.v1.space_service_pb2 import (
    LeaveSpaceRequest,
    LeaveSpaceResponse,
    RemoveMemberRequest,
    RemoveMemberResponse,
    UpdateMemberRequest,
    UpdateMemberResponse,
)

# No version is above it: nothing was changed since.
_VERSION_MAX = 2**63 - 1


async def update_member(tx: WriteTx, request: UpdateMemberRequest) -> UpdateMemberResponse:
    wanted = rules.wanted_fields(request)
    member_id = UUID(request.member_id)
    base = request.base_version if request.HasField("base_version") else _VERSION_MAX
    heads, members, owners, since = await tx.fetch_all(
        queries.SPACE_HEAD(space_id=tx.space_id),
        MEMBER_BY_ID(space_id=tx.space_id, id=member_id),
        queries.OWNERS(space_id=tx.space_id),
        FIELDS_CHANGED_SINCE(space_id=tx.space_id, entity_id=member_id, version=base),
    )
    member = rules.require_present(tx.require(MEMBER, members))
    rules.require_may_update(tx.role, wanted, is_self=member.user_id == str(tx.caller.user_id))
    rules.require_shared(SpaceKind.ValueType(queries.Head(*heads[0]).kind))
    rules.require_may_have(member, wanted)
    after, changing = rules.compose_update(member, wanted)
    if "role" in changing and member.role == Role.ROLE_OWNER:
        rules.require_another_owner(member, [owner_id for (owner_id,) in owners])
    if is_stale(changing, (fields for (fields,) in since)):
        raise Stale(current_version=member.version)
    if not changing:
        return UpdateMemberResponse(member=member)
    if "role" in changing:
        tx.raise_access()
        tx.audit("role_changed", member_id)
    return UpdateMemberResponse(member=tx.put(MEMBER, member, after))


async def remove_member(tx: WriteTx, request: RemoveMemberRequest) -> RemoveMemberResponse:
    found = await tx.fetch(MEMBER_BY_ID(space_id=tx.space_id, id=UUID(request.member_id)))
    member = rules.require_present(tx.require(MEMBER, found))
    if member.user_id == str(tx.caller.user_id):
        return RemoveMemberResponse(member=await _end(tx, member, MemberState.MEMBER_STATE_LEFT))
    return RemoveMemberResponse(member=await _end(tx, member, MemberState.MEMBER_STATE_REMOVED))


async def leave_space(tx: WriteTx, request: LeaveSpaceRequest) -> LeaveSpaceResponse:
    found = await tx.fetch(MEMBER_OF_USER(space_id=tx.space_id, user_id=tx.caller.user_id))
    await _end(tx, tx.require(MEMBER, found), MemberState.MEMBER_STATE_LEFT)
    return LeaveSpaceResponse()


async def _end(tx: WriteTx, member: Member, state: MemberState.ValueType) -> Member:
    heads = await tx.fetch(queries.SPACE_HEAD(space_id=tx.space_id))
    rules.require_shared(SpaceKind.ValueType(queries.Head(*heads[0]).kind))
    # Only in a group is there anything to owe.
    require_settled(await read_nets_of(tx, UUID(member.id)))
    return await membership.end(tx, member, state)
