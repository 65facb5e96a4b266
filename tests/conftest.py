"""What do tests stand on? A real PostgreSQL, migrated by our own migrations, and a real server in front of it.

One of each serves the whole run. Tests keep out of each other's way as users do: each registers its own.
"""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from hypothesis import settings

from letters import Letters, Mails, Received
from people import Client, Person, sign_up
from pooler import pooled
from tallystick import app
from tallystick.config import Config
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import migrate
from turned_clock import TurnedClock

# How long an example takes says more about the machine than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


# No test cuts the power of this one, so no commit waits for the disk, and a checkpoint comes only at the end. Those that kill a
# PostgreSQL start one of their own, with the settings of production.
QUICK_SETTINGS = {"synchronous_commit": "off", "checkpoint_timeout": "1h", "max_wal_size": "2GB"}


# Few tests, which take long: they start processes, wait for them and end them. Begun last, one of them would go on alone.
LONG = {
    "backups",
    "browser",
    "cli",
    "clients",
    "compatibility",
    "docs",
    "killed",
    "migrations",
    "model",
    "packages",
    "runtime",
    "sync",
    "up",
}
TESTS = Path(__file__).parent


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those come first; other than that, the order stays what it is."""
    items.sort(key=lambda item: item.path.relative_to(TESTS).parts[0] not in LONG)


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[EmbeddedPostgres]:
    # Not under pytest's own folder, which is closed to the account that PostgreSQL runs as when we are root.
    with tempfile.TemporaryDirectory(prefix="tallystick-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101 - a path object would warn of blocking in a fixture
        async with EmbeddedPostgres(Path(folder) / "data", settings=QUICK_SETTINGS) as running:
            migrate.upgrade(running.owner_dsn)
            yield running


@pytest.fixture(scope="session")
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """How a server reaches the PostgreSQL of the run."""
    with pooled(postgres.app_dsn) as url:
        yield url


@pytest.fixture(scope="session")
def config(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A server's settings, with cheap password hashes, a large quota, no time lost on stopping, and no jobs but those
    that a test runs."""
    return replace(
        Config(),
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=database_url,
        listen=("127.0.0.1", 0),
        metrics_listen=("127.0.0.1", 0),
        bcrypt_cost=4,
        quota_units_an_hour=10**9,
        drain_s=0.0,
        jobs=False,
    )


@pytest.fixture(scope="session")
def clock() -> TurnedClock:
    """The server's clock. A test that turns it turns it back (`with clock.later(...)`)."""
    return TurnedClock()


@pytest.fixture(scope="session")
async def server(config: Config, clock: TurnedClock) -> AsyncIterator[app.App]:
    async with app.running(config, clock) as running:
        yield running


@pytest.fixture(scope="session")
async def channel(server: app.App) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{server.port}") as open_channel:
        yield open_channel


@pytest.fixture(scope="session")
def client(channel: grpc.aio.Channel) -> Client:
    """Every service, called by nobody in particular."""
    return Client(channel)


@pytest.fixture
async def ann(client: Client) -> Person:
    """A signed-in user."""
    return await sign_up(client, "Ann")


@pytest.fixture
async def bob(client: Client) -> Person:
    """Another signed-in user, who shares nothing with Ann."""
    return await sign_up(client, "Bob")


@pytest.fixture(scope="session")
def mails(server: app.App, config: Config) -> Mails:
    letters = Letters(config.data_dir / "mail")

    async def read(address: str) -> list[Received]:
        await server.identity.parts.errands.drain()
        return letters.to(address)

    return read
