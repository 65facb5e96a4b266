"""Who backs the whole server up when nobody asks? One of the servers, once for each time and target; once a week it restores what it made.

A backup counts when it was read back from its target, to its end. Retention comes after that, so that nothing old goes before something
new is there.
"""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time as time_s
from uuid import UUID

import psycopg

from tallystick.backups import rules, writes
from tallystick.backups.archive.errors import ArchiveError
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.aside import aside
from tallystick.backups.erased_lists import ErasedLists
from tallystick.backups.errors import BackupError
from tallystick.backups.figures import Figures
from tallystick.backups.queries import RunState, list_runs
from tallystick.backups.rules import Keep, Run, Timetable
from tallystick.backups.spool import spool, sweep
from tallystick.backups.targets.target import RUN_LABEL, SpooledArchive, Stored, Target, TargetFailed, TargetReason
from tallystick.backups.telling import Telling
from tallystick.backups.whole.examining import examine_stream
from tallystick.backups.whole.restoring import SUFFIX
from tallystick.backups.whole.trying import Trial
from tallystick.backups.whole.writing import WholeServer
from tallystick.clock import Clock
from tallystick.jobs import runs
from tallystick.jobs.runs import NO_SPACE
from tallystick.log import log
from tallystick.store.apart import Apart

JOB, PROOF_JOB = "backup", "backup_proof"
# What was done for a time, by whichever server, is not done again: this only looks whether it was.
BACKUP_EVERY_S = 300.0
# Longer than a backup takes. One that was killed is made anew after that.
LEASE = timedelta(hours=3)
# What lies in the spool for longer belongs to nobody any more.
LEFT_AFTER_S = 24 * 3600.0
KIND_LABELS = {"kind": "server"}


@dataclass(frozen=True, slots=True)
class Plan:
    """When, how, and how long."""

    passphrase: Passphrase
    timetable: Timetable
    keep: Keep
    spool_dir: Path


