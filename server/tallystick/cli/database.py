"""Which database does an operator's command work on? DATABASE_URL, or the embedded one, which is started if nobody runs it."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tallystick.cli.serve import require_schema
from tallystick.clock import Clock
from tallystick.config import BadSettings, Config
from tallystick.runtime import roles
from tallystick.runtime.credentials import find_credentials
from tallystick.runtime.postgres import READER, EmbeddedPostgres, compose_dsns
from tallystick.runtime.socket_dir import ELSEWHERE_FILE, PREFERRED_NAME, SOCKET_FILE
from tallystick.store.pool import open_pool
from tallystick.store.store import Store

POOL_SIZE = 2
# Where `up` keeps the embedded database, inside the data directory.
EMBEDDED_NAME = "postgres"
KEYRING_NAME = "keyring.json"


def embedded_dir(config: Config) -> Path:
    """The data directory of the embedded PostgreSQL."""
    return config.data_dir / EMBEDDED_NAME


def run_as() -> str | None:
    """The account for the embedded PostgreSQL, which refuses to be root's."""
    return os.environ.get("TALLYSTICK_POSTGRES_USER")


@asynccontextmanager
async def open_store(config: Config) -> AsyncIterator[Store]:
    """The store, for a command that runs beside the servers."""
    if not config.keyring and not (config.data_dir / KEYRING_NAME).exists():
        # A new one would open nothing of what there is.
        raise BadSettings(f"TALLYSTICK_DATA_DIR: there is no {KEYRING_NAME} in {config.data_dir}")
    async with _url(config) as url:
        require_schema(url)
        async with open_pool(url, POOL_SIZE) as pool:
            yield Store(pool, config.load_keyring(), Clock(), nudge=lambda space_id: None)


@asynccontextmanager
async def _url(config: Config) -> AsyncIterator[str]:
    async with open_database(config) as urls:
        yield urls.app


@dataclass(frozen=True, slots=True)
class Urls:
    """The ways into the database: as what serves, as what owns the schema, and as what sees every row."""

    app: str
    owner: str
    reader: str


@asynccontextmanager
async def open_database(config: Config, *, makes: bool = False) -> AsyncIterator[Urls]:
    """DATABASE_URL, or the embedded database. `makes`: also where there is none yet."""
    if config.database_url:
        owner = config.migration_url or config.database_url
        yield Urls(config.database_url, owner, config.backup_url or owner)
        return
    data_dir = embedded_dir(config)
    if not makes and not data_dir.exists():
        raise BadSettings(
            f"DATABASE_URL: not set, and {config.data_dir} has no embedded database; `tallystick up` makes one"
        )
    running = _find_running(data_dir)
    if running:
        yield Urls(running[roles.APP], running[roles.OWNER], running[READER])
        return
    bin_dir = os.environ.get("TALLYSTICK_POSTGRES_BIN")
    async with EmbeddedPostgres(data_dir, bin_dir=Path(bin_dir) if bin_dir else None, run_as=run_as()) as postgres:
        yield Urls(postgres.app_dsn, postgres.owner_dsn, postgres.reader_dsn)


def _find_running(data_dir: Path) -> Mapping[str, str] | None:
    """The embedded database that `tallystick up` runs at this moment, if it answers."""
    credentials = find_credentials(data_dir)
    if credentials is None:
        return None
    note = data_dir / ELSEWHERE_FILE
    folders = [data_dir / PREFERRED_NAME, *([Path(note.read_text())] if note.exists() else [])]
    for folder in folders:
        if not (folder / SOCKET_FILE).exists():
            continue
        # Whoever answers must know our password too: a folder among the temporary ones could be anybody's.
        dsns = compose_dsns(folder, credentials)
        urls = {role: dsn + "&require_auth=scram-sha-256" for role, dsn in dsns.items()}
        try:
            psycopg.connect(urls[roles.APP]).close()
        except psycopg.OperationalError:
            continue
        return urls
    return None
