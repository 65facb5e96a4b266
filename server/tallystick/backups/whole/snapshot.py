"""What was in the database at one moment? Read table by table in one transaction that sees nothing of what is written meanwhile.

Rows are taken as PostgreSQL gives them (COPY in its binary form, the same in all of its versions): nothing is parsed, and what is sealed
stays sealed. Everything here waits for the database, so it runs in a thread.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.pq import ExecStatus

from tallystick.backups.archive.rows import LENGTH_BYTES, ROW_BYTES_MAX
from tallystick.backups.errors import RowsHidden, RowTooLarge
from tallystick.backups.whole.selection import KEYS, Selected, quoted
from tallystick.v1.space_pb2 import SpaceKind

# Before the first row: a signature, flags, and the length of nothing.
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
# After the last row.
COPY_TRAILER = b"\xff\xff"
PIECE_BYTES = 256 * 1024
_COLUMNS = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.relname
"""
# Files that are whole, and that nobody has deleted.
_NAMES_CONTENTS = "SELECT EXISTS (SELECT FROM file_content WHERE finished_at IS NOT NULL AND remove_at IS NULL)"


@contextmanager
def snapshot_of(url: str) -> Iterator["WholeSnapshot"]:
    """The database as it is now, for as long as this lasts."""
    with psycopg.connect(url, autocommit=True) as connection:
        # A backup takes as long as it takes, and may wait for whoever takes it away.
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"):
            if connection.execute("SELECT 1 FROM pg_settings WHERE name = %s", [limit]).fetchone():
                connection.execute(sql.SQL("SET {} = 0").format(sql.Identifier(limit)))
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Where row-level security would leave rows out, PostgreSQL refuses instead.
        connection.execute("SET LOCAL row_security = off")
        yield WholeSnapshot(connection)


class WholeSnapshot:
    """One moment of the whole database."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {name: tuple(columns) for name, columns in self._connection.execute(_COLUMNS)}

    def revision(self) -> str:
        return str(self._one(sql.SQL("SELECT version_num FROM alembic_version")))

    def postgresql_major(self) -> int:
        return self._connection.info.server_version // 10_000

    def count(self, table: str) -> int:
        return int(self._one(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))))

    def space_kinds(self) -> Mapping[str, int]:
        rows = self._connection.execute("SELECT kind, count(*) FROM space GROUP BY kind ORDER BY kind")
        return {SpaceKind.Name(kind).removeprefix("SPACE_KIND_").lower(): count for kind, count in rows}

    def names_contents(self) -> bool:
        """Whether there are files whose contents somebody may still read."""
        return bool(self._one(sql.SQL(_NAMES_CONTENTS)))

    def wrapped_keys(self) -> Iterator[tuple[UUID, int, str, bytes, datetime]]:
        query = sql.SQL("SELECT space_id, generation, master_id, wrapped, created_at FROM {} ORDER BY 1, 2")
        with _told(), self._connection.cursor("keys") as cursor:
            yield from cursor.execute(query.format(sql.Identifier(KEYS)))

    def rows(self, table: Selected) -> Iterator[bytes]:
        """The rows of a table, each behind its length, in pieces of many."""
        piece = bytearray()
        for row in self._copied(table):
            if len(row) > ROW_BYTES_MAX:
                raise RowTooLarge(f"a row of {table.name} is larger than an archive can hold")
            piece += len(row).to_bytes(LENGTH_BYTES)
            piece += row
            if len(piece) >= PIECE_BYTES:
                yield bytes(piece)
                piece.clear()
        if piece:
            yield bytes(piece)

    def _copied(self, table: Selected) -> Iterator[bytes]:
        what = ", ".join(table.expressions())
        query = f"COPY (SELECT {what} FROM {quoted(table.name)}) TO STDOUT (FORMAT BINARY)"  # noqa: S608 - names are quoted
        wire = self._connection.pgconn
        began = wire.exec_(query.encode())
        if began.status != ExecStatus.COPY_OUT:
            raise psycopg.errors.error_from_result(began)
        header = len(COPY_HEADER)
        while (message := wire.get_copy_data(0))[0] > 0:
            # The header comes with the first row, or alone.
            row, header = bytes(message[1])[header:], 0
            if row and row != COPY_TRAILER:
                yield row
        ended = wire.get_result()
        if ended is None or ended.status != ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError(f"reading {table.name} was cut short")
        while wire.get_result() is not None:
            pass

    def _one(self, query: sql.SQL | sql.Composed) -> Any:
        with _told():
            row = self._connection.execute(query).fetchone()
        assert row is not None, "one row was asked for"
        return row[0]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as hidden:
        raise RowsHidden(
            "The role that reads for backups does not see every row. To fix: give BACKUP_DATABASE_URL a role with BYPASSRLS "
            f"and the right to read every table ({hidden.diag.message_primary})"
        ) from hidden
