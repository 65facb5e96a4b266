"""What must be written beside a space in the same commit? The user's list of spaces, the ways to invitations, the space's access."""

from sqlalchemy import LargeBinary, Uuid, bindparam, delete, insert, update

from tallystick.spaces.tables import invitation_route
from tallystick.store.statements import Statement
from tallystick.store.tables import space, user_space

_OF_USER = bindparam("of_user", type_=Uuid)
_OF_SPACE = bindparam("of_space", type_=Uuid)

ADD_USER_SPACE: Statement[()] = Statement(insert(user_space).values(user_id=_OF_USER, space_id=_OF_SPACE))
DROP_USER_SPACE: Statement[()] = Statement(
    delete(user_space).where(user_space.c.user_id == _OF_USER, user_space.c.space_id == _OF_SPACE)
)

# Rises with every change of roles or membership: what clients hold may be more than they may see now.
RAISE_ACCESS: Statement[()] = Statement(
    update(space).where(space.c.id == _OF_SPACE).values(access_revision=space.c.access_revision + 1)
)

ADD_ROUTE: Statement[()] = Statement(
    insert(invitation_route).values(
        lookup=bindparam("lookup", type_=LargeBinary),
        invitation_id=bindparam("invitation_id", type_=Uuid),
        space_id=bindparam("space_id", type_=Uuid),
    )
)
