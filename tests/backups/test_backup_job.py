"""Is there a backup every day, once, proven, and is it seen when there is not?"""

import asyncio
import resource
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import grpc
import pytest

from backups.drive.running import running_drive
from backups.full_disk import files_at_most
from backups.household import PASSPHRASE, install
from fresh_database import FreshDatabase, fresh_database
from people import Client, make_book, sign_up
from rpc.spaces.sharing import back
from tallystick import app
from tallystick.backups import rules
from tallystick.backups.cron import Cron
from tallystick.backups.job import BackupJob
from tallystick.backups.targets.target import TargetFailed, TargetReason
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1.status_service_pb2 import GetStatusRequest, HealthState
from turned_clock import TurnedClock

SERVING, DEGRADED = HealthState.HEALTH_STATE_SERVING, HealthState.HEALTH_STATE_DEGRADED


@dataclass(frozen=True)
class Stage:
    """Two servers on a database of their own, which back up into a folder."""

    servers: tuple[app.App, app.App]
    client: Client
    clock: TurnedClock
    database: FreshDatabase
    folder: Path

    @property
    def jobs(self) -> tuple[BackupJob, BackupJob]:
        first, second = (server.backups.job for server in self.servers)
        assert first is not None
        assert second is not None
        return first, second

    async def run(self) -> None:
        await asyncio.gather(*(job.run() for job in self.jobs))

    def runs(self) -> list[Any]:
        with self.database.as_superuser() as connection:
            query = "SELECT state, reason, restored_at, dropped_at, stored_id FROM backup_run ORDER BY started_at"
            return connection.execute(query).fetchall()

    def proof_problem(self) -> str | None:
        with self.database.as_superuser() as connection:
            query = "SELECT problem FROM job_run WHERE job LIKE 'backup_proof%'"
            ((problem,),) = connection.execute(query).fetchall()
        return None if problem is None else str(problem)

    def archives(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("*.tally"))

    def metric(self, name: str, **labels: str) -> float | None:
        return self.servers[0].registry.get_sample_value(name, {"target": "folder"} | labels)


@asynccontextmanager
async def opened(postgres: EmbeddedPostgres, config: Config, folder: Path, **settings: Any) -> AsyncIterator[Stage]:
    clock = TurnedClock()
    target = folder / "backups"
    target.mkdir()
    async with fresh_database(postgres) as database:
        places: dict[str, Any] = {"backup_to": target} | settings
        chosen = replace(
            install(database, folder, config).config,
            migration_url=database.owner_dsn,
            backup_url=database.superuser_dsn,
            backup_passphrase=PASSPHRASE,
            **places,
        )
        async with (
            app.running(chosen, clock) as first,
            app.running(chosen, clock) as second,
            grpc.aio.insecure_channel(f"127.0.0.1:{first.port}") as channel,
        ):
            yield Stage((first, second), Client(channel), clock, database, target)


async def test_a_backup_a_day_is_made_once_proven_and_kept(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path
) -> None:
    async with opened(postgres, config, tmp_path) as stage:
        ann = await sign_up(stage.client, "Ann")
        assert (await ann.status.GetStatus(GetStatusRequest())).backup.state == DEGRADED, "there is none yet"
        await stage.run()
        ((state, reason, restored_at, _, name),) = stage.runs()
        assert (state, reason, stage.archives()) == (1, None, [name])
        assert restored_at is not None, "the first one is proven at once"
        told = (await ann.status.GetStatus(GetStatusRequest())).backup
        assert (told.state, told.failure, told.last_made_at) == (SERVING, "", told.last_verified_at)
        await stage.run()
        assert len(stage.runs()) == 1, "once a day, whoever looks and how often"
        # Both servers have looked since, whichever of them made it.
        assert int(stage.metric("backup_last_verified_timestamp_seconds") or 0) == told.last_verified_at.seconds
        with stage.clock.later(days=3):
            # Whatever was missed meanwhile is one backup.
            await stage.run()
            assert len(stage.runs()) == 2
            ann = await back(ann)
            assert (await ann.status.GetStatus(GetStatusRequest())).backup.state == SERVING
        with stage.clock.later(days=5):
            ann = await back(ann)
            assert (await ann.status.GetStatus(GetStatusRequest())).backup.state == DEGRADED, "it is stale"
        assert not [*tmp_path.glob("data/backup-spool/*")], "nothing is left on the way"


