"""How does somebody without a login come into a group, and how do they go?"""

from tallystick.ledger.rules import canonical, require_name
from tallystick.spaces import membership
from tallystick.store.members import MEMBER
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.space_pb2 import Member, MemberState


def add_guest(tx: WriteTx, name: str, member_id: str = "") -> Member:
    guest = Member(
        id=canonical(member_id) or str(tx.new_id()),
        space_id=str(tx.space_id),
        display_name=require_name("display_name", name),
        state=MemberState.MEMBER_STATE_GUEST,
        joined_at=to_timestamp(tx.now),
    )
    return tx.add(MEMBER, guest)


async def remove_guest(tx: WriteTx, guest: Member) -> Member:
    """Whoever calls has seen that nothing is open for them."""
    return await membership.end(tx, guest, MemberState.MEMBER_STATE_REMOVED)
