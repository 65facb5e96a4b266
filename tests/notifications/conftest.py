"""What do tests of notifications stand on? What tests of spaces do: every space that they touch is proven, mails are read."""

import pytest

from circle import Circle
from inbox import caught_up
from people import Client, Person, sign_up
from rpc.conftest import book, circle, database, equation
from rpc.spaces.conftest import verify
from rpc.spaces.sharing import share
from tallystick.app import App

__all__ = ["book", "circle", "database", "equation", "verify"]


@pytest.fixture
async def eve(client: Client) -> Person:
    """Somebody else with a login."""
    return await sign_up(client, "Eve")


@pytest.fixture
async def shared(server: App, circle: Circle, bob: Person, eve: Person) -> Circle:
    """A group of Ann, Bob and Eve, with two guests, in which everybody knows of everybody."""
    await share(circle.person, circle.id, bob)
    await share(circle.person, circle.id, eve)
    await caught_up(server)
    return circle
