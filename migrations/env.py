"""How does a migration run? One at a time across all servers, each in its own transaction, never waiting long for a lock.

The limits can be raised inside a single migration, with a comment that says why.
"""

from alembic import context
from sqlalchemy import NullPool, create_engine, text

from tallystick.schema import metadata

STATEMENT_TIMEOUT_MS = 5_000
LOCK_TIMEOUT_MS = 4_000
# Any number will do, as long as nothing else in the database locks it.
ADVISORY_LOCK = 7_217_001


def run() -> None:
    # One connection, closed when the migration is over, however it ends.
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": ADVISORY_LOCK})
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
