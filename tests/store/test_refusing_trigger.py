"""Is a row that the write door did not record refused, whoever writes it?"""

from collections.abc import AsyncIterator
from typing import LiteralString

import psycopg
import pytest

from fresh_database import FreshDatabase, fresh_database
from sample_book import SampleBook, make_book
from tallystick.clock import Clock
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.schema import metadata
from tallystick.store.keyring import Keyring
from tallystick.store.metadata import STAMPED
from tallystick.store.pool import open_pool
from tallystick.store.store import Store

NOT_RECORDED, NEVER_DELETED = "TS001", "TS002"
STAMPED_TABLES = sorted(table.name for table in metadata.tables.values() if table.info.get(STAMPED))


@pytest.fixture(scope="module")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as made:
        yield made


@pytest.fixture(scope="module")
async def book(database: FreshDatabase) -> AsyncIterator[SampleBook]:
    async with open_pool(database.app_dsn, 2) as pool:
        book = await make_book(Store(pool, Keyring.generate(), Clock(), nudge=lambda space_id: None))
        await book.spend(100)
        yield book


def attempt(
    dsn: str, book: SampleBook, statement: str, *, seq: int | None = None, settings: tuple[LiteralString, ...] = ()
) -> str | None:
    """Runs a statement in the book's space, and undoes it. Returns the SQLSTATE that it was refused with."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT set_config('tallystick.space', %s, true)", [str(book.space_id)])
        if seq is not None:
            connection.execute("SELECT set_config('tallystick.seq', %s, true)", [str(seq)])
        for setting in settings:
            connection.execute(setting)
        try:
            cursor = connection.execute(statement.encode())
        except psycopg.Error as refused:
            return refused.sqlstate
        else:
            assert cursor.rowcount == 1, "the statement must have met a row"
            return None
        finally:
            connection.rollback()


PUT_IN = "INSERT INTO book SELECT space_id, gen_random_uuid(), version, deleted_at, body, base_currency FROM book"
CHANGE = "UPDATE book SET base_currency = 'USD'"
STAMP = "UPDATE book SET version = 99"


@pytest.mark.parametrize("statement", [PUT_IN, CHANGE, STAMP])
@pytest.mark.parametrize("role", ["app", "owner", "superuser"])
async def test_a_plain_write_is_refused(database: FreshDatabase, book: SampleBook, statement: str, role: str) -> None:
    assert attempt(getattr(database, f"{role}_dsn"), book, statement) == NOT_RECORDED


@pytest.mark.parametrize("role", ["owner", "superuser"])
async def test_a_delete_is_refused(database: FreshDatabase, book: SampleBook, role: str) -> None:
    assert attempt(getattr(database, f"{role}_dsn"), book, "DELETE FROM book") == NEVER_DELETED


async def test_the_app_role_may_not_even_try_to_delete(database: FreshDatabase, book: SampleBook) -> None:
    assert attempt(database.app_dsn, book, "DELETE FROM book") == psycopg.errors.InsufficientPrivilege.sqlstate


async def test_a_delete_is_refused_inside_the_door_too(database: FreshDatabase, book: SampleBook) -> None:
    assert attempt(database.owner_dsn, book, "DELETE FROM book", seq=99) == NEVER_DELETED


async def test_a_row_with_the_stamp_of_the_commit_is_accepted(database: FreshDatabase, book: SampleBook) -> None:
    assert attempt(database.app_dsn, book, STAMP, seq=99) is None


@pytest.mark.parametrize("seq", [98, 100, 0])
async def test_a_row_with_another_stamp_is_refused(database: FreshDatabase, book: SampleBook, seq: int) -> None:
    assert attempt(database.app_dsn, book, STAMP, seq=seq) == NOT_RECORDED


async def test_a_change_that_keeps_its_old_stamp_is_refused(database: FreshDatabase, book: SampleBook) -> None:
    assert attempt(database.app_dsn, book, CHANGE, seq=99) == NOT_RECORDED


RESEALS = "SET LOCAL tallystick.reseal = 'on'"


async def test_sealing_again_keeps_the_stamp(database: FreshDatabase, book: SampleBook) -> None:
    again = "UPDATE book SET body = body || ''"
    assert attempt(database.app_dsn, book, again) == NOT_RECORDED
    assert attempt(database.app_dsn, book, again, settings=(RESEALS,)) is None


@pytest.mark.parametrize("statement", [PUT_IN, STAMP])
async def test_sealing_again_is_no_way_around_the_stamp(
    database: FreshDatabase, book: SampleBook, statement: str
) -> None:
    assert attempt(database.app_dsn, book, statement, settings=(RESEALS,)) == NOT_RECORDED


async def test_the_door_s_own_writes_are_accepted(database: FreshDatabase, book: SampleBook) -> None:
    written = ("book", "account", "category", "transaction", "entry", "balance", "total", "member")
    with database.as_superuser() as connection:
        for table in written:
            assert connection.execute(f'SELECT count(*) FROM "{table}"').fetchone() != (0,)


@pytest.mark.parametrize("table", STAMPED_TABLES)
async def test_every_stamped_table_refuses_to_be_emptied_by_the_app_role(
    database: FreshDatabase, book: SampleBook, table: str
) -> None:
    assert (
        attempt(database.app_dsn, book, f'TRUNCATE "{table}" CASCADE') == psycopg.errors.InsufficientPrivilege.sqlstate
    )
