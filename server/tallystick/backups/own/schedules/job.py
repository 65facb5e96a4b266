"""Who makes the backups that come by themselves? Whichever server looks first, as the user whose they are, so that it sees what they see.

A server holds what it works on, and says so while it does; one that dies lets go. What is made twice is made once: the request of a backup
follows from its time. As many are made at a time as a server has hands for, and a slow Drive holds up nobody but its own user.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from tallystick.backups.own import rules as of_backups
from tallystick.backups.own import writes
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.making import Making
from tallystick.backups.own.schedules import commands, rules
from tallystick.backups.own.schedules.kept import Kept
from tallystick.backups.own.schedules.queries import find_schedule
from tallystick.backups.own.schedules.retention import Retention
from tallystick.backups.own.steps import take_step
from tallystick.caller import Caller
from tallystick.errors import NotVisible, RuleBroken, Unavailable
from tallystick.jobs.alone import work_alone
from tallystick.jobs.due.job import Leased
from tallystick.store.apart import Apart
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.times import to_datetime
from tallystick.v1.backup_pb2 import Backup, BackupProblem
from tallystick.v1.backup_service_pb2 import CreateBackupRequest
from tallystick.v1.error_reason_pb2 import ErrorReason

LOOK_EVERY_S = 30.0
# Each reads all that a user has, and uploads it.
AT_ONCE = 2
LEASE, RENEW_EVERY_S = timedelta(minutes=5), 60.0
# Another backup of the user is being made.
BUSY_FOR = timedelta(minutes=5)
PUT_OFF = timedelta(hours=1)

# Tells a user that there was no backup to a target for too long, and when the last good one was made. Once for each.
TellStale = Callable[[UUID, UUID, datetime | None], Awaitable[None]]


class ScheduleJob:
    """Makes what is due."""

    def __init__(self, store: Store, apart: Apart, drives: Drives, making: Making, tell_stale: TellStale) -> None:
        self._store = store
        self._apart = apart
        self._drives = drives
        self._making = making
        self._retention = Retention(store, drives)
        self._tell_stale = tell_stale
        self._working: set[asyncio.Task[None]] = set()

    async def look(self) -> None:
        """Begins what is due, as far as there are hands for it."""
        while self._drives.client is not None and len(self._working) < AT_ONCE and (leased := await self._lease()):
            task = asyncio.create_task(self._work_alone(leased), name="scheduled_backup")
            self._working.add(task)
            task.add_done_callback(self._working.discard)

    async def run(self) -> None:
        """Goes on until nothing is due."""
        await self.look()
        while self._working:
            await asyncio.wait([*self._working], return_when=asyncio.FIRST_COMPLETED)
            await self.look()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """At the end of the block it lets go of everything: another server goes on, or this one after it has started again."""
        try:
            yield
        finally:
            working = [*self._working]
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _lease(self) -> Leased | None:
        now = self._store.clock.now()
        rows = await self._apart.fetch(writes.BACKUP_DUES.lease(now=now, lease=now + LEASE, limit=1))
        return Leased(*rows[0], until=now + LEASE) if rows else None

    async def _work_alone(self, leased: Leased) -> None:
        def ids() -> dict[str, str]:
            return {"space_id": str(leased.space_id), "target_id": str(leased.entity_id)}

        put_off = partial(self._put_off, leased, PUT_OFF)
        await work_alone("scheduled_backup", ids, self._work(leased), put_off)

    async def _work(self, leased: Leased) -> None:
        caller = Caller(leased.user_id, leased.space_id, None, "")
        async with self._holding(leased):
            try:
                tx = self._store.reader(caller, caller.home_id, CreateBackupRequest())
                kept = await find_schedule(tx, leased.entity_id)
            except NotVisible:
                kept = None
            if kept is None:
                await self._apart.fetch_all(writes.BACKUP_DUES.end(**_held(leased)))
            elif kept.is_paused:
                await self._note(caller, leased.entity_id, kept, lambda before: before)
            elif not await self._make(caller, leased.entity_id, kept):
                await self._put_off(leased, BUSY_FOR)

    async def _make(self, caller: Caller, target_id: UUID, kept: Kept) -> bool:
        """Whether it came to an end, be it a good one."""
        request_id = rules.request_id_of(target_id, kept)
        request = CreateBackupRequest(request_id=str(request_id), target_id=str(target_id))
        try:
            made = await self._making.make_scheduled(caller, request, kept.recipient, tells=not kept.failures)
        except RuleBroken as refused:
            if refused.reason != ErrorReason.ERROR_REASON_TARGET_REAUTH_REQUIRED:
                return False
            # It was seen before, and told.
            made = Backup(state=of_backups.FAILED, problem=BackupProblem.BACKUP_PROBLEM_REAUTH_REQUIRED)
        now = self._store.clock.now()
        if made.state == of_backups.DONE:
            verified_at = to_datetime(made.verified_at)
            after = partial(rules.after_success, slot=kept.slot, verified_at=verified_at, now=now)
            if noted := await self._note(caller, target_id, kept, after):
                await self._retention.drop(caller, target_id, noted)
            return True
        if made.state == of_backups.FAILED:
            after_failure = partial(rules.after_failure, slot=kept.slot, problem=made.problem, now=now)
            await self._note(caller, target_id, kept, after_failure)
            return True
        return False

    async def _note(self, caller: Caller, target_id: UUID, seen: Kept, change: commands.Change) -> Kept | None:
        """The user is told before it is noted that they were: after that nobody would."""
        after = change(seen)
        is_to_tell = not after.is_told_stale and rules.is_stale(after, self._store.clock.now())
        if is_to_tell:
            await self._tell_stale(caller.user_id, target_id, after.last_verified_at)
        noted: list[Kept | None] = []

        async def step(tx: WriteTx) -> None:
            def told(before: Kept) -> Kept:
                return rules.mark_told(change(before)) if is_to_tell else change(before)

            noted.append(await commands.change_schedule(tx, caller.user_id, target_id, told))

        await take_step(self._store, caller, step)
        return noted[-1]

    async def _put_off(self, leased: Leased, how_long: timedelta) -> None:
        until = self._store.clock.now() + how_long
        await self._apart.fetch_all(writes.BACKUP_DUES.release(**_held(leased), until=until))

    @asynccontextmanager
    async def _holding(self, leased: Leased) -> AsyncIterator[None]:
        """Inside the block nobody else takes it."""
        renewing = asyncio.create_task(self._renew(leased))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, leased: Leased) -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            until = self._store.clock.now() + LEASE
            with suppress(Unavailable):
                await self._apart.fetch_all(writes.BACKUP_DUES.release(**_held(leased), until=until))
                leased.until = until


def _held(leased: Leased) -> dict[str, object]:
    return {"of_space": leased.space_id, "of_entity": leased.entity_id, "lease": leased.until}
