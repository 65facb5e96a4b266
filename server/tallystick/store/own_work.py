"""How does the store's own work read a space: proofs, and whatever else nobody in particular has asked for?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.store import door
from tallystick.store.keys import KEYS_OF
from tallystick.store.rotation import NOBODY
from tallystick.store.store import Store
from tallystick.store.tx import Snapshot
from tallystick.v1.role_pb2 import Role


@asynccontextmanager
async def own_snapshot(store: Store, space_id: UUID) -> AsyncIterator[Snapshot]:
    """One state of a space over many fetches. It has every member's private rows, and deleted spaces are there, too: whoever
    shows a caller what comes of it judges by themselves what the caller may know."""
    context = door.CONTEXT(user_id=NOBODY, space_id=space_id)
    admit, keys = door.ADMIT_INVITED(space_id=space_id, even_deleted=True), KEYS_OF(space_id=space_id)
    async with store.connection() as connection:
        _, _, admitted, wrapped = await connection.batch([door.BEGIN_SNAPSHOT(), context, admit, keys])
        if not admitted:
            raise NotVisible
        generation = admitted[0][1]
        seal = store.keys.find(space_id, generation) or store.keys.open(space_id, generation, wrapped)
        yield Snapshot(space_id, connection, Role.ROLE_UNSPECIFIED, seal)
