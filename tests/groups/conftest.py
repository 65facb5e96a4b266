"""What do tests of recurring expenses stand on? Two servers that post them, and a group there."""

from collections.abc import AsyncIterator

import pytest

from circle import Circle, make_circle
from ledger.two_servers import Place, opened
from people import sign_up
from tallystick.config import Config
from tallystick.groups.recurring.job import RecurringJob
from tallystick.runtime.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
async def place(postgres: EmbeddedPostgres, config: Config) -> AsyncIterator[Place]:
    async with opened(postgres, config, RecurringJob, "recurring_due") as running:
        yield running


@pytest.fixture
async def circle(place: Place) -> Circle:
    return await make_circle(await sign_up(place.client, "Ann"), "Gus", "Hal")
