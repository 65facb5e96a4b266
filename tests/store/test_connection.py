"""Does a connection know what is prepared on it, also behind a pooler that keeps a list of its own?"""

from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import Integer, bindparam, literal, select

from tallystick.runtime.postgres import EmbeddedPostgres
from tallystick.store.connection import Connection
from tallystick.store.statements import prepare

DIVIDE = prepare(select(literal(1, Integer) / bindparam("by", type_=Integer)))
AFTER = prepare(select(literal("after")))


@pytest.fixture
async def connection(postgres: EmbeddedPostgres) -> AsyncIterator[Connection]:
    async with await Connection.connect(postgres.app_dsn, autocommit=True) as opened:
        yield opened


async def test_what_a_failure_kept_from_being_prepared_is_prepared_by_the_next_batch(connection: Connection) -> None:
    for _ in range(2):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await connection.batch([DIVIDE(by=0), AFTER()])
    assert await connection.batch([DIVIDE(by=1), AFTER()]) == [[(1,)], [("after",)]]


async def test_so_it_is_where_a_pooler_has_noted_it_down_all_the_same(connection: Connection) -> None:
    """PgBouncer sees names go by, and not what became of them. Here PostgreSQL plays its part."""
    with pytest.raises(psycopg.errors.DivisionByZero):
        await connection.batch([DIVIDE(by=0), AFTER()])
    connection.pgconn.prepare(AFTER.name, AFTER.text)
    assert await connection.batch([AFTER(), AFTER()]) == [[("after",)], [("after",)]]
