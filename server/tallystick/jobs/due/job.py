"""How is posted what is due, once, whatever happens? A server leases a few things at a time, and posts one occurrence to a commit.

An occurrence that is posted is so in the same commit in which its thing remembers it, under a request_id that follows from it. Whoever
comes second, in another server or after a crash, is answered by the write door with what the first one did.
"""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.errors import NotVisible, RuleBroken, Stale
from tallystick.jobs.alone import work_alone
from tallystick.jobs.due.queries import find_acting_user
from tallystick.jobs.due.writes import Dues
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.v1.error_reason_pb2 import ErrorReason

M = TypeVar("M", bound=Message)

# So many things at a time, and so many occurrences of each, before the others have their turn.
LEASED_MAX = 4
POSTED_MAX = 100
# Longer than so many occurrences take. What a server leaves undone when it dies waits no longer than this.
LEASE = timedelta(minutes=2)
# What cannot be posted is tried again after this, or when somebody changes it.
PUT_OFF = timedelta(hours=1)
NO_HOME = UUID(int=0)


@dataclass(slots=True)
class Leased:
    """A thing that is ours for a while, and how many of its occurrences we have posted."""

    space_id: UUID
    entity_id: UUID
    user_id: UUID
    until: datetime
    posted: int = 0


@dataclass(frozen=True, slots=True)
class Seen(Generic[M]):
    """A thing as we know it, and where its days begin."""

    entity: M
    time_zone: str

    @property
    def version(self) -> int:
        version: int = self.entity.version  # type: ignore[attr-defined]  # every entity has one; M cannot say so and be a Message
        return version


class DueJob(ABC, Generic[M]):
    """Posts the occurrences that are due of one kind of thing. `noun` is what the kind is called in the log."""

    noun: str
    dues: Dues

    def __init__(self, store: Store, apart: Apart) -> None:
        self._store = store
        self._apart = apart

    @abstractmethod
    async def _look(self, caller: Caller, leased: Leased) -> Seen[M]:
        """The thing as it is now."""

    @abstractmethod
    def _next_slot(self, seen: Seen[M]) -> date | None:
        """The occurrence that is to be posted now, if there is one."""

    @abstractmethod
    def _due_at(self, seen: Seen[M]) -> datetime | None:
        """When the next one is to be posted. None: it posts nothing by itself any more."""

    @abstractmethod
    async def _post(self, caller: Caller, leased: Leased, seen: Seen[M], slot_on: date) -> M:
        """Posts it, and returns the thing as that left it. Fails with Stale when the thing is not as it was seen."""

    async def run(self) -> int:
        """Goes on until nothing is due that could be posted. Returns how many occurrences it posted."""
        posted = 0
        while leased := await self._lease():
            await asyncio.gather(*(self._work_off(each) for each in leased))
            posted += sum(each.posted for each in leased)
        return posted

    async def _lease(self) -> list[Leased]:
        now = self._store.clock.now()
        rows = await self._apart.fetch(self.dues.lease(now=now, lease=now + LEASE, limit=LEASED_MAX))
        return [Leased(*row, until=now + LEASE) for row in rows]

    async def _work_off(self, leased: Leased) -> None:
        async def put_off() -> None:
            await self._release(leased, self._store.clock.now() + PUT_OFF)

        await work_alone(self.noun, partial(self._ids, leased), self._post_some(leased), put_off)

    async def _post_some(self, leased: Leased) -> None:
        caller = await self._find_caller(leased)
        seen = await self._look(caller, leased)
        for _ in range(POSTED_MAX):
            slot_on = self._next_slot(seen)
            if slot_on is None:
                await self._rest(leased, self._due_at(seen))
                return
            try:
                after = Seen(await self._post(caller, leased, seen, slot_on), seen.time_zone)
            except Stale:
                break
            if after.version <= seen.version:
                raise self._answered_before(leased, slot_on)
            seen = after
            leased.posted += 1
        # With something done, others have their turn and then this one again. With nothing done, the lease keeps us from going in circles.
        if leased.posted:
            await self._release(leased, self._store.clock.now())

    async def _find_caller(self, leased: Leased) -> Caller:
        user_id = await find_acting_user(self._store, leased.space_id, leased.user_id)
        if user_id is None:
            raise NotVisible
        return Caller(user_id, NO_HOME, None, "")

    async def _rest(self, leased: Leased, due_at: datetime | None) -> None:
        """Nothing more is due: not before the next day of the thing, and not at once again."""
        if due_at is not None:
            soonest = self._store.clock.now() + LEASE
            rest = self.dues.rest(**_named(leased), lease=leased.until, due_at=max(due_at, soonest))
            await self._apart.fetch_all(rest)

    async def _release(self, leased: Leased, until: datetime) -> None:
        await self._apart.fetch_all(self.dues.release(**_named(leased), lease=leased.until, until=until))

    def _answered_before(self, leased: Leased, slot_on: date) -> RuleBroken:
        """The door has an answer that the thing does not know of: going on would mean asking for ever."""
        return RuleBroken(
            ErrorReason.ERROR_REASON_OCCURRENCE_HANDLED,
            "It was posted before.",
            metadata={f"{self.noun}_id": str(leased.entity_id), "slot_on": slot_on.isoformat()},
        )

    def _ids(self, leased: Leased) -> dict[str, Any]:
        return {
            "space_id": str(leased.space_id),
            f"{self.noun}_id": str(leased.entity_id),
            "posted": str(leased.posted),
        }


def _named(leased: Leased) -> dict[str, UUID]:
    return {"of_space": leased.space_id, "of_entity": leased.entity_id}
