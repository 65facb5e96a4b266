"""How is noted in a space's audit chain what changes nothing in it, such as an export? Under the space's lock, like every link of the
chain, but without a sequence number: copies have nothing to learn from it."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.caller import Caller
from tallystick.store import audit, door
from tallystick.store.audit import AuditNote
from tallystick.store.statements import Statement, prepare
from tallystick.store.store import Store
from tallystick.store.tables import space

_LOCK: Statement[int] = prepare(
    select(space.c.seq).where(space.c.id == bindparam("space_id", type_=Uuid)).with_for_update()
)


async def note(store: Store, caller: Caller, space_id: UUID, done: AuditNote) -> None:
    """For a caller who was admitted to the space just before: this lets nobody in."""
    context = door.CONTEXT(user_id=caller.user_id, space_id=space_id)
    origin = audit.Origin(caller.user_id, caller.session_id, None, store.hash_address(caller.address))
    async with store.connection() as connection:
        *_, head = await connection.batch(
            [door.BEGIN(), context, _LOCK(space_id=space_id), audit.HEAD(scope_id=space_id)]
        )
        links = audit.compose_calls(space_id, [(row[0], row[1]) for row in head], [done], origin, store.clock.now())
        await connection.batch([*links, door.COMMIT()])
