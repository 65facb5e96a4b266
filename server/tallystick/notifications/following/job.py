"""How does everybody come to know what happened in their spaces? Journals are read on from where they were read to last.

A server asks many spaces at a time for news, in one round trip. Where nothing happened that anybody must know of, and that is nearly
everywhere, they are moved on together; the others are leased. What is told is told before the space is moved on, and telling it again
does nothing: so it does not matter who is killed when, nor how many work on the same space.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tallystick.jobs.alone import work_alone
from tallystick.jobs.keeping_up import KeepingUp, Pace
from tallystick.notifications import writes
from tallystick.notifications.following.news import NEWS, PAGE, whole_commits
from tallystick.notifications.following.reading import BOOK, Reading
from tallystick.notifications.raising import Raising
from tallystick.notifications.writes import NOBODY
from tallystick.store import door
from tallystick.store.apart import Apart
from tallystick.store.statements import Call
from tallystick.store.store import Store

# So many spaces are looked at at a time, and so many of those with news are worked on at once: each of these holds a connection.
TAKEN_MAX, AT_ONCE = 200, 4
# Longer than a server takes for as many spaces. What it leaves undone when it dies waits no longer than this.
LEASE = timedelta(minutes=2)
# A space that cannot be followed is tried again after this.
PUT_OFF = timedelta(minutes=10)
# Rests twenty times as long as it worked: however much is committed, a twentieth of the time goes into it. Others' commits, and what a
# process that was killed left behind, are found by looking at all spaces.
PACE = Pace(look_every_s=30.0, pause_factor=20, pause_max_s=10.0)
# Time for what is recorded one after the other to be looked at once.
SPENDING_DELAY = timedelta(seconds=20)


@dataclass(slots=True)
class Ahead:
    """A space that is further than it was followed: how far that was, how far it is, and until when it is ours."""

    space_id: UUID
    kind: int
    followed_seq: int
    head: int
    until: datetime


class NoticeFollow:
    """Follows the journals of all spaces."""

    def __init__(self, store: Store, apart: Apart, reading: Reading, raising: Raising) -> None:
        self._store = store
        self._apart = apart
        self._reading = reading
        self._raising = raising
        self.keeping_up = KeepingUp("notices", store, self._work, PACE)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._one_round = asyncio.Lock()

    async def run(self) -> int:
        """Goes on until everything that happened is told, as far as that can be. Returns how many spaces it worked on."""
        worked_on = 0
        while now_worked_on := await self._work(None):
            worked_on += now_worked_on
        return worked_on

    async def _work(self, nudged: Sequence[UUID] | None) -> int:
        """Once for each space: what is behind again by then is the next round's. A process has one round at a time: two would only
        find the same spaces."""
        async with self._one_round:
            spaces = await self._find_behind() if nudged is None else nudged
            worked_on = 0
            for start in range(0, len(spaces), TAKEN_MAX):
                worked_on += await self._look_at(spaces[start : start + TAKEN_MAX])
            return worked_on

    async def _find_behind(self) -> list[UUID]:
        return [space_id for (space_id,) in await self._apart.fetch(writes.BEHIND(now=self._store.clock.now()))]

    async def _look_at(self, spaces: Sequence[UUID]) -> int:
        """Only a space with news needs a lease: to move the others on is harmless when two do it."""
        ahead = await self._find_ahead(spaces)
        if not ahead:
            return 0
        news = await self._ask(ahead)
        quiet = [each for each, rows in zip(ahead, news, strict=True) if not rows]
        await self._move_on(quiet)
        leased = await self._lease([each.space_id for each, rows in zip(ahead, news, strict=True) if rows])
        news = await self._ask(leased)
        await asyncio.gather(*(self._work_off(each, rows) for each, rows in zip(leased, news, strict=True)))
        return len(quiet) + len(leased)

    async def _find_ahead(self, spaces: Sequence[UUID]) -> list[Ahead]:
        now = self._store.clock.now()
        _, rows = await self._apart.fetch_all(writes.BEGIN(spaces=spaces), writes.AHEAD(spaces=spaces, now=now))
        return [Ahead(space_id, kind, followed_seq, head, now) for space_id, kind, followed_seq, head in rows]

    async def _lease(self, spaces: Sequence[UUID]) -> list[Ahead]:
        if not spaces:
            return []
        now = self._store.clock.now()
        rows = await self._apart.fetch(writes.LEASE(spaces=spaces, now=now, lease=now + LEASE))
        return [Ahead(*row, until=now + LEASE) for row in rows]

    async def _ask(self, ahead: Sequence[Ahead]) -> list[list[Any]]:
        if not ahead:
            return []
        calls: list[Call[*tuple[Any, ...]]] = []
        for each in ahead:
            asked = NEWS(space_id=each.space_id, after=each.followed_seq, until=each.head, limit=PAGE)
            calls += (door.CONTEXT(user_id=NOBODY, space_id=each.space_id), asked)
        async with self._store.connection() as connection:
            return (await connection.batch(calls))[1::2]

    async def _move_on(self, told: Sequence[Ahead], looks: Sequence[Call[()]] = ()) -> None:
        """One transaction: what is to be looked at is never forgotten for having been followed."""
        if not told:
            return
        books = [each.space_id for each in told if each.kind == BOOK]
        due_at = self._store.clock.now() + SPENDING_DELAY
        await self._apart.fetch_all(
            *looks,
            *([writes.LOOK_AT_SPENDING(spaces=books, due_at=due_at)] if books else ()),
            writes.MOVE_ON(spaces=[each.space_id for each in told], seqs=[each.head for each in told]),
        )

    async def _work_off(self, leased: Ahead, rows: Sequence[Any]) -> None:
        async with self._turns:
            await work_alone(
                "notices",
                lambda: {"space_id": str(leased.space_id)},
                self._follow(leased, rows),
                partial(self._put_off, leased),
            )

    async def _follow(self, leased: Ahead, rows: Sequence[Any]) -> None:
        """A page of whole commits after the other."""
        head = leased.head
        while True:
            whole, leased.head = whole_commits(rows, head)
            come = await self._reading.read(leased.space_id, leased.kind, whole)
            await self._raising.raise_notices(come.notices)
            await self._move_on([leased], come.looks)
            if leased.head == head:
                return
            leased.followed_seq, leased.head = leased.head, head
            rows = (await self._ask([leased]))[0]

    async def _put_off(self, leased: Ahead) -> None:
        until = self._store.clock.now() + PUT_OFF
        await self._apart.fetch_all(writes.PUT_OFF(of_space=leased.space_id, lease=leased.until, until=until))
