"""How do devices learn that the database was put back to an earlier state? Every space gets a new epoch, and goes on at seqs that it
cannot have issued before.

Without the epoch no copy would know that what it holds is no more. Without the leap a mutation that was made on a version of the lost
time would seem to have seen what others write from now on.
"""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, update

from tallystick.store import door, tables
from tallystick.store.statements import Statement
from tallystick.store.store import Store

# More than any space wrote between the state that it was put back to and the one that was lost.
LEAP = 2**32
# Locked in the database by whoever restores into it, for as long as it takes.
RESTORING = int.from_bytes(b"restores", signed=True)
_RENEW: Statement[()] = Statement(
    update(tables.space)
    .where(tables.space.c.id == bindparam("space_id", type_=Uuid))
    .values(epoch=func.gen_random_uuid(), seq=tables.space.c.seq + LEAP)
)


async def renew_epochs(store: Store, space_ids: list[UUID]) -> None:
    """Devices make their copies of these spaces anew. What they have not sent yet stays as it is."""
    async with store.connection() as connection:
        renewals = [_RENEW(space_id=space_id) for space_id in space_ids]
        await connection.batch([door.BEGIN(), *renewals, door.COMMIT()])
