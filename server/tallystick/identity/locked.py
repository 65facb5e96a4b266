"""How are rows outside the spaces read, judged and written without two processes doing it at once? Under one lock, in two round trips.

For what no request_id names: counters and signing keys. Everything else goes through store/apart.py.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from tallystick.identity.queries import AS_APP, LOCK
from tallystick.store import door
from tallystick.store.connection import Row
from tallystick.store.statements import Call
from tallystick.store.store import Store

Decide = Callable[[list[list[Row]]], Sequence[Call[()]]]


async def under_lock(
    store: Store, numbers: Collection[int], reads: Sequence[Call[*tuple[Any, ...]]], decide: Decide
) -> None:
    """Takes the locks, reads, and writes what `decide` returns. If it raises, nothing is written."""
    # In one order everywhere: two that wait for each other's locks would wait for ever.
    locks = [LOCK(number=number) for number in sorted(set(numbers))]
    async with store.connection() as connection:
        rows = await connection.batch([door.BEGIN(), AS_APP(), *locks, *reads])
        await connection.batch([*decide(rows[2 + len(locks) :]), door.COMMIT()])
