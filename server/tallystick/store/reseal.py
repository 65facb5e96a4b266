"""How does a space get a new data key while people work in it?

1. A new generation of the key, in one commit under the space's lock. From then on every writer seals with it: the lock
   hands out the generation, so no cache of a running server can be late.
2. Every older cell is opened and closed again, in batches. What a batch read, it replaces only where nobody else wrote
   meanwhile, so nothing is locked while it decrypts. A cell names its generation: whoever goes on after a kill sees what
   is left.
3. Once nothing older is left, and nobody can still be reading what was, the older keys are destroyed.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Integer, LargeBinary, SmallInteger, Uuid, bindparam, delete, func, select, tuple_, update
from sqlalchemy.sql import true

from tallystick.store import audit, door, tables
from tallystick.store.connection import Connection, Row
from tallystick.store.keys import KEYS_OF
from tallystick.store.seal import GENERATION_BYTES, SpaceSeal
from tallystick.store.sealed import SealedColumn
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.store import Store

T = TypeVar("T")

CELLS_MAX = 500
ATTEMPTS_MAX = 10
BACKOFF_S = 0.05
# A call that began before the last cell was sealed again may still open cells with the old key. By then it has ended.
GRACE_S = 60.0

NOBODY = UUID(int=0)
_NOBODY_FROM_NOWHERE = audit.Origin(None, None, None, None)
_AGAIN = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected, psycopg.errors.LockNotAvailable)

_SPACE_ID = bindparam("space_id", type_=Uuid)
_GENERATION = bindparam("generation", type_=SmallInteger)
_space, _key = tables.space, tables.space_key

_LOCK_SPACE = prepare(
    select(_space.c.key_generation)
    .where(_space.c.id == _SPACE_ID, _space.c.erased_at.is_(None))
    .with_for_update(key_share=True)
)
_GENERATION_OF = prepare(select(_space.c.key_generation).where(_space.c.id == _SPACE_ID, _space.c.erased_at.is_(None)))
_SET_GENERATION: Statement[()] = Statement(
    update(_space)
    .where(_space.c.id == bindparam("of_space", type_=Uuid))
    .values(key_generation=bindparam("new_generation", type_=SmallInteger))
)
_DROP_OLDER_KEYS: Statement[int] = Statement(
    delete(_key).where(_key.c.space_id == _SPACE_ID, _key.c.generation < _GENERATION).returning(_key.c.generation)
)
# The refusing trigger lets a row pass whose version stays the same, if the transaction says that it only seals again.
_SEALS_AGAIN = prepare(select(func.set_config("tallystick.reseal", "on", true())))


@dataclass(frozen=True, slots=True)
class Progress:
    """So many cells of one column of one space were sealed again; of all of its columns, once they all were."""

    space_id: UUID
    column: str | None
    done: int


Report = Callable[[Progress], None]


class CellsLeft(Exception):
    """Cells of an older generation remain, so the older keys stay. Cannot be, unless something wrote past the door."""


class Resealing:
    """Gives spaces new data keys."""

    def __init__(self, store: Store, columns: Sequence[SealedColumn], report: Report | None = None) -> None:
        self._store = store
        self._report = report
        self._walks = [_Walk(column) for column in columns]

    async def reseal(self, space_ids: Sequence[UUID], *, grace_s: float = GRACE_S) -> int:
        """Takes spaces through all three steps, or from where an earlier run stopped. Returns how many got a new key.

        Spaces that do not exist, or were erased, are passed over.
        """
        begun = [space_id for space_id in space_ids if await self.begin(space_id)]
        for space_id in begun:
            await self.seal_again(space_id)
        if begun:
            await asyncio.sleep(grace_s)
        for space_id in begun:
            await self.retire(space_id)
        return len(begun)

    async def begin(self, space_id: UUID) -> bool:
        """Gives the space a new generation of its key, unless an earlier one is unfinished. False: no such space."""

        async def once(connection: Connection) -> bool:
            _, _, locked, rows = await connection.batch(
                [door.BEGIN(), _context(space_id), _LOCK_SPACE(space_id=space_id), KEYS_OF(space_id=space_id)]
            )
            if not locked or not rows:
                return False
            if any(generation < locked[0][0] for generation, _, _ in rows):
                return True
            new = locked[0][0] + 1
            _, keep_key = self._store.keys.compose_new(space_id, new)
            set_generation = _SET_GENERATION(of_space=space_id, new_generation=new)
            noted = await self._note(connection, space_id, "space_key_added")
            await connection.batch([keep_key, set_generation, *noted, door.COMMIT()])
            return True

        return await self._persist(once)

    async def seal_again(self, space_id: UUID) -> int:
        """Seals every older cell of the space again. Returns how many."""
        done = sum([await self._walk(walk, space_id) for walk in self._walks])
        self._tell(Progress(space_id, None, done))
        return done

    async def retire(self, space_id: UUID) -> int:
        """Destroys the older keys, after proving that no cell needs them. Returns how many."""
        seal = await self._open(space_id)
        if seal is None:
            return 0
        # No lock is needed to look: since the new generation was committed nobody seals with an older one.
        for walk in self._walks:
            async for rows in self._older(walk, space_id, seal.generation):
                raise CellsLeft(f"{len(rows)} or more cells of {walk.name} in space {space_id} need an older key")

        async def once(connection: Connection) -> int:
            drop = _DROP_OLDER_KEYS(space_id=space_id, generation=seal.generation)
            _, _, locked, dropped = await connection.batch(
                [door.BEGIN(), _context(space_id), _LOCK_SPACE(space_id=space_id), drop]
            )
            noted = await self._note(connection, space_id, "space_key_destroyed") if locked and dropped else []
            await connection.batch([*noted, door.COMMIT()])
            return len(dropped)

        dropped = await self._persist(once)
        self._store.keys.forget(space_id)
        return dropped

    async def _walk(self, walk: "_Walk", space_id: UUID) -> int:
        seal = await self._open(space_id)
        if seal is None:
            return 0
        done = 0
        async for rows in self._older(walk, space_id, seal.generation):
            # Opened and closed outside of any transaction: nobody waits for arithmetic.
            calls = [walk.replace(space_id, seal, row) for row in rows]
            if not await self._persist(partial(_replace, space_id, calls)):
                break
            done += len(rows)
            self._tell(Progress(space_id, walk.name, done))
        return done

    async def _older(self, walk: "_Walk", space_id: UUID, generation: int) -> AsyncIterator[list[Row]]:
        """The rows whose cell is of another generation, in pages along the primary key."""
        call = walk.first(space_id, generation)
        while True:
            async with self._store.connection() as connection:
                _, rows = await connection.batch([_context(space_id), call])
            if not rows:
                return
            yield rows
            call = walk.after(space_id, generation, rows[-1])

    async def _open(self, space_id: UUID) -> SpaceSeal | None:
        """Every generation of the space's key, as of now. None: it was erased."""
        async with self._store.connection() as connection:
            calls = [_context(space_id), _GENERATION_OF(space_id=space_id), KEYS_OF(space_id=space_id)]
            _, found, rows = await connection.batch(calls)
        return self._store.keys.open(space_id, found[0][0], rows) if found and rows else None

    async def _note(self, connection: Connection, space_id: UUID, action: str) -> list[Call[()]]:
        """The audit row of a step. Whoever appends to a space's chain holds the space's lock."""
        (head,) = await connection.batch([audit.HEAD(scope_id=space_id)])
        notes = [audit.AuditNote(action)]
        now = self._store.clock.now()
        return audit.compose_calls(space_id, [(seq, link) for seq, link in head], notes, _NOBODY_FROM_NOWHERE, now)

    def _tell(self, progress: Progress) -> None:
        if self._report:
            self._report(progress)

    async def _persist(self, once: Callable[[Connection], Awaitable[T]]) -> T:
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                async with self._store.connection() as connection:
                    return await once(connection)
            except _AGAIN:
                if attempt == ATTEMPTS_MAX:
                    raise
                await asyncio.sleep(random.uniform(0, BACKOFF_S * attempt))
        raise AssertionError("unreachable: the last attempt returned or raised")


