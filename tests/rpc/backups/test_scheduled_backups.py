"""Do backups come by themselves, once each, whatever goes wrong, and is nothing kept that opens them?"""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import grpc
import pytest

from backups.drive.faults import Effect, Kind
from backups.drive.running import ANN
from people import MISSING_ID, PASSWORD, Person, make_book, new_id, read_refusal
from proof import Connection
from rpc.backups.conftest import CHEAP, offering
from rpc.backups.vault import SECRET, Vault, connect
from rpc.spaces.sharing import EDITOR, back, share
from tallystick import app
from tallystick.app import App
from tallystick.backups.archive import head as heads
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.recipient import Recipient, lock_for
from tallystick.backups.archive.writer import write_archive
from tallystick.backups.own.schedules.job import BUSY_FOR, LEASE
from tallystick.backups.own.schedules.queries import find_schedule
from tallystick.backups.own.tables import backup_schedule
from tallystick.backups.own.writing import OwnArchive
from tallystick.caller import Caller
from tallystick.cli import main as cli
from tallystick.config import Config
from tallystick.v1.backup_service_pb2 import CreateBackupRequest
from tallystick_client.v1 import auth_service_pb2
from tallystick_client.v1 import backup_service_pb2 as api
from tallystick_client.v1.backup_pb2 import Backup, BackupProblem, BackupState, BackupTargetState
from tallystick_client.v1.notification_details_pb2 import BackupTrouble
from tallystick_client.v1.notification_pb2 import ListNotificationsRequest
from turned_clock import TurnedClock

DONE, FAILED = BackupState.BACKUP_STATE_DONE, BackupState.BACKUP_STATE_FAILED
RUNNING = BackupState.BACKUP_STATE_RUNNING
TOLD_FAILED, TOLD_STALE = BackupTrouble.BACKUP_TROUBLE_FAILED, BackupTrouble.BACKUP_TROUBLE_STALE
# A little past the time of a schedule that is daily from now on.
PAST = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def nothing_else_is_due(database: Connection) -> Iterator[None]:
    """No schedule of another test comes to its time here, nor one of these elsewhere."""
    database.execute("DELETE FROM backup_due")
    yield
    database.execute("DELETE FROM backup_due")


@pytest.fixture
async def daily(vault: Vault, clock: TurnedClock) -> Vault:
    """Ann's Drive, with a backup every day at this time."""
    await vault.schedule(cron=cron_of(clock.now()))
    return vault


def cron_of(moment: datetime) -> str:
    return f"{moment.minute} {moment.hour} * * *"


@asynccontextmanager
async def later(vault: Vault, clock: TurnedClock, **by: float) -> AsyncIterator[Vault]:
    """No session lasts as long as these tests turn the clock."""
    with clock.later(seconds=PAST.total_seconds()), clock.later(**by):
        yield replace(vault, person=await back(vault.person))


async def told(person: Person) -> list[int]:
    """What the user was told about backups, the oldest first."""
    answer = await person.notifications.ListNotifications(ListNotificationsRequest())
    return [each.backup.trouble for each in reversed(answer.notifications)]