class BackupJob:
    """Keeps every target supplied with backups of the whole server."""

    def __init__(
        self,
        plan: Plan,
        server: WholeServer,
        targets: Mapping[str, Target],
        apart: Apart,
        clock: Clock,
        figures: Figures,
        trial: Trial,
        telling: Telling,
        erased: ErasedLists,
    ) -> None:
        self._plan = plan
        self._server = server
        self._targets = targets
        self._apart = apart
        self._clock = clock
        self._figures = figures
        self._trial = trial
        self._telling = telling
        self._erased = erased

    async def run(self) -> None:
        now = self._clock.now()
        slot = self._plan.timetable.slot_of(now)
        jobs = {name: f"{JOB} {name}{slot.of_day}" for name in self._targets}
        due = [name for name, job in jobs.items() if await runs.claim(self._apart, NO_SPACE, job, slot.day, now, LEASE)]
        if due:
            problems = await self._back_up(due)
            for name in due:
                await runs.finish(self._apart, NO_SPACE, jobs[name], slot.day, problems.get(name))
        for name, target in self._targets.items():
            await self._erased.keep(name, target)
            found = await list_runs(self._apart, name)
            if rules.is_proof_due(found, now) and (newest := next((run for run in found if run.is_there), None)):
                await self._prove(name, target, newest)
            standing = rules.standing_of(await list_runs(self._apart, name), self._clock.now(), self._plan.timetable)
            self._figures.tell(name, standing)
            await self._telling.tell(name, standing, self._clock.now().astimezone(self._plan.timetable.zone).date())

    async def _back_up(self, due: Collection[str]) -> Mapping[str, str]:
        """One archive for all that wait for one. Returns why it did not come to some."""
        run_id, started_at = self._clock.new_id(), self._clock.now()
        name = f"tallystick-{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
        self._plan.spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._plan.spool_dir / name
        problems: dict[str, str] = {}
        try:
            spooled = await aside(lambda: self._spool(path))
        except Exception as failed:  # noqa: BLE001 - whatever it is, it must show
            for target in due:
                problems[target] = await self._note_failure(target, name, started_at, failed)
            return problems
        try:
            for target in due:
                try:
                    await self._deliver(target, run_id, name, started_at, spooled)
                except Exception as failed:  # noqa: BLE001 - the others must have theirs
                    problems[target] = await self._note_failure(target, name, started_at, failed)
        finally:
            path.unlink(missing_ok=True)
        return problems

    async def _spool(self, path: Path) -> SpooledArchive:
        sweep(path.parent, time_s() - LEFT_AFTER_S)
        return await spool(self._server.write(self._plan.passphrase), path)

    async def _deliver(
        self, name: str, run_id: UUID, file_name: str, started_at: datetime, spooled: SpooledArchive
    ) -> None:
        target = self._targets[name]
        stored = await target.store(file_name, {RUN_LABEL: str(run_id), **KIND_LABELS}, spooled)
        told = await aside(lambda: self._read_back(target, stored))
        before = next((run for run in await list_runs(self._apart, name) if run.is_verified), None)
        shrunk = rules.list_shrunk(before.row_counts if before else {}, told.row_counts)
        if shrunk:
            log("backup_shrank", level="error", target=name, tables=shrunk)
        await self._note(
            name,
            file_name,
            started_at,
            state=RunState.VERIFIED,
            stored_id=stored.id,
            size_bytes=spooled.size_bytes,
            sha256=spooled.sha256,
            row_counts=json.dumps(dict(told.row_counts)),
            shrunk=json.dumps(shrunk) if shrunk else None,
        )
        self._figures.count(name, "verified")
        log("backup_made", target=name, size_bytes=spooled.size_bytes)
        await self._drop_expired(name)

    async def _read_back(self, target: Target, stored: Stored) -> Manifest:
        """From where it lies: what cannot be read there is no backup, and what is another thing does not stay."""
        try:
            return (await examine_stream(target.read(stored.id), self._plan.passphrase)).manifest
        except (ArchiveError, TargetFailed) as failed:
            if isinstance(failed, ArchiveError) or failed.reason == TargetReason.DAMAGED:
                with suppress(TargetFailed):
                    await target.delete(stored.id)
            raise

    async def _drop_expired(self, name: str) -> None:
        for run in rules.list_expired(await list_runs(self._apart, name), self._plan.keep, self._plan.timetable.zone):
            await self._targets[name].delete(run.stored_id)
            await self._apart.fetch_all(writes.NOTE_DROPPED(of_run=run.id, now=self._clock.now()))

    async def _prove(self, name: str, target: Target, newest: Run) -> None:
        """Once a day at most, also where it fails."""
        now = self._clock.now()
        slot = self._plan.timetable.slot_of(now).day
        job = f"{PROOF_JOB} {name}"
        if not await runs.claim(self._apart, NO_SPACE, job, slot, now, LEASE):
            return
        try:
            differing = await aside(lambda: self._trial.run(target, newest.stored_id, self._plan.passphrase))
        except Exception as failed:  # noqa: BLE001 - whatever it is, it must show
            log("backup_not_proven", level="error", target=name, reason=_reason_of(failed), error=failed)
            await runs.finish(self._apart, NO_SPACE, job, slot, _reason_of(failed))
            return
        await self._apart.fetch_all(writes.NOTE_RESTORED(of_run=newest.id, now=self._clock.now(), differing=differing))
        await runs.finish(self._apart, NO_SPACE, job, slot, None)
        log("backup_proven", level="error" if differing else "info", target=name, differing=differing)

    async def _note_failure(self, name: str, file_name: str, started_at: datetime, failed: BaseException) -> str:
        reason = _reason_of(failed)
        log("backup_failed", level="error", target=name, reason=reason, error=failed)
        await self._note(name, file_name, started_at, state=RunState.FAILED, reason=reason)
        self._figures.count(name, "failed", reason)
        return reason

    async def _note(self, name: str, file_name: str, started_at: datetime, *, state: RunState, **told: object) -> None:
        values: dict[str, object] = dict.fromkeys(writes.TOLD)
        values |= told
        await self._apart.fetch_all(
            writes.NOTE(
                id=self._clock.new_id(),
                target=name,
                name=file_name,
                state=state,
                started_at=started_at,
                finished_at=self._clock.now(),
                **values,
            )
        )


def _reason_of(failed: BaseException) -> str:
    if isinstance(failed, (BackupError, ArchiveError, TargetFailed)):
        return str(failed.reason)
    if isinstance(failed, psycopg.Error):
        return "database"
    return "disk" if isinstance(failed, OSError) else "failed"