class _Walk:
    """The statements that find the older cells of one column, and replace them."""

    def __init__(self, column: SealedColumn) -> None:
        self._column = column
        self.name = f"{column.table.name}.{column.cell.name}"
        table, cell = column.table, column.cell
        self._key_names = [key.name for key in column.keys]
        names = dict.fromkeys([*self._key_names, *column.row_columns])
        self._read_names = tuple(names)
        in_space = table.c.space_id == _SPACE_ID
        older = (
            select(*(table.c[name] for name in names), column.version, cell)
            .where(in_space, func.substring(cell, 1, GENERATION_BYTES) != bindparam("prefix", type_=LargeBinary))
            .order_by(*column.keys)
            .limit(bindparam("limit", type_=Integer))
        )
        position = tuple_(*(bindparam(f"after_{key.name}", type_=key.type) for key in column.keys))
        self._first: Statement[*tuple[Any, ...]] = Statement(older)
        self._after: Statement[*tuple[Any, ...]] = Statement(older.where(tuple_(*column.keys) > position))
        # By the cell itself: its nonce is like no other, so a cell that somebody wrote meanwhile is left alone.
        self._replace: Statement[()] = Statement(
            update(table)
            .where(in_space, *(key == bindparam(f"of_{key.name}", type_=key.type) for key in column.keys))
            .where(cell == bindparam("old_cell", type_=LargeBinary))
            .values({cell.name: bindparam("new_cell", type_=LargeBinary)})
        )

    def first(self, space_id: UUID, generation: int) -> Call[*tuple[Any, ...]]:
        return self._first(space_id=space_id, prefix=generation.to_bytes(GENERATION_BYTES), limit=CELLS_MAX)

    def after(self, space_id: UUID, generation: int, last: Row) -> Call[*tuple[Any, ...]]:
        position = {f"after_{name}": value for name, value in self._keys_of(last).items()}
        return self._after(space_id=space_id, prefix=generation.to_bytes(GENERATION_BYTES), limit=CELLS_MAX, **position)

    def replace(self, space_id: UUID, seal: SpaceSeal, row: Row) -> Call[()]:
        *named, version, cell = row
        place, row_id = self._column.place, self._column.row_of(dict(zip(self._read_names, named, strict=True)))
        again = seal.close(place, row_id, version, seal.open(place, row_id, version, cell))
        keys = {f"of_{name}": value for name, value in self._keys_of(row).items()}
        return self._replace(space_id=space_id, old_cell=cell, new_cell=again, **keys)

    def _keys_of(self, row: Row) -> dict[str, Any]:
        # The keys are read first.
        return dict(zip(self._key_names, row, strict=False))


async def _replace(space_id: UUID, calls: Sequence[Call[()]], connection: Connection) -> bool:
    """One batch, under the space's lock: two writers that lock rows in different orders could wait for each other."""
    lock = _LOCK_SPACE(space_id=space_id)
    before = [door.BEGIN(), _context(space_id), lock, _SEALS_AGAIN()]
    _, _, locked, *_ = await connection.batch([*before, *calls, door.COMMIT()])
    return bool(locked)


def _context(space_id: UUID) -> Call[*tuple[Any, ...]]:
    return door.CONTEXT(user_id=NOBODY, space_id=space_id)
