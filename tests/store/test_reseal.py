"""Does a space get a new data key while people work in it, and does nothing of the old one remain?"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import LargeBinary

from fresh_database import FreshDatabase, fresh_database
from sample_book import SampleBook, make_book
from tallystick import schema
from tallystick.clock import Clock
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import keyring as keyrings
from tallystick.store import reseal
from tallystick.store.connection import Connection
from tallystick.store.keyring import Keyring
from tallystick.store.pool import open_pool
from tallystick.store.reseal import CellsLeft, Progress, Resealing
from tallystick.store.statements import Call
from tallystick.store.store import Store

KILLED_TIMEOUT_S = 30.0

# Bytes that no space's key seals, and why they may stay as they are when a space gets a new key.
SEALED_OTHERWISE = {
    "access_key.name_sealed": "by a key that is derived from the lookup secret, which never changes",
    "access_key.secret_hash": "a hash",
    "answer.fingerprint": "a keyed hash",
    "answer_apart.body": "by a key that is derived from the lookup secret",
    "answer_apart.fingerprint": "a keyed hash",
    "audit.address_hash": "a keyed hash",
    "audit.hash": "a hash",
    "audit.previous_hash": "a hash",
    "backup_run.sha256": "a hash of what is closed",
    "invitation_route.lookup": "a keyed hash",
    "known_device.token_hash": "a hash",
    "login.email_hash": "a keyed hash",
    "mail_token.token_hash": "a hash",
    "refresh_token.successor_sealed": "by a key that is derived from the lookup secret",
    "refresh_token.token_hash": "a hash",
    "session.device_name_sealed": "by a key that is derived from the lookup secret",
    "signing_key.private_wrapped": "by a master key: `keys rewrap`",
    "signing_key.public": "public",
    "space_key.wrapped": "by a master key: `keys rewrap`",
    "throttle.subject": "a keyed hash",
}


@pytest.fixture(scope="module")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as made:
        yield made


@pytest.fixture(scope="module")
def keyring() -> Keyring:
    return Keyring.generate()


@pytest.fixture(scope="module")
async def store(database: FreshDatabase, keyring: Keyring) -> AsyncIterator[Store]:
    async with open_pool(database.app_dsn, 12) as pool:
        yield Store(pool, keyring, Clock(), nudge=lambda space_id: None)


@pytest.fixture
async def another(database: FreshDatabase, keyring: Keyring) -> AsyncIterator[Store]:
    """A second server: its caches know nothing of what the first one does."""
    async with open_pool(database.app_dsn, 4) as pool:
        yield Store(pool, keyring, Clock(), nudge=lambda space_id: None)


@pytest.fixture
async def book(store: Store) -> SampleBook:
    book = await make_book(store)
    await book.spend_often(30)
    return book


def generations_of(database: FreshDatabase, space_id: UUID) -> dict[str, set[int]]:
    """The key generations that the cells of each column of a space name."""
    with database.as_superuser() as connection:
        found = {}
        for column in schema.SEALED:
            table, cell = column.table.name, column.cell.name
            rows = connection.execute(f'SELECT {cell} FROM "{table}" WHERE space_id = %s', [space_id]).fetchall()
            found[f"{table}.{cell}"] = {int.from_bytes(bytes(row[0])[:2]) for row in rows}
        return found


def keys_of(database: FreshDatabase, space_id: UUID) -> set[int]:
    with database.as_superuser() as connection:
        rows = connection.execute("SELECT generation FROM space_key WHERE space_id = %s", [space_id]).fetchall()
        return {row[0] for row in rows}


def resealing(store: Store, report: reseal.Report | None = None) -> Resealing:
    return Resealing(store, schema.SEALED, report)


def test_every_column_of_bytes_is_resealed_or_named_as_an_exception() -> None:
    resealed = {f"{column.table.name}.{column.cell.name}" for column in schema.SEALED}
    bytes_columns = {
        f"{table.name}.{column.name}"
        for table in schema.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    unknown = bytes_columns - resealed - SEALED_OTHERWISE.keys()
    assert not unknown, (
        f"{sorted(unknown)} would keep the old key when a space gets a new one. To fix: define the Entity or Derived in a "
        "module that schema.SEALED names; or, if no space's key seals it, say so in SEALED_OTHERWISE"
    )
    assert bytes_columns == resealed | SEALED_OTHERWISE.keys(), "a name that no column has any more. To fix: remove it"
    assert not resealed & SEALED_OTHERWISE.keys()


async def test_reseal_leaves_only_the_new_generation(store: Store, database: FreshDatabase, book: SampleBook) -> None:
    before = await book.newest(), await book.held_minor()
    assert await resealing(store).reseal([book.space_id], grace_s=0) == 1
    generations = generations_of(database, book.space_id)
    assert set().union(*generations.values()) == {2}
    assert {name for name, found in generations.items() if found} >= {"entry.amount", "journal.body", "answer.body"}
    assert keys_of(database, book.space_id) == {2}
    assert (await book.newest(), await book.held_minor()) == before


async def test_reseal_changes_no_version_and_no_seq(store: Store, database: FreshDatabase, book: SampleBook) -> None:
    def structure() -> list[tuple[object, ...]]:
        with database.as_superuser() as connection:
            seq = connection.execute("SELECT seq FROM space WHERE id = %s", [book.space_id]).fetchall()
            versions = connection.execute(
                'SELECT id, version FROM "transaction" WHERE space_id = %s ORDER BY id', [book.space_id]
            ).fetchall()
            return [*seq, *versions]

    before = structure()
    await resealing(store).reseal([book.space_id], grace_s=0)
    assert structure() == before


async def test_reseal_leaves_other_spaces_alone(store: Store, database: FreshDatabase, book: SampleBook) -> None:
    other = await make_book(store)
    await resealing(store).reseal([book.space_id], grace_s=0)
    assert keys_of(database, other.space_id) == {1}
    assert set().union(*generations_of(database, other.space_id).values()) == {1}


async def test_a_repeated_request_finds_its_first_answer_after_reseal(store: Store, book: SampleBook) -> None:
    request_id = str(uuid4())
    first = await book.spend(700, request_id=request_id)
    await resealing(store).reseal([book.space_id], grace_s=0)
    assert await book.spend(700, request_id=request_id) == first


async def test_a_server_with_a_cached_seal_notices_the_new_key(
    store: Store, another: Store, database: FreshDatabase, book: SampleBook
) -> None:
    held = await book.held_minor(another)
    await resealing(store).begin(book.space_id)
    assert await book.held_minor(another) == held
    over_there = SampleBook(another, book.caller, book.space_id, book.account_id, book.category_id)
    await over_there.spend(100)
    assert 2 in generations_of(database, book.space_id)["balance.amount"]
    await resealing(store).seal_again(book.space_id)
    await resealing(store).retire(book.space_id)
    assert await book.held_minor(another) == held - 100
    assert len(await book.newest(another)) == 31


async def test_reseal_goes_on_beside_writers_and_readers_without_an_error(
    store: Store, another: Store, database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseal, "CELLS_MAX", 20)
    book = await make_book(store)
    await book.spend_often(100)
    spent, done = [await book.held_minor()], asyncio.Event()

    async def write(minor: int) -> None:
        while not done.is_set():
            await book.spend(minor)
            spent.append(-minor)

    async def read(where: Store) -> None:
        while not done.is_set():
            assert await book.newest(where, count=50)
            await book.held_minor(where)

    async def reseal_twice() -> None:
        try:
            for _ in range(2):
                await resealing(store).reseal([book.space_id], grace_s=1.0)
        finally:
            done.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(reseal_twice())
        for minor in range(1, 5):
            group.create_task(write(minor))
        for where in (store, another):
            group.create_task(read(where))

    assert len(spent) > 20, "the writers must have written meanwhile"
    assert set().union(*generations_of(database, book.space_id).values()) == {3}
    assert keys_of(database, book.space_id) == {3}
    assert await book.held_minor() == await book.held_minor(another) == sum(spent)


async def test_a_row_written_between_reading_and_replacing_is_left_alone(
    store: Store, database: FreshDatabase, book: SampleBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, replace = await book.held_minor(), reseal._replace
    writes = []

    async def replace_after_a_write(space_id: UUID, calls: Sequence[Call[()]], connection: Connection) -> bool:
        # The balance is rewritten by every write, so it is still old only until the first one.
        if calls[0].statement.text.startswith(b"UPDATE balance"):
            writes.append(await book.spend(1))
        return await replace(space_id, calls, connection)

    monkeypatch.setattr(reseal, "_replace", replace_after_a_write)
    await resealing(store).reseal([book.space_id], grace_s=0)
    assert len(writes) == 1
    assert await book.held_minor() == held - 1
    assert set().union(*generations_of(database, book.space_id).values()) == {2}


async def test_the_old_key_stays_until_every_earlier_call_has_ended(
    store: Store, database: FreshDatabase, book: SampleBook
) -> None:
    grace_s, done_at = 0.5, 0.0

    def note_the_end(progress: Progress) -> None:
        nonlocal done_at
        if progress.column is None:
            assert keys_of(database, book.space_id) == {1, 2}
            done_at = time.monotonic()

    await resealing(store, note_the_end).reseal([book.space_id], grace_s=grace_s)
    assert time.monotonic() - done_at >= grace_s
    assert keys_of(database, book.space_id) == {2}


class Killed(BaseException):
    """Stands for a kill between two batches."""


@pytest.mark.parametrize("after_batches", range(0, 12, 2))
async def test_reseal_goes_on_after_it_was_interrupted_anywhere(
    store: Store, database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, after_batches: int
) -> None:
    monkeypatch.setattr(reseal, "CELLS_MAX", 7)
    book = await make_book(store)
    await book.spend_often(10)
    before, batches = await book.newest(), []

    def stop(progress: Progress) -> None:
        batches.append(progress)
        if len(batches) > after_batches:
            raise Killed

    with pytest.raises(Killed):
        await resealing(store, stop).reseal([book.space_id], grace_s=0)
    assert await book.newest() == before
    assert keys_of(database, book.space_id) == {1, 2}
    await resealing(store).reseal([book.space_id], grace_s=0)
    # Still the second generation: the interrupted one was finished, and no third was begun.
    assert keys_of(database, book.space_id) == {2}
    assert set().union(*generations_of(database, book.space_id).values()) == {2}
    assert await book.newest() == before


async def test_reseal_survives_being_killed(
    database: FreshDatabase, keyring: Keyring, store: Store, tmp_path: Path
) -> None:
    book = await make_book(store)
    await book.spend_often(150)
    before = await book.newest()
    keyrings.write(tmp_path / "keyring.json", keyring)
    environment = {
        **os.environ,
        "DATABASE_URL": database.app_dsn,
        "TALLYSTICK_DATA_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tallystick", "keys", "reseal", str(book.space_id)),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(KILLED_TIMEOUT_S):
        while keys_of(database, book.space_id) == {1}:
            await asyncio.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert await book.newest() == before
    await resealing(store).reseal([book.space_id], grace_s=0)
    assert keys_of(database, book.space_id) == {2}
    assert set().union(*generations_of(database, book.space_id).values()) == {2}
    assert await book.newest() == before


async def test_two_who_reseal_one_space_at_once_do_no_harm(
    store: Store, another: Store, database: FreshDatabase, book: SampleBook
) -> None:
    before = await book.newest()
    await asyncio.gather(
        resealing(store).reseal([book.space_id], grace_s=0), resealing(another).reseal([book.space_id], grace_s=0)
    )
    (left,) = keys_of(database, book.space_id)
    assert set().union(*generations_of(database, book.space_id).values()) == {left}
    assert await book.newest() == before


async def test_the_old_key_stays_while_a_cell_needs_it(store: Store, database: FreshDatabase, book: SampleBook) -> None:
    await resealing(store).begin(book.space_id)
    with pytest.raises(CellsLeft):
        await resealing(store).retire(book.space_id)
    assert keys_of(database, book.space_id) == {1, 2}


async def test_an_unknown_or_erased_space_is_passed_over(
    store: Store, database: FreshDatabase, book: SampleBook
) -> None:
    with database.as_superuser() as connection:
        connection.execute("UPDATE space SET erased_at = now() WHERE id = %s", [book.space_id])
        connection.execute("DELETE FROM space_key WHERE space_id = %s", [book.space_id])
    assert await resealing(store).reseal([book.space_id, uuid4()], grace_s=0) == 0
    assert keys_of(database, book.space_id) == set()


async def test_reseal_is_written_into_the_space_s_audit(
    store: Store, database: FreshDatabase, book: SampleBook
) -> None:
    await resealing(store).reseal([book.space_id], grace_s=0)
    with database.as_superuser() as connection:
        rows = connection.execute(
            "SELECT action FROM audit WHERE scope_id = %s ORDER BY seq", [book.space_id]
        ).fetchall()
    assert [row[0] for row in rows][-2:] == ["space_key_added", "space_key_destroyed"]
