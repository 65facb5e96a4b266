"""Where is a restored database before it takes the place of the one that is there? In a schema of its own, which nobody looks into.

So whatever goes wrong, and whenever a process is killed, what was there stays as it is; and no right to make databases is needed. The
same tables are there, empty, and without what makes loading slow or forbids it: indexes, constraints, triggers, and the row-level security
that binds their owner. All of that is put back before anybody reads them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tallystick.backups.errors import InUse
from tallystick.store import migrate
from tallystick.store.door import APP_ROLE
from tallystick.store.epochs import RESTORING

SCHEMA = "tallystick_restoring"
_BUILD_MEMORY = "256MB"
_INDEXES = """
    SELECT c.relname, NULL, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid
    WHERE c.relnamespace = %(schema)s::regnamespace
      AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    ORDER BY 1
"""
# Foreign keys last: they need what they point at to be unique.
_CONSTRAINTS = """
    SELECT k.conname, c.relname, pg_get_constraintdef(k.oid) FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = %(schema)s::regnamespace AND k.contype IN ('p', 'u', 'x', 'f')
    ORDER BY k.contype = 'f', c.relname, k.conname
"""
_TABLES = """
    SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class
    WHERE relnamespace = %(schema)s::regnamespace AND relkind = 'r' ORDER BY relname
"""


@dataclass(frozen=True, slots=True)
class Undressed:
    """What was taken off the tables while they are loaded."""

    constraints: list[tuple[str, str, str]]
    indexes: list[tuple[str, str, str]]
    bound: list[str]
    tables: list[str]


def within(url: str, schema: str = SCHEMA) -> str:
    """The same database, seen from within a schema."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query["options"] = f"{query.get('options', '')} -csearch_path={schema}".strip()
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


@contextmanager
def alone(url: str) -> Iterator[psycopg.Connection]:
    """The owner's connection, while nobody else restores."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", [RESTORING]).fetchone()
        if row is None or not row[0]:
            raise InUse("Another restore works on this database.")
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET idle_session_timeout = 0")
        # What is lost by a crash is loaded again. The switch is durable.
        connection.execute("SET synchronous_commit = off")
        connection.execute(sql.SQL("SET maintenance_work_mem = {}").format(_BUILD_MEMORY))
        yield connection


def clear(connection: psycopg.Connection) -> None:
    """Takes away the schema, and what a killed restore left in it."""
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(SCHEMA)))


def make(connection: psycopg.Connection, url: str, revision: str) -> None:
    """Empty tables as they were when the archive was made."""
    clear(connection)
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))
    migrate.upgrade(within(url), revision)
    connection.execute(
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(SCHEMA), sql.Identifier(APP_ROLE))
    )


def undress(connection: psycopg.Connection) -> Undressed:
    schema = {"schema": SCHEMA}
    tables = connection.execute(_TABLES, schema).fetchall()
    off = Undressed(
        connection.execute(_CONSTRAINTS, schema).fetchall(),
        connection.execute(_INDEXES, schema).fetchall(),
        [name for name, is_bound in tables if is_bound],
        [name for name, _ in tables],
    )
    for name, table, _ in reversed(off.constraints):
        connection.execute(_alter(table, sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(name))))
    for name, _, _ in off.indexes:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(SCHEMA, name)))
    for table in off.tables:
        connection.execute(_alter(table, sql.SQL("DISABLE TRIGGER USER")))
    for table in off.bound:
        connection.execute(_alter(table, sql.SQL("NO FORCE ROW LEVEL SECURITY")))
    return off


def dress(connection: psycopg.Connection, off: Undressed) -> None:
    """As they were, and nothing forgotten."""
    for name, table, definition in off.constraints:
        added = sql.SQL("ADD CONSTRAINT {} {}").format(sql.Identifier(name), _trusted(definition))
        connection.execute(_alter(table, added))
    for _, _, definition in off.indexes:
        connection.execute(_trusted(definition))
    for table in off.tables:
        connection.execute(_alter(table, sql.SQL("ENABLE TRIGGER USER")))
    for table in off.bound:
        connection.execute(_alter(table, sql.SQL("FORCE ROW LEVEL SECURITY")))


def _alter(table: str, how: sql.Composable) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(SCHEMA, table), how)


def _trusted(text: str) -> sql.SQL:
    """What PostgreSQL itself said of its own index or constraint."""
    return sql.SQL(text)
