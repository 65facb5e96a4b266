"""In whose name is posted what posts by itself?"""

from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, or_, select

from tallystick.store import door
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tables import member
from tallystick.v1.role_pb2 import Role
from tallystick.v1.space_pb2 import MemberState

_NOBODY = UUID(int=0)
_USER_ID = bindparam("user_id", type_=Uuid)

# Who made it, or if they may not write here any more, the owner who has been here for longest.
ACTING_USER = prepare(
    select(member.c.user_id)
    .where(
        member.c.space_id == bindparam("space_id", type_=Uuid),
        member.c.state == MemberState.MEMBER_STATE_ACTIVE,
        or_(
            and_(member.c.user_id == _USER_ID, member.c.role >= Role.ROLE_EDITOR),
            member.c.role == Role.ROLE_OWNER,
        ),
    )
    .order_by(member.c.user_id != _USER_ID, member.c.id)
    .limit(1)
)


async def find_acting_user(store: Store, space_id: UUID, user_id: UUID) -> UUID | None:
    """None: nobody is left who may write."""
    context = door.CONTEXT(user_id=_NOBODY, space_id=space_id)
    async with store.connection() as connection:
        _, rows = await connection.batch([context, ACTING_USER(space_id=space_id, user_id=user_id)])
    return rows[0][0] if rows else None
