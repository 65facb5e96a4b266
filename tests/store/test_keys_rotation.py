"""Does a new master key take over while servers run, without an error and without a row left behind?"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from fresh_database import FreshDatabase, fresh_database
from sample_book import SampleBook, make_book
from tallystick.clock import Clock
from tallystick.identity.signing import SigningKeys
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import keyring as keyrings
from tallystick.store import rotation
from tallystick.store.keyring import Keyring, KeyringError, load_or_create
from tallystick.store.pool import open_pool
from tallystick.store.store import Store

ROTATIONS = 5


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as made:
        yield made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyring.json"


async def start_server(database: FreshDatabase, path: Path) -> AsyncIterator[Store]:
    async with open_pool(database.app_dsn, 6) as pool:
        yield Store(pool, load_or_create(path), Clock(), nudge=lambda space_id: None)


@pytest.fixture
async def store(database: FreshDatabase, path: Path) -> AsyncIterator[Store]:
    async for server in start_server(database, path):
        yield server


@pytest.fixture
async def another(database: FreshDatabase, path: Path) -> AsyncIterator[Store]:
    """A second server, which read the keyring when it started, and has no keys in its cache."""
    async for server in start_server(database, path):
        yield server


@pytest.fixture
async def operator(database: FreshDatabase, path: Path) -> AsyncIterator[Store]:
    async for server in start_server(database, path):
        yield server


async def rotate(operator: Store, path: Path) -> None:
    keyrings.change(path, Keyring.with_new_master)
    await rotation.rewrap_space_keys(operator)


async def test_rewrap_leaves_nothing_to_the_old_master(store: Store, operator: Store, path: Path) -> None:
    books = [await make_book(store) for _ in range(5)]
    assert await rotation.count_space_keys(store) == {"m1": 5}
    await rotate(operator, path)
    assert await rotation.count_space_keys(store) == {"m2": 5}
    keyrings.change(path, Keyring.without_old_masters)
    assert [await book.held_minor() for book in books] == [0] * 5


async def test_rewrap_walks_more_spaces_than_fit_in_one_round_trip(
    store: Store, operator: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "SPACES_MAX", 2)
    for _ in range(7):
        await make_book(store)
    await rotate(operator, path)
    assert await rotation.count_space_keys(store) == {"m2": 7}


async def test_rewrap_can_be_repeated(store: Store, operator: Store, path: Path) -> None:
    await make_book(store)
    keyrings.change(path, Keyring.with_new_master)
    assert await rotation.rewrap_space_keys(operator) == 1
    assert await rotation.rewrap_space_keys(operator) == 0


async def test_a_server_with_nothing_in_its_cache_opens_what_was_rewrapped(
    store: Store, another: Store, operator: Store, path: Path
) -> None:
    book = await make_book(store)
    await rotate(operator, path)
    keyrings.change(path, Keyring.without_old_masters)
    assert await book.held_minor(another) == 0


async def test_a_key_row_of_another_space_is_refused(
    store: Store, another: Store, database: FreshDatabase, operator: Store, path: Path
) -> None:
    ours, theirs = await make_book(store), await make_book(store)
    with database.as_superuser() as connection:
        connection.execute(
            "UPDATE space_key SET wrapped = (SELECT wrapped FROM space_key WHERE space_id = %s) WHERE space_id = %s",
            [ours.space_id, theirs.space_id],
        )
    with pytest.raises(KeyringError):
        await theirs.held_minor(another)
    with pytest.raises(KeyringError):
        await rotate(operator, path)


async def test_an_erased_space_does_not_get_its_key_back(
    store: Store, operator: Store, database: FreshDatabase, path: Path
) -> None:
    book = await make_book(store)
    with database.as_superuser() as connection:
        connection.execute("DELETE FROM space_key WHERE space_id = %s", [book.space_id])
    await rotate(operator, path)
    assert await rotation.count_space_keys(store) == {}


async def test_rotation_under_load_gives_no_error(store: Store, another: Store, operator: Store, path: Path) -> None:
    """New spaces, writes and reads on two servers while the master key changes again and again, and old ones are dropped."""
    first = await make_book(store)
    made: list[SampleBook] = [first]
    done = asyncio.Event()

    async def found_and_write(where: Store) -> None:
        while not done.is_set():
            book = await make_book(where)
            await book.spend(100)
            made.append(book)

    async def open_with_an_empty_cache(where: Store) -> None:
        while not done.is_set():
            where.keys.forget(first.space_id)
            await first.held_minor(where)

    async def rotate_often() -> None:
        try:
            for _ in range(ROTATIONS):
                await rotate(operator, path)
                # What was wrapped just before and committed just after is wrapped again; then nothing needs the old ones.
                while await rotation.rewrap_space_keys(operator):
                    pass
                assert set(await rotation.count_space_keys(operator)) == {operator.keys.keyring.current_id}
                keyrings.change(path, Keyring.without_old_masters)
        finally:
            done.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(rotate_often())
        for where in (store, another):
            group.create_task(found_and_write(where))
            group.create_task(open_with_an_empty_cache(where))

    assert len(made) > 3, "spaces must have been made meanwhile"
    newcomer = Store(store.pool, load_or_create(path), Clock(), nudge=lambda space_id: None)
    assert newcomer.keys.keyring.ids == (f"m{ROTATIONS + 1}",)
    for book in made[1:]:
        assert await book.held_minor(newcomer) == -100


async def test_signing_keys_are_rewrapped_too(store: Store, another: Store, operator: Store, path: Path) -> None:
    signing = SigningKeys(store, token_life=timedelta(minutes=15))
    kid = (await signing.signer()).kid
    keyrings.change(path, Keyring.with_new_master)
    await SigningKeys(operator, token_life=timedelta(minutes=15)).rewrap()
    keyrings.change(path, Keyring.without_old_masters)
    assert (await SigningKeys(another, token_life=timedelta(minutes=15)).signer()).kid == kid


async def test_what_happened_to_the_master_keys_is_audited(store: Store, database: FreshDatabase) -> None:
    await asyncio.gather(*(rotation.note(store, "master_key_added") for _ in range(5)))
    with database.as_superuser() as connection:
        rows = connection.execute("SELECT scope_id, seq FROM audit ORDER BY seq").fetchall()
    assert rows == [(rotation.INSTALLATION, seq) for seq in range(1, 6)]
    assert isinstance(rows[0][0], UUID)
