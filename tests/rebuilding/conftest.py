"""What do tests of bringing spaces back stand on? The tables themselves, and people with something to lose."""

from collections.abc import Iterator

import pytest

import proof
from people import BookOf, Client, Person, make_book, sign_up
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE


@pytest.fixture(scope="session")
def database(postgres: EmbeddedPostgres) -> Iterator[proof.Connection]:
    """The tables themselves, past all guards."""
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as connection:
        yield connection


@pytest.fixture
async def book(ann: Person) -> BookOf:
    """Ann's book."""
    return await make_book(ann)


@pytest.fixture
async def eve(client: Client) -> Person:
    """A third user."""
    return await sign_up(client, "Eve")
