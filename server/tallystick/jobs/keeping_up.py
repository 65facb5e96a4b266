"""How does work that follows commits keep up with them? What this process commits it is told; what others commit it finds by looking."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from tallystick.errors import Unavailable
from tallystick.log import log
from tallystick.store.store import Store

# How long nobody commits anything before it is worked off.
QUIET_S = 0.05


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of the time may go into it. It looks at everything every `look_every_s`; after each round it rests `pause_factor` times
    as long as the round took, at most `pause_max_s`: the more is committed meanwhile, the more one round works off."""

    look_every_s: float
    pause_factor: float
    pause_max_s: float


class KeepingUp:
    """Calls `work` with the spaces that this process has committed something in, or with None to look at everything."""

    def __init__(
        self, name: str, store: Store, work: Callable[[Sequence[UUID] | None], Awaitable[object]], pace: Pace
    ) -> None:
        self._name = name
        self._store = store
        self._work = work
        self._pace = pace
        self._nudged: set[UUID] = set()
        self._was_nudged = asyncio.Event()
        self._nudges = 0

    def nudge(self, space_id: UUID) -> None:
        self._nudged.add(space_id)
        self._nudges += 1
        self._was_nudged.set()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Inside the block the work goes on by itself."""
        self._store.nudged.append(self.nudge)
        task = asyncio.create_task(self._go_on(), name=self._name)
        try:
            yield
        finally:
            self._store.nudged.remove(self.nudge)
            task.cancel()
            await asyncio.wait([task])

    async def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        look_at = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(look_at):
                    await self._was_nudged.wait()
            except TimeoutError:
                pass
            started = loop.time()
            nudged, self._nudged = [*self._nudged], set()
            self._was_nudged.clear()
            try:
                if started >= look_at:
                    look_at = started + self._pace.look_every_s
                    await self._work(None)
                elif nudged:
                    await self._work(nudged)
            except Unavailable:
                # Nothing is lost: whatever is behind is found when the database is back.
                pass
            except Exception as error:  # noqa: BLE001 - without this loop nothing would ever keep up again
                log(f"{self._name}_failed", level="error", error=error)
            await self._rest(loop.time() - started)

    async def _rest(self, worked_s: float) -> None:
        """Until nobody commits anything for a moment. While somebody always does, only a part of the time goes into the work."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(self._pace.pause_factor * worked_s, self._pace.pause_max_s)
        while True:
            nudges = self._nudges
            await asyncio.sleep(QUIET_S)
            if nudges == self._nudges or loop.time() >= until:
                return
