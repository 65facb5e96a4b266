"""What do tests of webhooks stand on? A receiver on loopback, where the server may lead webhooks for once, and nobody who knows names."""

from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from people import BookOf, Person, make_book
from tallystick.app import App
from tallystick.webhooks.addresses import Address
from webhooks.desk import Hooked, hook
from webhooks.receiver import LOOPBACK, Receiver, receiving

KNOWN = {"hooks.example.com": "93.184.215.14", "localhost": "127.0.0.1"}


@pytest.fixture(autouse=True)
def names(server: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks anybody about a name."""

    async def resolve(host: str, port: int) -> list[Address]:
        return [ip_address(KNOWN[host])]

    monkeypatch.setattr(server.webhooks.delivering.sender, "_resolve", resolve)


@pytest.fixture
async def book(ann: Person) -> BookOf:
    """Ann's book."""
    return await make_book(ann)


@pytest.fixture
async def receiver(server: App, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    monkeypatch.setattr(server.webhooks.delivering.sender, "_allowed", LOOPBACK)
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def hooked(server: App, book: BookOf, receiver: Receiver) -> Hooked:
    return await hook(server, book, receiver)
