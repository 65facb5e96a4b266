"""What do tests of identity's parts stand on? The server's own, and for signing keys a database that nobody else uses."""

from collections.abc import AsyncIterator, Callable
from secrets import token_hex

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tallystick.app import App
from tallystick.clock import Clock
from tallystick.identity.parts import Parts
from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import migrate
from tallystick.store.keyring import Keyring
from tallystick.store.pool import open_pool
from tallystick.store.store import Store


@pytest.fixture
def parts(server: App) -> Parts:
    return server.identity.parts


@pytest.fixture
async def new_store(postgres: EmbeddedPostgres, clock: Clock) -> AsyncIterator[Callable[[], Store]]:
    """Makes stores of server processes that share one fresh database, and one keyring."""
    name = f"signing_{token_hex(4)}"
    owner = conninfo_to_dict(postgres.owner_dsn)["user"]
    admin = await psycopg.AsyncConnection.connect(postgres.superuser_dsn, autocommit=True)
    async with admin:
        await admin.execute(f'CREATE DATABASE {name} OWNER "{owner}"')
        migrate.upgrade(_in_url(postgres.owner_dsn, name))
        keyring = Keyring.generate()
        async with open_pool(make_conninfo(postgres.app_dsn, dbname=name), 8) as pool:
            yield lambda: Store(pool, keyring, clock, lambda space_id: None)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _in_url(url: str, name: str) -> str:
    """The same server, another database. Migrations need a URL, which a list of parameters is not."""
    before = conninfo_to_dict(url)["dbname"]
    return url.replace(f"/{before}?", f"/{name}?", 1)
