"""What must be written beside a space in the same commit? The ways to invitations."""

from sqlalchemy import LargeBinary, Uuid, bindparam, insert

from tallystick.spaces.tables import invitation_route
from tallystick.store.statements import Statement

ADD_ROUTE: Statement[()] = Statement(
    insert(invitation_route).values(
        lookup=bindparam("lookup", type_=LargeBinary),
        invitation_id=bindparam("invitation_id", type_=Uuid),
        space_id=bindparam("space_id", type_=Uuid),
    )
)
