"""How does everybody come to know what happened in their spaces? Journals are read on from where they were read to last.

A server leases many spaces at a time, and asks all of them for news in one round trip. Where nothing happened that anybody must know of,
and that is nearly everywhere, they are moved on together. What is told is told before the space is moved on, and telling it again does
nothing: so it does not matter who is killed when, nor how many work on the same space.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tallystick.errors import TallystickError, Unavailable
from tallystick.jobs.keeping_up import KeepingUp, Pace
from tallystick.log import log
from tallystick.notifications import writes
from tallystick.notifications.following.news import NEWS, PAGE, whole_commits
from tallystick.notifications.following.reading import BOOK, Reading
from tallystick.notifications.raising import Raising
from tallystick.notifications.writes import NOBODY
from tallystick.store import door
from tallystick.store.apart import Apart
from tallystick.store.statements import Call
from tallystick.store.store import Store

# So many spaces are taken hold of at a time, and so many of those with news are worked on at once: each of these holds a connection.
LEASED_MAX, AT_ONCE = 200, 4
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
class Leased:
    """A space that is ours for a while, how far it was followed, and how far it is."""

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

    async def run(self) -> int:
        """Goes on until everything that happened is told, as far as that can be. Returns how many spaces it worked on."""
        worked_on = 0
        while now_worked_on := await self._work(None):
            worked_on += now_worked_on
        return worked_on

    async def _work(self, nudged: Sequence[UUID] | None) -> int:
        """Once for each space: what is behind again by then is the next round's."""
        spaces = await self._find_behind() if nudged is None else nudged
        worked_on = 0
        for start in range(0, len(spaces), LEASED_MAX):
            leased = await self._lease(spaces[start : start + LEASED_MAX])
            await self._tell(leased)
            worked_on += len(leased)
        return worked_on

    async def _find_behind(self) -> list[UUID]:
        return [space_id for (space_id,) in await self._apart.fetch(writes.BEHIND(now=self._store.clock.now()))]

    async def _lease(self, spaces: Sequence[UUID]) -> list[Leased]:
        now = self._store.clock.now()
        lease = writes.LEASE(spaces=spaces, now=now, lease=now + LEASE)
        _, rows = await self._apart.fetch_all(writes.BEGIN(spaces=spaces), lease)
        return [Leased(*row, until=now + LEASE) for row in rows]

    async def _tell(self, leased: Sequence[Leased]) -> None:
        if not leased:
            return
        news = await self._ask(leased)
        await self._move_on([each for each, rows in zip(leased, news, strict=True) if not rows])
        await asyncio.gather(*(self._work_off(each, rows) for each, rows in zip(leased, news, strict=True) if rows))

    async def _ask(self, leased: Sequence[Leased]) -> list[list[Any]]:
        calls: list[Call[*tuple[Any, ...]]] = []
        for each in leased:
            asked = NEWS(space_id=each.space_id, after=each.followed_seq, until=each.head, limit=PAGE)
            calls += (door.CONTEXT(user_id=NOBODY, space_id=each.space_id), asked)
        async with self._store.connection() as connection:
            return (await connection.batch(calls))[1::2]

    async def _move_on(self, leased: Sequence[Leased], looks: Sequence[Call[()]] = ()) -> None:
        """One transaction: what is to be looked at is never forgotten for having been followed."""
        if not leased:
            return
        books = [each.space_id for each in leased if each.kind == BOOK]
        due_at = self._store.clock.now() + SPENDING_DELAY
        await self._apart.fetch_all(
            *looks,
            *([writes.LOOK_AT_SPENDING(spaces=books, due_at=due_at)] if books else ()),
            writes.MOVE_ON(spaces=[each.space_id for each in leased], seqs=[each.head for each in leased]),
        )

    async def _work_off(self, leased: Leased, rows: Sequence[Any]) -> None:
        """One space's failure is its own: it is put off, and the others go on."""
        try:
            async with self._turns:
                await self._follow(leased, rows)
        except Unavailable as busy:
            # The lease runs out by itself, and somebody tries again.
            log("notices_wait", level="warning", reason=busy.reason_name, space_id=str(leased.space_id))
        except TallystickError as refused:
            log("notices_refused", level="warning", reason=refused.reason_name, space_id=str(leased.space_id))
            await self._put_off(leased)
        except Exception as failed:  # noqa: BLE001 - whatever is wrong with one space must not hold up the others
            log("notices_failed", level="error", error=failed, space_id=str(leased.space_id))
            await self._put_off(leased)

    async def _follow(self, leased: Leased, rows: Sequence[Any]) -> None:
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

    async def _put_off(self, leased: Leased) -> None:
        until = self._store.clock.now() + PUT_OFF
        await self._apart.fetch_all(writes.PUT_OFF(of_space=leased.space_id, lease=leased.until, until=until))
