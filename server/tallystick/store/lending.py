"""How is a connection lent, and what becomes of it, and of what the database said, when it comes back?"""

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from tallystick.errors import Unavailable
from tallystick.store import constraints, door
from tallystick.store.connection import Connection
from tallystick.v1.error_reason_pb2 import ErrorReason

Pool = AsyncConnectionPool[Connection]

# What PostgreSQL undid and would do if asked again.
WORTH_ANOTHER_TRY = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
)

# SQLSTATE classes: out of resources, operator intervention. Without any SQLSTATE the connection itself broke.
_AWAY_CLASSES = ("53", "57")


class Lent:
    """A connection lent from the pool. Whatever is left open on it is rolled back, and what is broken is not lent again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __aenter__(self) -> Connection:
        try:
            self._connection = await self._pool.getconn()
        except (PoolTimeout, psycopg.OperationalError) as away:
            raise database_away() from away
        return self._connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        connection = self._connection
        try:
            if not connection.closed and connection.pgconn.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                await connection.batch([door.ROLLBACK()])
        except psycopg.OperationalError:
            await connection.close()
        finally:
            await self._pool.putconn(connection)
        if isinstance(error, psycopg.IntegrityError) and (ours := constraints.find_error(error)):
            raise ours from error
        if isinstance(error, psycopg.OperationalError) and _is_away(error):
            raise database_away() from error


def _is_away(error: psycopg.OperationalError) -> bool:
    """Whether the database itself is gone or refuses everybody; other operational errors are faults of ours."""
    return error.sqlstate is None or error.sqlstate[:2] in _AWAY_CLASSES


def database_away() -> Unavailable:
    return Unavailable(ErrorReason.ERROR_REASON_DATABASE_UNAVAILABLE, "The database is away.", retry_after_s=1.0)
