"""What does kill -9 of a server leave of an upload, an import and a user's backup? Each goes on where it was, and does nothing twice."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import grpc

from backups.drive.faults import Effect, Kind
from backups.drive.running import RunningDrive, running_drive
from files.desk import PART, begin, content_of, download, finish, part
from imports.desk import STATUS, Desk, statement
from killed.conftest import Settled
from killed.processes import Running, started, temporary_of
from people import Client, Person, make_book, sign_up
from rpc.backups.vault import SECRET, connect
from tallystick_client.v1 import file_service_pb2
from tallystick_client.v1.backup_pb2 import BackupState
from up.stack import CHANNEL_OPTIONS, find_ports

ROWS = 1000
SHOP = "Apfelhof"
CONTENT = content_of(3 * PART + 500, seed=11)
DONE, INTERRUPTED = BackupState.BACKUP_STATE_DONE, BackupState.BACKUP_STATE_INTERRUPTED


@contextmanager
def serving(settled: Settled, drive: RunningDrive, port: int) -> Iterator[Running]:
    accounts = drive.world.accounts
    settings = {
        "TALLYSTICK_LISTEN": f"127.0.0.1:{port}",
        "TALLYSTICK_METRICS_LISTEN": "127.0.0.1:0",
        "TALLYSTICK_BCRYPT_COST": "4",
        "TALLYSTICK_QUOTA_AN_HOUR": "1000000000",
        "TALLYSTICK_JOBS": "no",
        "TALLYSTICK_DRAIN_S": "0",
        "TALLYSTICK_DRIVE_ROOT_URL": drive.root_url,
        "TALLYSTICK_GOOGLE_CLIENT_ID": accounts.client_id,
        "TALLYSTICK_GOOGLE_CLIENT_SECRET": accounts.client_secret,
        "TALLYSTICK_GOOGLE_REDIRECT_URL": accounts.redirect_url,
    }
    with started(settled.here, "serve", **settings) as running:
        yield running


def takes_calls(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


async def test_an_upload_an_import_and_a_backup(settled: Settled) -> None:
    (port,) = find_ports(1)
    address = f"127.0.0.1:{port}"
    with running_drive() as drive:
        async with grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
            with serving(settled, drive, port) as server:
                await server.until(lambda: takes_calls(port), "it takes calls")
                ann = await sign_up(Client(channel), "Ann")
                desk = Desk(await make_book(ann))
                vault = await connect(ann, drive)
                upload = await begin(ann, ann.user.home_id, CONTENT, name="Apfelhof.bin")
                for number in (0, 2):
                    await ann.files.UploadPart(part(ann.user.home_id, upload.file_id, CONTENT, number))
                lines = [f"2026-{1 + at % 12:02}-{1 + at % 28:02},{SHOP} {at},-1.00" for at in range(ROWS)]
                made = await desk.create(statement(*lines))
                # A backup that lies whole in the spool, and waits for the Drive.
                held = drive.plan(Kind.BEGIN, Effect.HOLD)
                request = vault.request()
                backing_up = aiter(ann.backing_up.CreateBackup(request))
                begun = (await anext(backing_up)).backup
                await server.until(held.reached.is_set, "the Drive is asked")
                steps = aiter(desk.processing(made.id))
                await anext(steps)
                with standing_still(settled, desk.book.id) as so_far:
                    sending = asyncio.ensure_future(
                        ann.files.UploadPart(part(ann.user.home_id, upload.file_id, CONTENT, 1))
                    )
                    await asyncio.sleep(0)
                    server.kill()
                assert 0 < so_far < ROWS, "it was killed in the middle"
                await asyncio.gather(sending, return_exceptions=True)
            held.let_go.set()
            drive.mend()
            assert readable(settled) == []
            let_leases_run_out(settled)
            with serving(settled, drive, port) as server:
                await server.until(lambda: takes_calls(port), "it takes calls again")
                await channel.channel_ready()
                await goes_on_with_upload(ann, upload.file_id)
                await goes_on_with_import(desk, made.id)
                assert (await vault.get(begun.id)).state == INTERRUPTED
                done = await vault.back_up(request)
                assert (done.id, done.state) == (begun.id, DONE)
                assert len(drive.files()) == 1
                assert f"books/{desk.book.id}.jsonl" in await vault.read(done)
                assert not [*(settled.here.data_dir / "backup-spool" / "own").iterdir()]
                assert readable(settled) == []


@contextmanager
def standing_still(settled: Settled, book_id: str) -> Iterator[int]:
    """Nothing more is committed inside the block. Says how many rows of the import are."""
    with settled.here.database.as_superuser() as connection, connection.transaction():
        connection.execute("LOCK TABLE journal IN EXCLUSIVE MODE")
        query = "SELECT count(*) FROM transaction WHERE space_id = %s"
        (count,) = connection.execute(query, [book_id]).fetchone() or (0,)
        yield count


def let_leases_run_out(settled: Settled) -> None:
    """As the minutes do that nobody wants to wait for."""
    with settled.here.database.as_superuser() as connection:
        connection.execute("UPDATE backup SET leased_until = now() - interval '1 second'")


def readable(settled: Settled) -> list[bytes]:
    """What a killed server has left that somebody could read who has no key."""
    folders = (settled.here.data_dir, temporary_of(settled.here))
    written = b"".join(path.read_bytes() for each in folders for path in each.rglob("*") if path.is_file())
    secrets = (SHOP.encode(), CONTENT[PART // 2 :][:32], CONTENT[2 * PART + 99 :][:32], SECRET.encode())
    return [each for each in secrets if each in written]


async def goes_on_with_upload(ann: Person, file_id: str) -> None:
    home_id = ann.user.home_id
    asked = file_service_pb2.GetUploadRequest(space_id=home_id, file_id=file_id)
    there = [*(await ann.files.GetUpload(asked)).upload.part_numbers]
    assert {0, 2} <= {*there}, "what was acknowledged"
    for number in {0, 1, 2, 3} - {*there}:
        await ann.files.UploadPart(part(home_id, file_id, CONTENT, number))
    await ann.files.FinishUpload(finish(home_id, file_id, CONTENT))
    assert await download(ann, home_id, file_id) == CONTENT


async def goes_on_with_import(desk: Desk, import_id: str) -> None:
    done = await desk.process(import_id)
    assert (done.status, done.counts.imported) == (STATUS.IMPORT_STATUS_DONE, ROWS)
    assert await desk.book.balance() == -100 * ROWS
    named = [each.payee for each in await desk.transactions()]
    assert sorted(named) == sorted(f"{SHOP} {at}" for at in range(ROWS)), "each is there, once"
