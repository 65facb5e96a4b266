"""How does somebody come to be a member, and how do they stop? For the commands of all features that let people in or out.

The space is in the user's list, or leaves it, in the same commit: neither is ever true without the other.
"""

from uuid import UUID

from tallystick.spaces import queries, rules
from tallystick.store.members import JOIN_SPACE, LEAVE_SPACE, MEMBER, MEMBER_BY_ID, MEMBER_OF_USER, add_member
from tallystick.store.tx import WriteTx
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState


async def find_member(tx: WriteTx, user_id: UUID) -> Member | None:
    """The member that a user is or was."""
    rows = await tx.fetch(MEMBER_OF_USER(space_id=tx.space_id, user_id=user_id))
    return tx.open(MEMBER, rows[0]) if rows else None


async def let_in(tx: WriteTx, user_id: UUID, display_name: str, role: Role.ValueType) -> Member:
    """A user becomes a member, or again the member that they were."""
    former = await find_member(tx, user_id)
    if former is None:
        return _joined(tx, user_id, add_member(tx, user_id, display_name, role))
    if former.state == MemberState.MEMBER_STATE_ACTIVE:
        raise rules.already_member()
    return _joined(tx, user_id, tx.put(MEMBER, former, rules.compose_return(former, role)))


async def take_place(tx: WriteTx, guest_id: UUID, user_id: UUID, display_name: str, role: Role.ValueType) -> Member:
    """A user becomes the member that a guest is, with all that was shared with them."""
    if await find_member(tx, user_id) is not None:
        # One user is one member: who was a member before cannot be another one, too.
        raise rules.already_member()
    guest = tx.require(MEMBER, await tx.fetch(MEMBER_BY_ID(space_id=tx.space_id, id=guest_id)))
    rules.require_unclaimed(guest)
    return _joined(tx, user_id, tx.put(MEMBER, guest, rules.compose_claim(guest, user_id, display_name, role)))


async def end(tx: WriteTx, member: Member, state: MemberState.ValueType) -> Member:
    """Ends a membership, unless the space would be without an owner."""
    owners = await tx.fetch(queries.OWNERS(space_id=tx.space_id))
    rules.require_another_owner(member, [owner_id for (owner_id,) in owners])
    if member.user_id:
        tx.beside(LEAVE_SPACE(of_user=UUID(member.user_id), of_space=tx.space_id, now=tx.now))
    tx.raise_access()
    has_left = state == MemberState.MEMBER_STATE_LEFT
    tx.audit("member_left" if has_left else "member_removed", UUID(member.id))
    return tx.put(MEMBER, member, rules.compose_end(member, state))


def _joined(tx: WriteTx, user_id: UUID, member: Member) -> Member:
    tx.beside(JOIN_SPACE(of_user=user_id, of_space=tx.space_id))
    tx.raise_access()
    tx.audit("member_joined", UUID(member.id))
    return member
