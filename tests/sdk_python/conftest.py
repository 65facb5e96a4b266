"""What do the SDK's tests stand on? The real server, called as an app calls it: synchronously, from threads of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from circle import Circle, make_circle
from people import BookOf, Person, make_book
from sdk_python.devices import Device, Devices
from sdk_python.pages import BOOK, some_id
from tallystick import app
from tallystick_client.offline import OfflineBook


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.db"


@pytest.fixture
def book(path: Path) -> Iterator[OfflineBook]:
    """A copy that no page has come to yet."""
    opened = OfflineBook.open(path, BOOK, some_id(0xEE))
    yield opened
    opened.close()


@pytest.fixture
def address(server: app.App) -> str:
    return f"127.0.0.1:{server.port}"


@pytest.fixture
async def home(ann: Person) -> BookOf:
    """Ann's book, made over the network."""
    return await make_book(ann)


@pytest.fixture
def devices(address: str, home: BookOf, tmp_path: Path) -> Iterator[Devices]:
    """Makes devices of Ann's, each with a copy of her book."""
    made = Devices(address, home, tmp_path)
    yield made
    made.close()


@pytest.fixture
def phone(devices: Devices) -> Device:
    return devices.make("phone")


@pytest.fixture
def laptop(devices: Devices) -> Device:
    return devices.make("laptop")


@pytest.fixture
async def circle(ann: Person) -> Circle:
    return await make_circle(ann, "Gus", "Hal")


@pytest.fixture
def tablet(devices: Devices, circle: Circle) -> Device:
    """A device of Ann's with a copy of her group."""
    return devices.make("tablet", space_id=circle.id)
