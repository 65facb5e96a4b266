"""How are rows known in a copy that were imported before? Their keys were made with a secret of the space that it was. It goes along where
that space is here, and whoever makes the copy is in it."""

from datetime import datetime
from uuid import UUID

from tallystick.caller import Caller
from tallystick.imports.queries import SECRET, SECRET_NAME
from tallystick.imports.tables import IMPORT_SECRET
from tallystick.rebuilding.states import stamped
from tallystick.store import door
from tallystick.store.keys import KEYS_OF
from tallystick.store.rotation import NOBODY
from tallystick.store.statements import Call
from tallystick.store.store import Store
from tallystick.store.tx import Snapshot


class ImportSecrets:
    """What import keys are made with."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def __call__(
        self,
        view: Snapshot,
        caller: Caller,
        was: UUID,
        seq: int,
        now: datetime,  # noqa: ARG002 - as the protocol has it
    ) -> list[Call[()]]:
        if was == view.space_id or not caller.may_reach(was):
            return []
        _, admitted, keys, found, _ = await view.fetch_all(
            door.CONTEXT(user_id=caller.user_id, space_id=was),
            door.ADMIT_READ(user_id=caller.user_id, space_id=was, even_deleted=True),
            KEYS_OF(space_id=was),
            SECRET(space_id=was, name=SECRET_NAME),
            door.CONTEXT(user_id=NOBODY, space_id=view.space_id),
        )
        if not admitted or not found:
            return []
        seal = self._store.keys.find(was, admitted[0][1]) or self._store.keys.open(was, admitted[0][1], keys)
        row = IMPORT_SECRET.row_of({"name": SECRET_NAME})
        plain = seal.open(IMPORT_SECRET.place, row, *found[0])
        cell = view.seal.close(IMPORT_SECRET.place, row, seq, plain)
        return [stamped(IMPORT_SECRET.table)(space_id=view.space_id, name=SECRET_NAME, version=seq, amount=cell)]
