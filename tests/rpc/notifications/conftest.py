"""Who has notifications? Somebody whom a test tells something."""

from dataclasses import dataclass

import pytest

from inbox import listed, tell_something
from people import Person
from tallystick.app import App
from tallystick_client.v1.notification_pb2 import Notification


@dataclass(frozen=True)
class Reader:
    """Somebody whom the server can tell something."""

    person: Person
    server: App

    async def hear(self, many: int = 1) -> list[Notification]:
        """So many new notifications, the newest first."""
        for number in range(many):
            await tell_something(self.person, self.server, number)
        return (await listed(self.person))[:many]


@pytest.fixture
def reader(ann: Person, server: App) -> Reader:
    return Reader(ann, server)
