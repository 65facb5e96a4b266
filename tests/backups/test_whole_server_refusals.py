"""Is what cannot be restored refused before anything is touched, and what must not be lost kept?"""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from backups import household
from backups.household import PASSPHRASE, Installation, again, install, rows_of, seen_by
from backups.shelf import manifest, written
from fresh_database import FreshDatabase, fresh_database
from people import sign_up
from tallystick.backups.archive.errors import ArchiveError, Damaged, NotAnArchive, Truncated, WrongPassphrase
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.archive.writer import write_archive
from tallystick.backups.spool import spool
from tallystick.backups.whole import keys
from tallystick.backups.whole.scratch import SCHEMA
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
async def kept(
    postgres: EmbeddedPostgres, config: Config, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Path]:
    """An archive of a small server."""
    folder = tmp_path_factory.mktemp("kept")
    async with fresh_database(postgres) as database:
        first = install(database, folder, config)
        async with first.served() as (_, client):
            await sign_up(client, "Ann")
        with pytest.MonkeyPatch.context() as patch:
            assert await first.command(patch, "backup", "--to", folder / "kept.tally") == 0
    yield folder / "kept.tally"


@pytest.fixture
async def empty(postgres: EmbeddedPostgres, config: Config, tmp_path: Path) -> AsyncIterator[Installation]:
    async with fresh_database(postgres, is_migrated=False) as database:
        yield install(database, tmp_path, config)


def untouched(installation: Installation) -> bool:
    """Whether nothing is there: no table, no schema of ours, no keyring."""
    with installation.database.as_superuser() as connection:
        (tables,) = connection.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname IN ('public', %s)",
            [SCHEMA],
        ).fetchone() or (None,)
    return tables == 0 and not (installation.data_dir / "keyring.json").exists()


@pytest.mark.parametrize("harm", ["truncated", "changed", "foreign", "other passphrase", "newer", "not of a server"])
async def test_it_is_refused_whole(
    kept: Path, empty: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], harm: str
) -> None:
    archive, reason = await _harmed(kept, tmp_path / "harmed.tally", harm)
    assert await empty.command(monkeypatch, "restore", archive) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"{reason}: ")
    assert untouched(empty)


async def _harmed(kept: Path, path: Path, harm: str) -> tuple[Path, str]:
    whole = kept.read_bytes()
    if harm == "truncated":
        path.write_bytes(whole[:-1000])
        return path, Truncated.reason
    if harm == "changed":
        path.write_bytes(whole[:-1000] + bytes([whole[-1000] ^ 1]) + whole[-999:])
        return path, Damaged.reason
    if harm == "foreign":
        path.write_bytes(b"PGDMP" + whole)
        return path, NotAnArchive.reason
    if harm == "other passphrase":
        path.write_bytes(await written([], manifest()))
        return path, WrongPassphrase.reason
    told = replace(manifest(), schema_revision="9999", columns={"tag": ("id",)})
    parts = [] if harm == "not of a server" else [keys_part()]
    source = write_archive(told, parts, Passphrase(PASSPHRASE), cost=Cost(log_n=1))
    await spool(source, path)
    return path, "not_of_a_server" if harm == "not of a server" else "newer_schema"
