"""What do tests of signing in stand on? Visitors with addresses of their own, and what was written about them."""

from typing import Any
from uuid import UUID

import grpc
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from people import Person
from rpc.auth.visitors import Audit, NewVisitor, Rows, Visitor
from tallystick.app import App
from tallystick.identity import queries
from tallystick.runtime.postgres import EmbeddedPostgres


@pytest.fixture
def visitor(channel: grpc.aio.Channel) -> Visitor:
    return Visitor(channel)


@pytest.fixture
def stranger(channel: grpc.aio.Channel) -> Visitor:
    """Somebody else, at another address."""
    return Visitor(channel)


@pytest.fixture
def new_visitor(channel: grpc.aio.Channel) -> NewVisitor:
    return lambda: Visitor(channel)


@pytest.fixture
async def ann(visitor: Visitor) -> Person:
    return await visitor.sign_up("Ann")


@pytest.fixture
async def bob(stranger: Visitor) -> Person:
    return await stranger.sign_up("Bob")


@pytest.fixture
def audit(server: App) -> Audit:
    """What the audit says happened to a user or space, the oldest first."""

    async def read(scope_id: str) -> list[str]:
        rows = await server.apart.fetch(queries.AUDIT_PAGE(scope_id=UUID(scope_id), after=0, limit=1000))
        return [row[3] for row in rows]

    return read


@pytest.fixture
def rows(server: App, postgres: EmbeddedPostgres) -> Rows:
    """Reads tables directly, past row-level security."""

    database = conninfo_to_dict(postgres.app_dsn)["dbname"]
    url = make_conninfo(postgres.superuser_dsn, dbname=database)

    async def read(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            cursor = await connection.execute(sql, values)
            return await cursor.fetchall() if cursor.description else []

    return read
