"""Does everything come back on an empty machine, from an archive and a passphrase? The whole story of a lost server."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backups import household
from backups.drive.running import RunningDrive, running_drive
from backups.household import (
    Household,
    Installation,
    again,
    contents_in,
    copied,
    cursor_of,
    guards_of,
    in_plain,
    install,
    rows_of,
    seen_by,
    stored_by,
)
from fresh_database import FreshDatabase, fresh_database
from people import Person
from tallystick.backups import rules
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1 import sync_service_pb2
from tallystick_client.v1.sync_pb2 import ResetReason


async def test_a_lost_server_comes_back_whole(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive.tally"
    # Proofs by restoring have tests of their own.
    monkeypatch.setattr(rules, "is_proof_due", lambda *_: False)
    with running_drive() as drive:
        async with fresh_database(postgres) as database:
            first = backed_up(install(database, tmp_path / "first", config), tmp_path / "folder", drive)
            async with first.served() as (server, client):
                home = await household.settle_in(client)
                before = [await seen_by(person) for person in (home.ann, home.bob)]
                cursor, _ = await cursor_of(home.ann, home.book.id)
                assert server.backups.job is not None
                await server.backups.job.run()
            stored = stored_by(first.config)
            rows, guards = people_of(database), guards_of(database)
        (file,) = drive.files()
        archive.write_bytes(file.content)
    assert len(stored) == 5, "a picture and the small one of it, the file that was taken in, and two parts"
    assert {"journal", "audit", "answer"} <= {name for name, found in rows.items() if found}, "all that happened"
    (in_folder,) = (tmp_path / "folder").glob("*.tally")
    assert in_folder.read_bytes() == archive.read_bytes()
    assert in_plain(home, archive, first.data_dir) == []
    # The machine is gone: database, keyring, everything.
    shutil.rmtree(first.data_dir)

    async with fresh_database(postgres, is_migrated=False) as database:
        second = install(database, tmp_path / "second", config)
        assert await second.command(monkeypatch, "restore", archive) == 0
        assert people_of(database) == rows, "every row, byte for byte"
        assert guards_of(database) == guards
        assert stored_by(second.config) == stored
        assert in_plain(home, second.data_dir) == []
        async with second.served() as (_, client):
            ann, bob = await again(client, home.ann), await again(client, home.bob)
            after = [await seen_by(person) for person in (ann, bob)]
            for was, now in zip(before, after, strict=True):
                assert {name for name in was.keys() | now.keys() if was.get(name) != now.get(name)} == set()
            assert contents_in(after[0]) >= {*home.contents}, "byte for byte"
            await _goes_on(home, ann)
            pages = [
                page
                async for page in ann.streams.Pull(sync_service_pb2.PullRequest(space_id=home.book.id, cursor=cursor))
            ]
            assert pages[0].reset == ResetReason.RESET_REASON_EPOCH
            assert len(await copied(ann, home.book.id)) > 0


def backed_up(installation: Installation, folder: Path, drive: RunningDrive) -> Installation:
    """The same, with backups each day to a folder and to a shared drive."""
    folder.mkdir()
    key, shared = drive.shared_drive()
    settings = replace(
        installation.config,
        migration_url=installation.database.owner_dsn,
        backup_url=installation.database.superuser_dsn,
        backup_passphrase=household.PASSPHRASE,
        backup_to=folder,
        drive_service_account=key,
        shared_drive_id=shared.id,
        drive_root_url=drive.root_url,
    )
    return replace(installation, config=settings)


def people_of(database: FreshDatabase) -> dict[str, list[Any]]:
    """Every row of what people have. What is known of a backup itself is written after it."""
    return {name: rows for name, rows in rows_of(database).items() if name not in {"backup_run", "job_run"}}


async def _goes_on(home: Household, ann: Person) -> None:
    """What was restored can be worked with."""
    book = replace(home.book, person=ann)
    held = await book.balance()
    await book.spend(100)
    assert await book.balance() == held - 100
