"""Can an operator see, rotate and retire keys from the command line, and is nothing dropped that is still needed?"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from fresh_database import FreshDatabase, fresh_database
from runtime.probes import open_directory
from sample_book import SampleBook, make_book
from tallystick.cli import main
from tallystick.clock import Clock
from tallystick.identity.signing import SigningKeys
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import keyring as keyrings
from tallystick.store import migrate, rotation
from tallystick.store.keyring import Keyring, load_or_create
from tallystick.store.pool import open_pool
from tallystick.store.store import Store

Run = Callable[..., Awaitable[int]]


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    load_or_create(tmp_path / "keyring.json")
    return tmp_path / "keyring.json"


@pytest.fixture
async def book(database: FreshDatabase, path: Path) -> AsyncIterator[SampleBook]:
    async with open_pool(database.app_dsn, 4) as pool:
        book = await make_book(Store(pool, load_or_create(path), Clock(), nudge=lambda space_id: None))
        await book.spend(100)
        yield book


@pytest.fixture
def run(database: FreshDatabase, path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`tallystick …` on this database and keyring."""
    monkeypatch.setenv("DATABASE_URL", database.app_dsn)
    monkeypatch.setenv("TALLYSTICK_DATA_DIR", str(path.parent))
    return run_command


async def run_command(*words: object) -> int:
    # In a thread of its own, because the test's loop is running.
    return await asyncio.to_thread(main.main, [str(word) for word in words])


def masters_in(path: Path) -> set[str]:
    return set(json.loads(path.read_text())["masters"])


def generations_of(database: FreshDatabase, space_id: UUID) -> list[int]:
    with database.as_superuser() as connection:
        rows = connection.execute("SELECT generation FROM space_key WHERE space_id = %s", [space_id]).fetchall()
        return [row[0] for row in rows]


async def test_rotate_adds_a_master_and_wraps_everything_with_it(
    run: Run, book: SampleBook, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run("keys", "rotate") == 0
    assert masters_in(path) == {"m1", "m2"}
    assert await run("keys", "show") == 0
    shown = capsys.readouterr().out
    assert "m2  current  1 data keys" in shown
    assert "m1  old  0 data keys  0 signing keys" in shown
    assert await book.held_minor() == -100


async def test_nothing_prints_a_key(run: Run, book: SampleBook, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    await run("keys", "rotate")
    await run("keys", "show")
    await run("keys", "reseal", "--all", "--grace-s", "0")
    printed = "".join(capsys.readouterr())
    document = json.loads(path.read_text())
    assert not [key for key in (*document["masters"].values(), document["lookup"]) if key in printed]


async def test_drop_old_removes_what_nothing_needs(run: Run, book: SampleBook, path: Path) -> None:
    await run("keys", "rotate")
    assert await run("keys", "drop-old", "--grace-s", "0") == 0
    assert masters_in(path) == {"m2"}
    book.store.keys.forget(book.space_id)
    assert await book.held_minor() == -100
    assert await run("keys", "drop-old", "--grace-s", "0") == 0


async def test_drop_old_keeps_a_master_that_a_row_needs(run: Run, book: SampleBook, path: Path) -> None:
    keyrings.change(path, Keyring.with_new_master)
    assert await run("keys", "drop-old", "--grace-s", "0") == 1
    assert masters_in(path) == {"m1", "m2"}
    assert await run("keys", "rewrap") == 0
    assert await run("keys", "drop-old", "--grace-s", "0") == 0
    assert masters_in(path) == {"m2"}


async def test_drop_old_keeps_a_master_that_a_signing_key_needs(run: Run, book: SampleBook, path: Path) -> None:
    await SigningKeys(book.store, token_life=timedelta(minutes=15)).maintain()
    keyrings.change(path, Keyring.with_new_master)
    await rotation.rewrap_space_keys(book.store)
    assert await run("keys", "drop-old", "--grace-s", "0") == 1
    assert masters_in(path) == {"m1", "m2"}


async def test_show_names_a_master_that_is_missing(
    run: Run, book: SampleBook, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keyrings.change(path, lambda found: found.with_new_master().without_old_masters())
    assert await run("keys", "show") == 1
    assert "m1  MISSING  1 data keys" in capsys.readouterr().out


async def test_a_keyring_that_is_given_cannot_be_changed_in_place(
    run: Run, book: SampleBook, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYSTICK_KEYRING", path.read_text())
    assert await run("keys", "rotate") == 1
    assert await run("keys", "drop-old") == 1
    assert masters_in(path) == {"m1"}
    new = tmp_path / "new.json"
    assert await run("keys", "rotate", "--to", new) == 0
    assert await run("keys", "rotate", "--to", new) == 1
    monkeypatch.setenv("TALLYSTICK_KEYRING", new.read_text())
    assert await run("keys", "rewrap") == 0
    assert await run("keys", "show") == 0
    assert await rotation.count_space_keys(book.store) == {"m2": 1}


async def test_reseal_takes_one_space_or_all(run: Run, book: SampleBook, database: FreshDatabase) -> None:
    other = await make_book(book.store)
    assert await run("keys", "reseal", book.space_id, "--grace-s", "0") == 0
    assert (generations_of(database, book.space_id), generations_of(database, other.space_id)) == ([2], [1])
    assert await run("keys", "reseal", "--all", "--grace-s", "0") == 0
    assert (generations_of(database, book.space_id), generations_of(database, other.space_id)) == ([3], [2])
    assert await book.held_minor() == -100


async def test_reseal_of_an_unknown_space_fails(run: Run, book: SampleBook) -> None:
    assert await run("keys", "reseal", uuid4(), "--grace-s", "0") == 1


@pytest.mark.parametrize("words", [["reseal"], ["reseal", str(uuid4()), "--all"], ["reseal", "no-id"], ["unknown"], []])
async def test_a_misused_command_says_how(run: Run, words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        await run("keys", *words)
    assert left.value.code == 2


@pytest.mark.parametrize("name", ["show", "rotate", "rewrap", "reseal", "drop-old"])
async def test_every_command_has_help(run: Run, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        await run("keys", name, "--help")
    assert left.value.code == 0
    assert f"tallystick keys {name}" in capsys.readouterr().out


async def test_without_a_keyring_nothing_is_made(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_DATA_DIR", str(tmp_path / "elsewhere"))
    assert await run("keys", "show") == 1
    assert not (tmp_path / "elsewhere").exists()


async def test_a_database_that_is_away_is_said(run: Run, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert await run("keys", "rotate") == 1
    assert masters_in(path) == {"m1"}


async def test_the_embedded_database_is_found_whether_it_runs_or_not() -> None:
    with open_directory() as data_dir:
        load_or_create(data_dir / "keyring.json")
        assert await run_program(data_dir, "keys", "show") == (1, "")
        async with EmbeddedPostgres(data_dir / "postgres") as running:
            migrate.upgrade(running.owner_dsn)
            assert (await run_program(data_dir, "keys", "rotate"))[0] == 0
        code, shown = await run_program(data_dir, "keys", "show")
        assert code == 0
        assert "m2  current" in shown


async def run_program(data_dir: Path, *words: str) -> tuple[int | None, str]:
    """A process of its own, as an operator starts it: it has no settings but the data directory."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("TALLYSTICK_", "DATABASE_"))}
    settings |= {"TALLYSTICK_DATA_DIR": str(data_dir), "PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tallystick", *words), env=settings, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    return process.returncode, printed.decode()
