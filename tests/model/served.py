"""How is a server killed in the middle of its work, and started again on the same data?"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from bench import place as bench
from model.desk import People, make_people
from people import Client

DRAINED_EVERY_S = 0.01

MakePeople = Callable[[Client], Awaitable[People]]


class Server:
    """A server that can be killed and comes back on the same data, with everybody signed in again."""

    def __init__(self, place: bench.Place, life: AsyncExitStack, make: MakePeople = make_people) -> None:
        self._place, self._life = place, life
        self._served = place.server
        self._make = make
        self._undisturbed = asyncio.Lock()
        self._people: list[People] = []
        self.kills = 0

    async def make_people(self) -> People:
        async with self._undisturbed:
            made = await self._make(self._served.client)
        self._people.append(made)
        return made

    def forget(self, people: People) -> None:
        self._people.remove(people)

    async def kill(self) -> None:
        """kill -9 in the middle of whatever the walks are being answered."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._undisturbed)
            for each in self._people:
                await stack.enter_async_context(each.undisturbed)
            os.kill(self._served.pid, signal.SIGKILL)
            for each in self._people:
                each.is_served.clear()
            while any(each.calls_running for each in self._people):
                await asyncio.sleep(DRAINED_EVERY_S)
            await self._life.aclose()
            self._served = await self._life.enter_async_context(self._place.another_server())
            for each in self._people:
                each.move(self._served.client)
                each.is_served.set()
        self.kills += 1
