"""Do the migrations make the schema, one at a time, in both directions, without hurting what they do not concern?"""

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import dict_row

from fresh_database import FreshDatabase, fresh_database
from migrations.conftest import fill, fill_fresh_database
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.schema import SEALED, metadata
from tallystick.store import migrate
from tallystick.store.keyring import Keyring, Wrapped
from tallystick.store.keys import purpose
from tallystick.store.seal import SpaceSeal

# As in migrations/env.py.
ADVISORY_LOCK = 7_217_001
LOCK_TIMEOUT_S = 4.0
DEADLINE_S = 30.0
ASKING_FOR_THE_LOCK = "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_try_advisory_lock%'"

Rows = dict[str, list[dict[str, Any]]]


def list_migrations() -> list[Script]:
    """Oldest first."""
    return list(ScriptDirectory.from_config(migrate.config("")).walk_revisions())[::-1]


MIGRATIONS = list_migrations()


def before_it(script: Script) -> str | None:
    assert not isinstance(script.down_revision, list | tuple), "migrations are linear"
    return script.down_revision


def test_names_are_four_digits_in_a_row() -> None:
    files = sorted(path.name for path in (migrate.MIGRATIONS / "versions").glob("*.py"))
    assert [name[:4] for name in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert all(re.fullmatch(r"[0-9]{4}_[a-z0-9_]+\.py", name) for name in files)
    assert [Path(script.path).name for script in MIGRATIONS] == files


def test_each_follows_the_one_before_it() -> None:
    assert [script.revision for script in MIGRATIONS] == [f"{number:04}" for number in range(1, len(MIGRATIONS) + 1)]
    assert [script.down_revision for script in MIGRATIONS] == [None, *(script.revision for script in MIGRATIONS[:-1])]


@pytest.mark.parametrize("script", MIGRATIONS, ids=lambda script: script.revision)
def test_each_says_what_a_person_sees_differently(script: Script) -> None:
    assert "What a person sees differently:" in (script.module.__doc__ or "")


async def test_the_migrated_schema_is_the_one_in_the_code(database: FreshDatabase) -> None:
    engine = sa.create_engine(database.owner_dsn.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    command.check(migrate.config(database.owner_dsn))


def tables_at(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {row[0] for row in rows} - {"alembic_version"}


def rows_of(database: FreshDatabase) -> Rows:
    """Every row of every table that there is."""
    with database.as_superuser() as connection:
        return {
            table: sorted(
                connection.cursor(row_factory=dict_row).execute(f'SELECT * FROM "{table}"'.encode()).fetchall(),
                key=repr,
            )
            for table in tables_at(connection)
        }


def narrowed(rows: Rows, like: Rows) -> Rows:
    """The tables and columns that `like` has."""
    return {
        table: sorted(({name: row[name] for name in (others or [row])[0]} for row in rows[table]), key=repr)
        for table, others in like.items()
    }


def columns_at(connection: psycopg.Connection) -> set[tuple[str, str]]:
    rows = connection.execute("SELECT table_name, column_name FROM information_schema.columns").fetchall()
    return {(table, column) for table, column in rows}


def open_every_cell(database: FreshDatabase, keyring: Keyring) -> dict[str, int]:
    """Opens every sealed cell there is. Returns how many each table has."""
    with database.as_superuser() as connection:
        there = columns_at(connection)
        if ("space_key", "space_id") not in there:
            return {}
        keys: dict[UUID, dict[int, AESGCM]] = {}
        for space_id, generation, master_id, wrapped in connection.execute(
            "SELECT space_id, generation, master_id, wrapped FROM space_key"
        ):
            secret = keyring.unwrap(Wrapped(master_id, bytes(wrapped)), purpose(space_id, generation))
            keys.setdefault(space_id, {})[generation] = AESGCM(secret)
        opened = {}
        for column in SEALED:
            if (column.table.name, column.cell.name) not in there:
                continue
            names = (*column.row_columns, column.version.name, "space_id", column.cell.name)
            listed = ", ".join(names)
            rows = connection.execute(f'SELECT {listed} FROM "{column.table.name}"'.encode()).fetchall()
            opened[f"{column.table.name}.{column.cell.name}"] = 0
            for *named, version, space_id, cell in rows:
                if cell is None:
                    # Not every row has every cell: some are kept since a later migration.
                    continue
                seal = SpaceSeal(space_id, max(keys[space_id]), keys[space_id])
                row = column.row_of(dict(zip(column.row_columns, named, strict=True)))
                seal.open(column.place, row, version, bytes(cell))
                opened[f"{column.table.name}.{column.cell.name}"] += 1
        return opened


@pytest.mark.parametrize("script", MIGRATIONS, ids=lambda script: script.revision)
async def test_each_goes_down_and_up_again_with_rows_in_place(
    postgres: EmbeddedPostgres, config: Config, tmp_path: Path, script: Script
) -> None:
    async with fill_fresh_database(postgres, config, tmp_path) as database:
        keyring = Keyring.load((tmp_path / "keyring.json").read_text())
        before, opened = rows_of(database), open_every_cell(database, keyring)
        assert opened["journal.body"] > 0
        assert opened["entry.amount"] > 0

        await asyncio.to_thread(migrate.downgrade, database.owner_dsn, before_it(script) or "base")
        assert migrate.current(database.owner_dsn) == before_it(script)
        left = rows_of(database)
        assert narrowed(left, left) == narrowed(before, left), "rows of older migrations were changed"
        still_open = open_every_cell(database, keyring)
        assert still_open == {table: opened[table] for table in still_open}

        await asyncio.to_thread(migrate.upgrade, database.owner_dsn)
        assert migrate.current(database.owner_dsn) == migrate.newest()
        again = rows_of(database)
        assert again.keys() == before.keys()
        assert narrowed(again, left) == narrowed(left, left)
        assert open_every_cell(database, keyring).keys() == opened.keys()
        if not left:
            # A keyring of an installation whose database was emptied goes on to be its keyring.
            assert Keyring.load((tmp_path / "keyring.json").read_text()).derive(b"") == keyring.derive(b"")
        await fill(database, config, tmp_path)
        assert open_every_cell(database, keyring)["entry.amount"] > 0


def migrate_in_a_process(database: FreshDatabase) -> Any:
    environment = {
        **os.environ,
        "MIGRATION_DATABASE_URL": database.owner_dsn,
        "DATABASE_URL": database.app_dsn,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tallystick", "migrate"), env=environment, stdout=asyncio.subprocess.DEVNULL
    )


async def test_servers_that_migrate_at_the_same_time_follow_one_another(postgres: EmbeddedPostgres) -> None:
    async with fresh_database(postgres, is_migrated=False) as database:
        processes = [await migrate_in_a_process(database) for _ in range(3)]
        async with asyncio.timeout(DEADLINE_S):
            assert [await process.wait() for process in processes] == [0, 0, 0]
        assert migrate.current(database.owner_dsn) == migrate.newest()


async def test_a_migration_waits_until_another_one_has_ended(postgres: EmbeddedPostgres) -> None:
    async with fresh_database(postgres, is_migrated=False) as database:
        with database.as_superuser() as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
            process = await migrate_in_a_process(database)
            async with asyncio.timeout(DEADLINE_S):
                while connection.execute(ASKING_FOR_THE_LOCK).fetchone() is None:
                    await asyncio.sleep(0.02)
            assert tables_at(connection) == set()
            connection.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
        async with asyncio.timeout(DEADLINE_S):
            assert await process.wait() == 0
        assert migrate.current(database.owner_dsn) == migrate.newest()


async def test_a_migration_fails_instead_of_waiting_behind_a_long_reader(postgres: EmbeddedPostgres) -> None:
    async with fresh_database(postgres) as database:
        newest = MIGRATIONS[-1]
        before = rows_of(database)
        with psycopg.connect(database.superuser_dsn) as reader:
            for table in before:
                reader.execute(f'SELECT count(*) FROM "{table}"'.encode())
            async with asyncio.timeout(LOCK_TIMEOUT_S * 2):
                with pytest.raises(sa.exc.OperationalError) as refused:
                    await asyncio.to_thread(migrate.downgrade, database.owner_dsn, before_it(newest) or "base")
        assert isinstance(refused.value.orig, psycopg.errors.LockNotAvailable)
        assert migrate.current(database.owner_dsn) == newest.revision
        assert rows_of(database) == before
        # The lock that serialises migrations is free again.
        await asyncio.to_thread(migrate.upgrade, database.owner_dsn)
