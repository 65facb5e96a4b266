"""What holds around every test of an RPC? Whatever the test did, every space that it touched must still be provable."""

from collections.abc import Iterator

import pytest

import proof
from circle import Circle, make_circle
from people import BookOf, Person, make_book
from tallystick.app import App
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.runtime.roles import DATABASE


@pytest.fixture(scope="session")
def database(postgres: EmbeddedPostgres) -> Iterator[proof.Connection]:
    """The tables themselves, past all guards."""
    with proof.connect(postgres.superuser_dsn, dbname=DATABASE) as connection:
        yield connection


@pytest.fixture(autouse=True)
def equation(server: App, database: proof.Connection) -> Iterator[None]:
    before = proof.moment(database)
    yield
    for space_id in proof.touched_since(database, before):
        proof.prove(database, server.store.keys, space_id)


@pytest.fixture
async def book(ann: Person) -> BookOf:
    """Ann's book."""
    return await make_book(ann)


@pytest.fixture
async def circle(ann: Person) -> Circle:
    """Ann's group with two guests."""
    return await make_circle(ann, "Gus", "Hal")
