"""How does a new master key take over? The data key of every space is unwrapped and wrapped again; no cell is touched.

Safe to repeat, to interrupt and to run beside servers: a row is replaced only if it still is what was read.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from uuid import UUID

from sqlalchemy import BigInteger, Integer, LargeBinary, SmallInteger, Text, Uuid, bindparam, func, select, update

from tallystick.store import audit, door, tables
from tallystick.store.connection import Row
from tallystick.store.keyring import Wrapped
from tallystick.store.keys import KEYS_OF, purpose
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.store import Store

# So many spaces in one round trip.
SPACES_MAX = 200
# The chain of what concerns the whole installation and no user or space.
INSTALLATION = UUID("00000000-0000-8000-8000-000000000001")

NOBODY = UUID(int=0)
_space, _key = tables.space, tables.space_key
_SPACES_AFTER = prepare(
    select(_space.c.id)
    .where(_space.c.id > bindparam("after", type_=Uuid))
    .order_by(_space.c.id)
    .limit(bindparam("limit", type_=Integer))
)
_REWRAP: Statement[()] = Statement(
    update(_key)
    .where(
        _key.c.space_id == bindparam("of_space", type_=Uuid),
        _key.c.generation == bindparam("of_generation", type_=SmallInteger),
        _key.c.wrapped == bindparam("old_wrapped", type_=LargeBinary),
    )
    .values(master_id=bindparam("new_master", type_=Text), wrapped=bindparam("new_wrapped", type_=LargeBinary))
)
_LOCK = prepare(select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger))))
_CHAIN_LOCK = int.from_bytes(b"tallyins", signed=True)


async def list_spaces(store: Store) -> AsyncIterator[list[UUID]]:
    """Every space there is, erased ones too, in pages."""
    after = NOBODY
    while True:
        async with store.connection() as connection:
            context = door.CONTEXT(user_id=NOBODY, space_id=NOBODY)
            _, rows = await connection.batch([context, _SPACES_AFTER(after=after, limit=SPACES_MAX)])
        if not rows:
            return
        yield [space_id for (space_id,) in rows]
        after = rows[-1][0]


async def rewrap_space_keys(store: Store, report: Callable[[int], None] | None = None) -> int:
    """Wraps every data key with the keyring's current master. Returns how many were wrapped again."""
    store.keys.keyring.catch_up()
    done = 0
    async for space_ids in list_spaces(store):
        calls: list[Call[()]] = []
        for space_id, rows in await _keys_of(store, space_ids):
            again = [call for row in rows if (call := _rewrap(store, space_id, row))]
            calls += [door.CONTEXT(user_id=NOBODY, space_id=space_id), *again] if again else []
            done += len(again)
        if calls:
            async with store.connection() as connection:
                await connection.batch(calls)
        if report:
            report(done)
    return done


async def count_space_keys(store: Store) -> Counter[str]:
    """How many data keys each master has wrapped."""
    counted: Counter[str] = Counter()
    async for space_ids in list_spaces(store):
        for _, rows in await _keys_of(store, space_ids):
            counted.update(master_id for _, master_id, _ in rows)
    return counted


async def note(store: Store, action: str) -> None:
    """Writes what happened to the master keys into the installation's audit chain."""
    async with store.connection() as connection:
        context = door.CONTEXT(user_id=NOBODY, space_id=NOBODY)
        head_of = audit.HEAD(scope_id=INSTALLATION)
        *_, head = await connection.batch([door.BEGIN(), context, _LOCK(number=_CHAIN_LOCK), head_of])
        links = [(seq, link) for seq, link in head]
        origin = audit.Origin(None, None, None, None)
        rows = audit.compose_calls(INSTALLATION, links, [audit.AuditNote(action)], origin, store.clock.now())
        await connection.batch([*rows, door.COMMIT()])


async def _keys_of(store: Store, space_ids: Sequence[UUID]) -> list[tuple[UUID, list[Row]]]:
    """The key rows of many spaces in one round trip. Row-level security shows one space at a time: each has its context."""
    calls: list[Call[*tuple[object, ...]]] = []
    for space_id in space_ids:
        calls += [door.CONTEXT(user_id=NOBODY, space_id=space_id), KEYS_OF(space_id=space_id)]
    async with store.connection() as connection:
        results = await connection.batch(calls)
    return list(zip(space_ids, results[1::2], strict=True))


def _rewrap(store: Store, space_id: UUID, row: Row) -> Call[()] | None:
    """The statement that wraps one data key again; None if it is wrapped with the current master already."""
    generation, master_id, wrapped = row
    keyring = store.keys.keyring
    if master_id == keyring.current_id:
        return None
    secret = keyring.unwrap(Wrapped(master_id, wrapped), purpose(space_id, generation))
    again = keyring.wrap(secret, purpose(space_id, generation))
    return _REWRAP(
        of_space=space_id,
        of_generation=generation,
        old_wrapped=wrapped,
        new_master=again.master_id,
        new_wrapped=again.sealed,
    )
