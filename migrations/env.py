"""How does a migration run? One at a time across all servers, each in its own transaction, never waiting long for a lock.

The limits can be raised inside a single migration, with a comment that says why.
"""

import time

from alembic import context
from sqlalchemy import Connection, NullPool, create_engine, text

from tallystick.schema import metadata

STATEMENT_TIMEOUT_MS = 5_000
LOCK_TIMEOUT_MS = 4_000
TURN_INTERVAL_S = 0.1
# Any number will do, as long as nothing else in the database locks it.
ADVISORY_LOCK = 7_217_001


def _wait_for_turn(connection: Connection) -> None:
    """Asks again and again, each time in a transaction of its own. One that waited for the lock would hold a snapshot meanwhile, and
    whoever has the lock may be building an index that waits for all older snapshots."""
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": ADVISORY_LOCK}):
        connection.rollback()
        time.sleep(TURN_INTERVAL_S)
    connection.commit()


def run() -> None:
    # One connection, closed when the migration is over, however it ends.
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        _wait_for_turn(connection)
        connection.execute(text(f"SET statement_timeout = {STATEMENT_TIMEOUT_MS}"))
        connection.execute(text(f"SET lock_timeout = {LOCK_TIMEOUT_MS}"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=metadata,
            transaction_per_migration=True,
            compare_type=True,
            compare_server_default=True,
        )
        try:
            with context.begin_transaction():
                context.run_migrations()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": ADVISORY_LOCK})
            connection.commit()


run()