async def test_it_comes_at_its_time_once_and_the_passphrase_opens_it(
    daily: Vault, server: App, clock: TurnedClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job, book = server.own_backups.job, await make_book(daily.person)
    await job.run()
    assert await daily.list_backups() == []
    async with later(daily, clock, days=1) as vault:
        await asyncio.gather(job.run(), job.run())
        await job.run()
        (backup,) = await vault.list_backups()
        assert (backup.state, backup.scheduled, backup.books) == (DONE, True, 1)
        parts = await vault.read(backup)
        histories = {f"history/{each}.jsonl" for each in (vault.person.user.home_id, book.id)}
        assert {*parts} == {"home.jsonl", f"books/{book.id}.jsonl", *histories}
        assert (await vault.verify(backup.id)).state == DONE
        schedule = await vault.find_schedule()
        assert schedule is not None
        assert schedule.last_verified_at == backup.verified_at
        assert schedule.last_problem == BackupProblem.BACKUP_PROBLEM_UNSPECIFIED
        assert timedelta(hours=23) < schedule.next_at.ToDatetime(UTC) - clock.now() < timedelta(days=1)
        # As its user reads it, with nothing but the file and the passphrase.
        archive, secret = tmp_path / "backup.tallystick", tmp_path / "passphrase"
        archive.write_bytes(vault.file_of(backup).content)
        secret.write_text(SECRET)
        assert await asyncio.to_thread(cli.main, ["verify", str(archive), "--passphrase-file", str(secret)]) == 0
        assert "whole: 6 parts" in capsys.readouterr().out
        restored = await vault.restore(vault.restoring(backup.id, book.id))
        assert restored.space_id != book.id
        assert restored.revisions > 0
    assert [*server.own_backups.spool_dir.iterdir()] == []


async def test_what_was_missed_is_made_up_for_once(daily: Vault, server: App, clock: TurnedClock) -> None:
    async with later(daily, clock, days=9) as vault:
        await server.own_backups.job.run()
        assert len(await vault.list_backups()) == 1
    async with later(daily, clock, days=10) as vault:
        await server.own_backups.job.run()
        assert len(await vault.list_backups()) == 2


async def test_two_servers_make_one(daily: Vault, server: App, config: Config, clock: TurnedClock) -> None:
    async with app.running(config, clock) as other:
        ours, theirs = server.own_backups, other.own_backups
        theirs.drives.client, theirs.drives.open_drive = ours.drives.client, ours.drives.open_drive
        async with later(daily, clock, days=1) as vault:
            await asyncio.gather(ours.job.run(), theirs.job.run())
            assert [each.state for each in await vault.list_backups()] == [DONE]
            assert len(vault.drive.files()) == 1


async def test_it_is_what_its_user_sees_and_no_more(daily: Vault, bob: Person, server: App, clock: TurnedClock) -> None:
    shared, private = await make_book(bob), await make_book(bob)
    await share(bob, shared.id, daily.person, EDITOR)
    async with later(daily, clock, days=1) as vault:
        await server.own_backups.job.run()
        (backup,) = await vault.list_backups()
        parts = await vault.read(backup)
        assert f"books/{shared.id}.jsonl" in parts
        assert f"books/{private.id}.jsonl" not in parts


async def test_a_server_that_stops_lets_another_go_on(daily: Vault, server: App, clock: TurnedClock) -> None:
    job = server.own_backups.job
    held = daily.drive.plan(Kind.BEGIN, Effect.HOLD)
    async with later(daily, clock, days=1) as vault:
        async with job.going_on():
            await job.look()
            await asyncio.to_thread(held.reached.wait, 30)
            (begun,) = await vault.list_backups()
            assert begun.state == RUNNING
            held.let_go.set()
        vault.drive.mend()
        await job.run()
        (begun,) = await vault.list_backups()
        assert begun.state == BackupState.BACKUP_STATE_INTERRUPTED, "it is still in the other's hands"
    async with later(daily, clock, days=1, seconds=2 * LEASE.total_seconds()) as vault:
        await job.run()
        (done,) = await vault.list_backups()
        assert (done.id, done.state) == (begun.id, DONE)
        assert len(vault.drive.files()) == 1


async def test_it_waits_for_one_that_is_made_by_hand(daily: Vault, server: App, clock: TurnedClock) -> None:
    job = server.own_backups.job
    async with later(daily, clock, days=1) as vault:
        held = vault.drive.plan(Kind.BEGIN, Effect.HOLD)
        by_hand = asyncio.create_task(vault.back_up())
        await asyncio.to_thread(held.reached.wait, 30)
        await job.run()
        assert len(await vault.list_backups()) == 1
        held.let_go.set()
        assert not (await by_hand).scheduled
    async with later(daily, clock, days=1, seconds=BUSY_FOR.total_seconds()) as vault:
        await job.run()
        assert [(each.state, each.scheduled) for each in await vault.list_backups()] == [(DONE, True), (DONE, False)]
        assert await told(vault.person) == []


async def test_what_is_too_old_goes_and_what_was_made_by_hand_stays(
    vault: Vault, server: App, clock: TurnedClock
) -> None:
    job, by_hand = server.own_backups.job, await vault.back_up()
    await vault.schedule(cron=cron_of(clock.now()), retention={"daily": 2})
    foreign = len(vault.drive.files())
    made: list[Backup] = []
    for day in range(1, 4):
        async with later(vault, clock, days=day) as today:
            await job.run()
            made.insert(0, (await today.list_backups())[0])
            assert [each.id for each in await today.list_backups()] == [each.id for each in [*made[:2], by_hand]]
            assert len(today.drive.files()) == min(day, 2) + foreign


async def test_nothing_goes_unless_something_newer_was_read_back(vault: Vault, server: App, clock: TurnedClock) -> None:
    await vault.schedule(cron=cron_of(clock.now()), retention={})
    async with later(vault, clock, days=1) as today:
        await server.own_backups.job.run()
        (kept,) = await today.list_backups()
    vault.drive.plan(Kind.MEDIA, times=100)
    async with later(vault, clock, days=2) as today:
        await server.own_backups.job.run()
        assert [each.state for each in await today.list_backups()] == [FAILED, DONE]
        assert kept.stored_id in today.drive.world.files
    vault.drive.mend()
    async with later(vault, clock, days=3) as today:
        await server.own_backups.job.run()
        # The newest good one is kept though nothing is to be kept.
        assert [each.state for each in await today.list_backups()] == [DONE, FAILED]
        assert kept.stored_id not in today.drive.world.files
    async with later(vault, clock, days=40) as today:
        await server.own_backups.job.run()
        assert [each.state for each in await today.list_backups()] == [DONE], "old failures are forgotten"


async def test_a_failure_is_told_once_and_tried_again_slower_and_slower(
    daily: Vault, server: App, clock: TurnedClock
) -> None:
    job = server.own_backups.job
    daily.drive.plan(Kind.MEDIA, times=10_000)
    tries = 0
    for minutes in (0, 5, 16, 30, 80, 310, 500):
        async with later(daily, clock, days=1, minutes=minutes) as vault:
            await job.run()
            schedule = await vault.find_schedule()
            assert schedule is not None
            assert schedule.last_problem == BackupProblem.BACKUP_PROBLEM_UNREACHABLE
            wait = schedule.next_at.ToDatetime(UTC) - clock.now()
            assert timedelta() < wait <= timedelta(hours=6)
            tries = len(await vault.list_backups())
            assert await told(vault.person) == [TOLD_FAILED]
    assert tries == 4
    daily.drive.mend()
    async with later(daily, clock, days=1, minutes=900) as vault:
        await job.run()
        assert [each.state for each in await vault.list_backups()] == [DONE] + [FAILED] * tries
        schedule = await vault.find_schedule()
        assert schedule is not None
        assert schedule.last_problem == BackupProblem.BACKUP_PROBLEM_UNSPECIFIED
        assert await told(vault.person) == [TOLD_FAILED]


async def test_a_permission_that_ended_pauses_it_until_it_is_given_again(
    daily: Vault, server: App, clock: TurnedClock
) -> None:
    job = server.own_backups.job
    daily.drive.world.accounts.revoke(ANN)
    async with later(daily, clock, days=1) as vault:
        await job.run()
        (target,) = await vault.targets()
        assert target.state == BackupTargetState.BACKUP_TARGET_STATE_REAUTH_REQUIRED
        schedule = await vault.find_schedule()
        assert schedule is not None
        assert not schedule.HasField("next_at")
        assert schedule.last_problem == BackupProblem.BACKUP_PROBLEM_REAUTH_REQUIRED
    async with later(daily, clock, days=1, hours=12) as vault:
        await job.run()
        assert [each.state for each in await vault.list_backups()] == [FAILED]
        assert await told(vault.person) == [TOLD_FAILED]
    for days in (4, 5, 9):
        async with later(daily, clock, days=days) as vault:
            await job.run()
            assert [each.state for each in await vault.list_backups()] == [FAILED]
            assert await told(vault.person) == [TOLD_FAILED, TOLD_STALE], "once"
    async with later(daily, clock, days=10) as vault:
        await connect(vault.person, vault.drive, vault.target_id)
        await job.run()
        assert [each.state for each in await vault.list_backups()] == [DONE, FAILED]
        schedule = await vault.find_schedule()
        assert schedule is not None
        assert schedule.HasField("next_at")
        assert schedule.last_verified_at.ToDatetime(UTC) > clock.now() - timedelta(hours=1)
        assert await told(vault.person) == [TOLD_FAILED, TOLD_STALE]


async def test_that_there_was_none_for_too_long_is_told_once_each_time(
    daily: Vault, server: App, clock: TurnedClock
) -> None:
    job = server.own_backups.job
    async with later(daily, clock, days=1):
        await job.run()
    daily.drive.plan(Kind.MEDIA, times=100_000)
    both = [TOLD_FAILED, TOLD_STALE]
    expected = [(2.0, [TOLD_FAILED]), (2.9, [TOLD_FAILED]), (3.1, both), (6.0, both)]
    for days, so_far in expected:
        async with later(daily, clock, days=days) as vault:
            await job.run()
            assert await told(vault.person) == so_far
    daily.drive.mend()
    async with later(daily, clock, days=7) as vault:
        await job.run()
        assert (await vault.list_backups())[0].state == DONE
    daily.drive.plan(Kind.MEDIA, times=100_000)
    async with later(daily, clock, days=10) as vault:
        await job.run()
        assert await told(vault.person) == [TOLD_FAILED, TOLD_STALE, TOLD_FAILED, TOLD_STALE]
    daily.drive.mend()


async def test_each_target_has_its_own(ann: Person, server: App, clock: TurnedClock) -> None:
    with offering(server) as drive:
        one, other = await connect(ann, drive), await connect(ann, drive)
        await one.schedule(cron=cron_of(clock.now()), retention={})
        await other.schedule(cron=cron_of(clock.now()), retention={}, passphrase="another long passphrase")
        async with later(one, clock, days=1) as vault:
            # One waits while the other is made, since a user has one at a time.
            await server.own_backups.job.run()
        async with later(one, clock, days=1, seconds=BUSY_FOR.total_seconds()) as vault:
            await server.own_backups.job.run()
            made = {each.target_id: each for each in await vault.list_backups()}
            assert {*made} == {one.target_id, other.target_id}
            await vault.verify(made[one.target_id].id)
            await vault.verify(made[other.target_id].id, "another long passphrase")


async def test_what_was_removed_or_erased_comes_no_more(daily: Vault, server: App, database: Connection) -> None:
    def rows() -> list[int]:
        home = (daily.person.user.home_id,)
        tables = ("backup_schedule", "backup_due")
        return [
            database.execute(f"SELECT count(*) FROM {each} WHERE space_id = %s", home).fetchall()[0][0]
            for each in tables
        ]

    assert rows() == [1, 1]
    remove = api.RemoveTargetRequest(request_id=new_id(), target_id=daily.target_id)
    await daily.person.backups.RemoveTarget(remove)
    assert rows() == [0, 0]
    again = await connect(daily.person, daily.drive)
    await again.schedule()
    assert rows() == [1, 1]
    await daily.person.auth.DeleteMe(auth_service_pb2.DeleteMeRequest(request_id=new_id(), password=PASSWORD))
    assert rows() == [0, 0]


async def test_nothing_is_kept_that_opens_them(
    daily: Vault, server: App, config: Config, clock: TurnedClock, database: Connection
) -> None:
    async with later(daily, clock, days=1) as vault:
        await server.own_backups.job.run()
        (backup,) = await vault.list_backups()
        raw = bytes(vault.file_of(backup).content)
    head = heads.parse(raw[: heads.HEAD_FOR_KEY_BYTES])
    seed = Passphrase(SECRET).derive(CHEAP, head.salt)
    secrets = [form for each in (SECRET.encode(), seed) for form in (each, each.hex().encode(), base64.b64encode(each))]
    home = UUID(daily.person.user.home_id)
    tx = server.store.reader(Caller(UUID(daily.person.user.id), home, None, ""), home, CreateBackupRequest())
    kept = await find_schedule(tx, UUID(daily.target_id))
    assert kept is not None
    assert kept.recipient == Recipient(head.recipient, head.salt, CHEAP)
    tables = [
        row[0] for row in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    ]
    assert backup_schedule.name in tables
    said = [
        str(row).encode() for table in tables for row in database.execute(f'SELECT t::text FROM "{table}" t').fetchall()
    ]
    said += [kept.to_text().encode(), repr(kept).encode(), raw]
    said += [path.read_bytes() for path in config.data_dir.rglob("*") if path.is_file() and path.stat().st_size < 10**7]
    assert not [each[:40] for each in said for secret in secrets if secret in each]


async def test_what_somebody_else_closed_for_the_same_key_is_not_the_backup(
    daily: Vault, server: App, clock: TurnedClock
) -> None:
    """Whoever reads the Drive has the public key. What they make opens, and is not what was stored."""
    async with later(daily, clock, days=1) as vault:
        await server.own_backups.job.run()
        (backup,) = await vault.list_backups()
        file = vault.file_of(backup)
        head = heads.parse(bytes(file.content[: heads.HEAD_FOR_KEY_BYTES]))
        forged = OwnArchive([]).compose_manifest(clock.now())
        locked = lock_for(Recipient(head.recipient, head.salt, head.cost))
        file.content = b"".join([piece async for piece in write_archive(forged, [], locked)])
        assert await vault.read(backup) == {}
        for call in (vault.verify(backup.id), vault.restore(vault.restoring(backup.id, MISSING_ID))):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call
            assert read_refusal(refused.value).reason == "BACKUP_DAMAGED"
