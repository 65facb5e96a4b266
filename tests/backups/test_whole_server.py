"""Does everything come back on an empty machine, from an archive and a passphrase? The whole story of a lost server."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from backups import household
from backups.household import (
    Household,
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
from fresh_database import fresh_database
from people import Person
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick_client.v1 import sync_service_pb2
from tallystick_client.v1.sync_pb2 import ResetReason


async def test_a_lost_server_comes_back_whole(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive.tally"
    async with fresh_database(postgres) as database:
        (tmp_path / "first").mkdir()
        first = install(database, tmp_path / "first", config)
        async with first.served() as (_, client):
            home = await household.settle_in(client)
            before = [await seen_by(person) for person in (home.ann, home.bob)]
            cursor, _ = await cursor_of(home.ann, home.book.id)
            # Beside a running server.
            assert await first.command(monkeypatch, "backup", "--to", archive) == 0
        stored = stored_by(first.config)
        assert len(stored) == 5, "a picture and the small one of it, the file that was taken in, and two parts"
        assert in_plain(home, archive, first.data_dir) == []
        rows, guards = rows_of(database), guards_of(database)
    # The machine is gone: database, keyring, everything.
    shutil.rmtree(first.data_dir)

    async with fresh_database(postgres, is_migrated=False) as database:
        (tmp_path / "second").mkdir()
        second = install(database, tmp_path / "second", config)
        assert await second.command(monkeypatch, "restore", archive) == 0
        assert rows_of(database) == rows
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


async def _goes_on(home: Household, ann: Person) -> None:
    """What was restored can be worked with."""
    book = replace(home.book, person=ann)
    held = await book.balance()
    await book.spend(100)
    assert await book.balance() == held - 100
