"""How does a test get a database of its own? In the one PostgreSQL of the run, for what looks at every row or at the schema itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg

from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store import migrate

MODEL = "fresh_model"


@dataclass(frozen=True)
class FreshDatabase:
    """The same three ways in as to the run's own database."""

    owner_dsn: str
    app_dsn: str
    superuser_dsn: str

    def as_superuser(self) -> psycopg.Connection:
        return psycopg.connect(self.superuser_dsn, autocommit=True)


@asynccontextmanager
async def fresh_database(postgres: EmbeddedPostgres, *, is_migrated: bool = True) -> AsyncIterator[FreshDatabase]:
    name = f"fresh_{uuid4().hex[:12]}"
    async with await psycopg.AsyncConnection.connect(postgres.superuser_dsn, autocommit=True) as maker:
        model = await _migrated_model(maker, postgres) if is_migrated else "template1"
        await maker.execute(f"CREATE DATABASE {name} OWNER tallystick_owner TEMPLATE {model}")
        made = FreshDatabase(
            *(_other(dsn, name) for dsn in (postgres.owner_dsn, postgres.app_dsn, postgres.superuser_dsn))
        )
        try:
            yield made
        finally:
            await maker.execute(f"DROP DATABASE {name} WITH (FORCE)")


async def _migrated_model(maker: psycopg.AsyncConnection, postgres: EmbeddedPostgres) -> str:
    """A database in which the migrations have run, to be copied: they take many times as long as a copy."""
    found = await maker.execute("SELECT 1 FROM pg_database WHERE datname = %s", (MODEL,))
    if await found.fetchone() is None:
        await maker.execute(f"CREATE DATABASE {MODEL} OWNER tallystick_owner")
        migrate.upgrade(_other(postgres.owner_dsn, MODEL))
        # What somebody is connected to cannot be copied.
        await maker.execute(f"ALTER DATABASE {MODEL} ALLOW_CONNECTIONS false")
    return MODEL


def _other(dsn: str, name: str) -> str:
    before, _, query = dsn.partition("?")
    return f"{before.rpartition('/')[0]}/{name}?{query}"
