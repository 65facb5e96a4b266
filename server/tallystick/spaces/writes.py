"""What must be written beside a space in the same commit? The user's list of spaces, and the ways to invitations."""

from sqlalchemy import DateTime, LargeBinary, Uuid, bindparam, insert, null, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tallystick.spaces.tables import invitation_route
from tallystick.store.statements import Statement
from tallystick.store.tables import user_space

_OF_USER = bindparam("of_user", type_=Uuid)
_OF_SPACE = bindparam("of_space", type_=Uuid)

# Whoever comes back finds their own row again.
JOIN_SPACE: Statement[()] = Statement(
    upsert(user_space)
    .values(user_id=_OF_USER, space_id=_OF_SPACE)
    .on_conflict_do_update(index_elements=["user_id", "space_id"], set_={"left_at": null()})
)
LEAVE_SPACE: Statement[()] = Statement(
    update(user_space)
    .where(user_space.c.user_id == _OF_USER, user_space.c.space_id == _OF_SPACE)
    .values(left_at=bindparam("now", type_=DateTime(timezone=True)))
)

ADD_ROUTE: Statement[()] = Statement(
    insert(invitation_route).values(
        lookup=bindparam("lookup", type_=LargeBinary),
        invitation_id=bindparam("invitation_id", type_=Uuid),
        space_id=bindparam("space_id", type_=Uuid),
    )
)
