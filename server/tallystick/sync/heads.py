"""How far are the spaces that somebody watches? Own commits are looked at once, those of other processes by asking for all heads.

One statement asks for many heads and returns only those that moved. PostgreSQL's NOTIFY would be quicker, but every commit that
notifies takes a lock on the whole database.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from tallystick.errors import Unavailable
from tallystick.log import log
from tallystick.store.apart import Apart
from tallystick.store.statements import Call
from tallystick.sync.queries_watching import HEADS_MOVED
from tallystick.sync.watcher import Watcher

# Commits that come this close together are looked at together.
NUDGES_S = 0.003
# How long between two rounds over all heads: less while others write, more when there are many, at ten times what a head costs
# PostgreSQL, so that a round takes no more than about a tenth of the time. Not by the clock: a busy machine would look ever more seldom.
POLL_S, POLL_MIN_S, POLL_MAX_S = 0.25, 0.1, 1.0
POLL_SPACE_S = 25e-6
SLICE = 5000
# A question is asked again as it is, although we know a few of its answers already: composing it costs more than they do.
STALE_MAX = 200


class Heads:
    """The seqs of the watched spaces, as this process knows them."""

    def __init__(self) -> None:
        self._seqs: dict[UUID, int] = {}
        self._watchers: dict[UUID, set[Watcher]] = {}
        self._nudged: set[UUID] = set()
        self._was_nudged = asyncio.Event()
        self._question: list[Call[UUID, int]] | None = None

    def nudge(self, space_id: UUID) -> None:
        """This process has committed something in the space."""
        if space_id in self._seqs:
            self._nudged.add(space_id)
            self._was_nudged.set()

    def follow(self, watcher: Watcher, space_id: UUID, seq: int) -> None:
        """From now on the watcher is marked when the space moves. `seq` is where the watcher has seen it."""
        watchers = self._watchers.get(space_id)
        if watchers is None:
            self._watchers[space_id], self._seqs[space_id], self._question = {watcher}, seq, None
            return
        watchers.add(watcher)
        if self._seqs[space_id] != seq:
            watcher.mark(space_id)

    def leave(self, watcher: Watcher, space_ids: Iterable[UUID]) -> None:
        for space_id in space_ids:
            watchers = self._watchers.get(space_id, set())
            watchers.discard(watcher)
            if not watchers and space_id in self._seqs:
                del self._watchers[space_id], self._seqs[space_id]
                self._question = None

    @asynccontextmanager
    async def asking(self, apart: Apart) -> AsyncIterator[None]:
        """Inside the block heads are asked for."""
        task = asyncio.create_task(self._run(apart), name="heads")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, apart: Apart) -> None:
        loop = asyncio.get_running_loop()
        poll_at = loop.time()
        while True:
            try:
                async with asyncio.timeout_at(poll_at):
                    await self._was_nudged.wait()
                    await asyncio.sleep(NUDGES_S)
            except TimeoutError:
                pass
            pause_s = POLL_S
            is_due = loop.time() >= poll_at
            try:
                if is_due:
                    pause_s = POLL_MIN_S if await self._look_at_all(apart) else POLL_S
                else:
                    await self._look_at_nudged(apart)
            except Unavailable:
                # Readiness tells the world. The streams stay, and nothing is lost: what moved is seen when the database is back.
                pause_s = POLL_MAX_S
            except Exception as error:  # noqa: BLE001 - without this loop no watcher would ever hear of anything again
                log("heads_failed", level="error", error=error)
                pause_s = POLL_MAX_S
            if is_due:
                poll_at = loop.time() + min(max(pause_s, POLL_SPACE_S * len(self._seqs)), POLL_MAX_S)

    async def _look_at_nudged(self, apart: Apart) -> None:
        nudged = self._take_nudged() & self._seqs.keys()
        if nudged:
            self._take(await apart.fetch(self._ask(nudged)))

    async def _look_at_all(self, apart: Apart) -> bool:
        """Whether anything had moved."""
        self._take_nudged()
        if not self._seqs:
            return False
        if self._question is None:
            ids = list(self._seqs)
            self._question = [self._ask(ids[start : start + SLICE]) for start in range(0, len(ids), SLICE)]
        answers = [row for rows in await apart.fetch_all(*self._question) for row in rows]
        moved = self._take(answers)
        if len(answers) - moved > STALE_MAX:
            self._question = None
        return moved > 0

    def _take_nudged(self) -> set[UUID]:
        nudged, self._nudged = self._nudged, set()
        self._was_nudged.clear()
        return nudged

    def _ask(self, ids: Collection[UUID]) -> Call[UUID, int]:
        return HEADS_MOVED(ids=list(ids), numbers=[self._seqs[space_id] for space_id in ids])

    def _take(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Marks whoever watches what moved. Returns how many spaces did."""
        moved = 0
        for space_id, seq in rows:
            if self._seqs.get(space_id, seq) == seq:
                continue
            moved += 1
            self._seqs[space_id] = seq
            for watcher in self._watchers[space_id]:
                watcher.mark(space_id)
        return moved
