"""How is a member of a space kept? The door itself makes the first one of each space: its owner."""

from uuid import UUID

from tallystick.store.entity import Entity
from tallystick.store.tables import member
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import Member, MemberState

MEMBER = Entity(
    member,
    Member,
    lambda message: {
        "user_id": UUID(message.user_id) if message.user_id else None,
        "role": message.role,
        "state": message.state,
    },
)


def add_member(tx: WriteTx, user_id: UUID, display_name: str, role: Role.ValueType) -> Member:
    return tx.add(
        MEMBER,
        Member(
            id=str(tx.new_id()),
            space_id=str(tx.space_id),
            user_id=str(user_id),
            display_name=display_name,
            role=role,
            state=MemberState.MEMBER_STATE_ACTIVE,
            joined_at=to_timestamp(tx.now),
        ),
    )