async def test_a_shared_drive_has_one_too(postgres: EmbeddedPostgres, config: Config, tmp_path: Path) -> None:
    with running_drive() as drive:
        key, shared = drive.shared_drive()
        place = {"drive_service_account": key, "shared_drive_id": shared.id, "drive_root_url": drive.root_url}
        async with opened(postgres, config, tmp_path, backup_to=None, **place) as stage:
            await stage.run()
            (file,) = drive.files()
            ((state, reason, restored_at, _, stored_id),) = stage.runs()
            assert (state, reason, stored_id) == (1, None, file.id)
            assert restored_at is not None
            await stage.run()
            # Both servers have looked since, whichever of them made it.
            assert stage.metric("backup_size_bytes", target="shared_drive") == len(file.content)


async def test_what_differs_only_in_what_came_back_is_no_proof(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path
) -> None:
    async with opened(postgres, config, tmp_path) as stage:
        ann = await sign_up(stage.client, "Ann")
        await (await make_book(ann)).spend(100)
        with stage.database.as_superuser() as connection:
            connection.execute("CREATE TABLE taken AS SELECT * FROM balance")
            # Past the guards that would refuse it.
            connection.execute("SET session_replication_role = replica")
            connection.execute("DELETE FROM balance")
        await stage.run()
        # As it is where people work: it would come back like that, and is told.
        ((state, _, restored_at, *_),) = stage.runs()
        assert (state, restored_at is not None) == (1, True)
        told = (await ann.status.GetStatus(GetStatusRequest())).backup
        assert (told.state, told.differing_spaces) == (SERVING, 1)
        await stage.run()
        # Both servers have looked since, whichever of them proved it.
        assert stage.metric("backup_differing_spaces") == 1
        # People's book is whole, and what comes back is not.
        with stage.database.as_superuser() as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("INSERT INTO balance SELECT * FROM taken")
            connection.execute("UPDATE backup_run SET restored_at = NULL, differing = NULL")
            connection.execute("DELETE FROM job_run WHERE job LIKE 'backup_proof%'")
        await stage.run()
        ((_, _, restored_at, *_),) = stage.runs()
        assert restored_at is None
        assert stage.proof_problem() == "differs"
        told = (await ann.status.GetStatus(GetStatusRequest())).backup
        assert (told.differing_spaces, told.HasField("last_verified_at")) == (0, False)


# Less than any archive has.
SMALL_BYTES = 8192


class Failing:
    """A target that keeps something else than it was given, or nothing."""

    def __init__(self, inner: Any, how: str) -> None:
        self._inner = inner
        self._how = how

    async def store(self, name: str, labels: Mapping[str, str], source: Any) -> Any:
        if self._how == "full":
            raise TargetFailed(TargetReason.FULL, "No room.")
        return await self._inner.store(name, labels, source)

    async def read(self, stored_id: str) -> AsyncIterator[bytes]:
        pieces = [piece async for piece in self._inner.read(stored_id)]
        whole = b"".join(pieces)
        yield whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]

    async def delete(self, stored_id: str) -> None:
        await self._inner.delete(stored_id)


