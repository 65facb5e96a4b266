"""How is a member of a space kept, and the space in their list? The door itself makes the first one of each space: its owner."""

from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.store.entity import Entity
from tallystick.store.statements import Statement, prepare
from tallystick.store.tables import member, user_space
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

_member = select(member.c.id, member.c.version, member.c.body).where(
    member.c.space_id == bindparam("space_id", type_=Uuid)
)
MEMBER_BY_ID = prepare(_member.where(member.c.id == bindparam("id", type_=Uuid)))
# The member that a user is or was.
MEMBER_OF_USER = prepare(_member.where(member.c.user_id == bindparam("user_id", type_=Uuid)))

_OF_USER = bindparam("of_user", type_=Uuid)
_OF_SPACE = bindparam("of_space", type_=Uuid)
_NOW = bindparam("now", type_=DateTime(timezone=True))

# Whoever comes back finds their own row again.
JOIN_SPACE: Statement[()] = Statement(
    upsert(user_space)
    .values(user_id=_OF_USER, space_id=_OF_SPACE)
    .on_conflict_do_update(index_elements=["user_id", "space_id"], set_={"left_at": null()})
)
LEAVE_SPACE: Statement[()] = Statement(
    update(user_space).where(user_space.c.user_id == _OF_USER, user_space.c.space_id == _OF_SPACE).values(left_at=_NOW)
)
# Somebody who is not in a space leaves their name in it: whoever is erased must be found there, too.
NAMED_IN_SPACE: Statement[()] = Statement(
    upsert(user_space).values(user_id=_OF_USER, space_id=_OF_SPACE, left_at=_NOW).on_conflict_do_nothing()
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
