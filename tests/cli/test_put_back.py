"""Does `tallystick put-back` give every space a new epoch, and seqs that it never had?"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import proof as tables
from fresh_database import FreshDatabase, fresh_database
from sample_book import make_book
from tallystick.cli import main
from tallystick.clock import Clock
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store.epochs import LEAP
from tallystick.store.keyring import load_or_create
from tallystick.store.pool import open_pool
from tallystick.store.store import Store


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as made:
        yield made


async def test_every_space_gets_an_epoch_of_its_own(
    database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = load_or_create(tmp_path / "keyring.json")
    async with open_pool(database.app_dsn, 2) as pool:
        store = Store(pool, keyring, Clock(), nudge=lambda space_id: None)
        for _ in range(3):
            await make_book(store)
    monkeypatch.setenv("DATABASE_URL", database.app_dsn)
    monkeypatch.setenv("TALLYSTICK_DATA_DIR", str(tmp_path))
    query = "SELECT id, seq, access_revision, epoch FROM space ORDER BY id"
    with tables.connect(database.superuser_dsn) as connection:
        before = connection.execute(query).fetchall()
        assert await asyncio.to_thread(main.main, ["put-back"]) == 0
        after = connection.execute(query).fetchall()
    assert [row[:3] for row in after] == [(space_id, seq + LEAP, access) for space_id, seq, access, _ in before]
    epochs = [row[3] for row in (*before, *after)]
    assert len(set(epochs)) == len(epochs)
