"""Who is in a space now, with a login and whatever role?"""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.notifications.writes import NOBODY
from tallystick.store import door
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tables import member
from tallystick.v1.space_pb2 import MemberState

USERS = prepare(
    select(member.c.user_id)
    .where(
        member.c.space_id == bindparam("space_id", type_=Uuid),
        member.c.user_id.is_not(None),
        member.c.state == MemberState.MEMBER_STATE_ACTIVE,
    )
    .order_by(member.c.id)
)


async def find_users(store: Store, space_id: UUID) -> list[UUID]:
    async with store.connection() as connection:
        _, rows = await connection.batch([door.CONTEXT(user_id=NOBODY, space_id=space_id), USERS(space_id=space_id)])
    return [user_id for (user_id,) in rows]
