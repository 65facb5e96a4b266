"""How is looked at what is due, by one server at a time, whatever happens? A server leases a few things, looks at each, and says when next.

Whoever looks tells what there is to tell before the thing is given back, and telling it again does nothing.
"""

import asyncio
from abc import ABC, abstractmethod
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tallystick.errors import NotVisible
from tallystick.jobs.alone import work_alone
from tallystick.jobs.due.job import LEASE, PUT_OFF, Leased
from tallystick.jobs.due.writes import Dues
from tallystick.store.apart import Apart
from tallystick.store.store import Store

LEASED_MAX = 4


class Looking(ABC):
    """Looks at one kind of thing. `noun` is what it is called in the log."""

    noun: str
    dues: Dues

    def __init__(self, store: Store, apart: Apart) -> None:
        self._store = store
        self._apart = apart

    @abstractmethod
    async def _look(self, leased: Leased) -> datetime | None:
        """Tells what there is to tell, and says when the thing is to be looked at next. None: not until somebody asks for it."""

    async def run(self) -> int:
        """Goes on until nothing is due that could be looked at. Returns how many things it looked at."""
        return await self.run_some(None)

    async def run_some(self, most: int | None) -> int:
        """The same, for no more than about so many things: the others have waited less, and wait for the next time."""
        looked_at = 0
        while most is None or looked_at < most:
            now = self._store.clock.now()
            rows = await self._apart.fetch(self.dues.lease(now=now, lease=now + LEASE, limit=LEASED_MAX))
            leased = [Leased(*row, until=now + LEASE) for row in rows]
            if not leased:
                break
            await asyncio.gather(*(self._look_at(each) for each in leased))
            looked_at += len(leased)
        return looked_at

    async def _look_at(self, leased: Leased) -> None:
        await work_alone(
            self.noun, partial(_ids, leased), self._look_and_rest(leased), partial(self._put_off, leased, PUT_OFF)
        )

    async def _look_and_rest(self, leased: Leased) -> None:
        try:
            due_at = await self._look(leased)
        except NotVisible:
            # It is gone, or nobody is left who sees it. Whoever brings it back asks for it again.
            due_at = None
        named = {"of_space": leased.space_id, "of_entity": leased.entity_id, "lease": leased.until}
        await self._apart.fetch_all(
            self.dues.end(**named) if due_at is None else self.dues.rest(**named, due_at=due_at)
        )

    async def _put_off(self, leased: Leased, how_long: timedelta) -> None:
        named = {"of_space": leased.space_id, "of_entity": leased.entity_id, "lease": leased.until}
        await self._apart.fetch_all(self.dues.release(**named, until=self._store.clock.now() + how_long))


def _ids(leased: Leased) -> dict[str, Any]:
    return {"space_id": str(leased.space_id), "entity_id": str(leased.entity_id)}
