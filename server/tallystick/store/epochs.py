"""How do devices learn that the database was put back to an earlier state? Every space gets a new epoch.

Without it a restored server would issue the same seqs again, for other changes, and no copy would ever know.
"""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, update

from tallystick.store import door, tables
from tallystick.store.statements import Statement
from tallystick.store.store import Store

_RENEW: Statement[()] = Statement(
    update(tables.space)
    .where(tables.space.c.id == bindparam("space_id", type_=Uuid))
    .values(epoch=func.gen_random_uuid())
)


async def renew_epochs(store: Store, space_ids: list[UUID]) -> None:
    """Devices make their copies of these spaces anew. What they have not sent yet stays as it is."""
    async with store.connection() as connection:
        renewals = [_RENEW(space_id=space_id) for space_id in space_ids]
        await connection.batch([door.BEGIN(), *renewals, door.COMMIT()])
