"""Where do connections come from? psycopg's own pool, of connections that can run batches."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg_pool import AsyncConnectionPool

from tallystick.store.connection import Connection
from tallystick.store.lending import Pool

# How long a call waits for a connection before it is told that the database is away.
LEND_TIMEOUT_S = 5.0


@asynccontextmanager
async def open_pool(url: str, size: int) -> AsyncIterator[Pool]:
    """A pool that fills itself in the background: a database that is away at the start is only unready, not an error."""
    pool: Pool = AsyncConnectionPool(
        url,
        connection_class=Connection,
        # The batches say BEGIN and COMMIT themselves. Statements are prepared by name, which PgBouncer 1.21 and newer follows.
        kwargs={"autocommit": True, "application_name": "tallystick"},
        min_size=min(2, size),
        max_size=size,
        timeout=LEND_TIMEOUT_S,
        open=False,
    )
    await pool.open()
    try:
        yield pool
    finally:
        await pool.close()
