"""What do tests of migrations stand on? Databases of their own, and rows that real commands wrote."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import psycopg
import pytest

import people
from fresh_database import FreshDatabase, fresh_database
from people import Client, sign_up
from rpc.group_cases import make_group_nouns, make_link
from rpc.groups import hall
from sample_book import make_book
from tallystick import app
from tallystick.clock import Clock
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[FreshDatabase]:
    """At the newest migration, and without rows."""
    async with fresh_database(postgres) as made:
        yield made


@pytest.fixture(scope="module")
async def filled(
    postgres: EmbeddedPostgres, config: Config, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[FreshDatabase]:
    """At the newest migration, with rows of a user, a book and a group. For looking at, not for changing."""
    async with fill_fresh_database(postgres, config, tmp_path_factory.mktemp("data")) as made:
        yield made


@pytest.fixture
def owner(database: FreshDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.owner_dsn) as connection:
        yield connection


@asynccontextmanager
async def fill_fresh_database(
    postgres: EmbeddedPostgres, config: Config, data_dir: Path
) -> AsyncIterator[FreshDatabase]:
    async with fresh_database(postgres) as made:
        await fill(made, config, data_dir)
        yield made


async def fill(database: FreshDatabase, config: Config, data_dir: Path) -> None:
    """A user who signed in, a book with money in it, and a group that a book follows, by a server that is gone again afterwards."""
    config = replace(config, database_url=database.app_dsn, data_dir=data_dir)
    async with app.running(config, Clock()) as server:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            ann = await sign_up(Client(channel), "Ann")
            circle, _ = await make_group_nouns(ann)
            await make_link(await people.make_book(ann), circle.id)
            # Everybody may find it: that is a row, too.
            await hall.update(ann, circle.id, discoverable=True)
        book = await make_book(server.store)
        await book.spend_often(5)