@pytest.mark.parametrize(
    ("how", "reason"),
    [("full", "full"), ("no room on the way", "no_room"), ("changed", "damaged")],
    ids=["full", "no room on the way", "changed"],
)
async def test_what_cannot_be_read_back_is_no_backup(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path, how: str, reason: str
) -> None:
    async with opened(postgres, config, tmp_path) as stage:
        job, _ = stage.jobs
        job._targets = {"folder": Failing(job._targets["folder"], how)}  # type: ignore[dict-item]  # all that the job asks for
        with files_at_most(SMALL_BYTES if how == "no room on the way" else resource.RLIM_INFINITY):
            await job.run()
        ((state, found, restored_at, *_),) = stage.runs()
        assert (state, found, restored_at) == (2, reason, None)
        assert stage.archives() == [], "none that does not verify"
        ann = await sign_up(stage.client, "Ann")
        told = (await ann.status.GetStatus(GetStatusRequest())).backup
        assert (told.state, told.failure) == (DEGRADED, reason)
        assert not told.HasField("last_made_at")
        assert stage.metric("backup_runs_total", result="failed", reason=reason) == 1
        assert not [*tmp_path.glob("data/backup-spool/*")]
        # It is tried again when the lease is over, and by then the target may be well.
        with stage.clock.later(seconds=timedelta(hours=4).total_seconds()):
            await stage.jobs[1].run()
        assert [state for state, *_ in stage.runs()] == [2, 1]


async def test_the_operator_is_told_once_a_day_and_when_all_is_well_again(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "is_proof_due", lambda *_: False)
    async with opened(postgres, config, tmp_path, operator_email="operator@example.com") as stage:
        for job in stage.jobs:
            job._targets = {"folder": Failing(job._targets["folder"], "full")}  # type: ignore[dict-item]  # all that the job asks for
        assert mails_in(tmp_path) == [], "nothing is wrong before the first"
        await stage.run()
        await stage.run()
        ((to, subject, text),) = mails_in(tmp_path)
        assert (to, "folder" in subject, "(full)" in text) == ("operator@example.com", True, True)
        with stage.clock.later(days=1):
            await stage.run()
            assert len(mails_in(tmp_path)) == 2, "and each day again"
        for job in stage.jobs:
            job._targets = {"folder": job._targets["folder"]._inner}  # type: ignore[attr-defined]  # as above
        with stage.clock.later(days=2):
            # One after the other: whoever looks while the other makes it finds that it failed still.
            for job in (*stage.jobs, *stage.jobs):
                await job.run()
        assert [subject for _, subject, _ in mails_in(tmp_path)][2:] == ["Backups are well again: folder"]


def mails_in(folder: Path) -> list[tuple[str, str, str]]:
    """To whom, about what, and what it says; the oldest first."""
    found = [message_from_bytes(path.read_bytes()) for path in sorted(folder.glob("data/mail/*.eml"))]
    return [(str(each["To"]), str(each["Subject"]), str(each.get_payload())) for each in found]


async def test_what_is_too_old_goes_when_something_newer_is_there(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path
) -> None:
    async with opened(postgres, config, tmp_path) as stage:
        job, _ = stage.jobs
        job._plan = replace(job._plan, keep=rules.Keep(daily=1, weekly=0, monthly=0))
        (stage.folder / "of somebody else.tally").write_bytes(b"mine")
        await job.run()
        with stage.clock.later(days=1):
            await job.run()
        with stage.clock.later(days=2):
            await job.run()
        dropped = [dropped_at is not None for *_, dropped_at, _ in stage.runs()]
        # The first was proven by restoring it, and nothing newer was.
        assert dropped == [False, True, False]
        assert "of somebody else.tally" in stage.archives()
        assert len(stage.archives()) == 3


async def test_an_hourly_one_is_made_once_every_hour(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path
) -> None:
    hourly = Cron.parse(f"{datetime.now(UTC).minute} * * * *")
    async with opened(postgres, config, tmp_path, backup_at=hourly) as stage:
        for hours in (0, 0, 1, 1, 5):
            with stage.clock.later(hours=hours):
                await stage.run()
        assert [state for state, *_ in stage.runs()] == [1, 1, 1]
