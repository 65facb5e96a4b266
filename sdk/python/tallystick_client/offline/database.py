"""Where is a copy kept? In one SQLite file: what was committed survives a crash of the process and of the machine.

Threads and processes may share it. Whoever writes waits for its turn, and nothing of the network happens in between.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import UUID

from tallystick_client.locking import locked_file
from tallystick_client.offline.kinds import name_of
from tallystick_client.offline.refusals import NewerFile, SyncBusy, WrongSpace

Tx = sqlite3.Connection

_FORMAT = 1
_BUSY_TIMEOUT_S = 30.0
_EXCHANGE_TIMEOUT_S = 60.0

_SCHEMA = """
CREATE TABLE place (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  space_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  -- Where the mirror is. Empty: there is none yet.
  cursor TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 0,
  -- Where the shadow is: the copy that is being made anew, and takes the mirror's place when it is whole. NULL: there is none.
  shadow_cursor TEXT,
  is_forgotten INTEGER NOT NULL DEFAULT 0,
  -- Rises with every write, whoever writes.
  revision INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE mirror (
  kind TEXT, id TEXT, version INTEGER NOT NULL, deleted INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE shadow (
  kind TEXT, id TEXT, version INTEGER NOT NULL, deleted INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
-- What was not sent yet (waiting), is done but not in the mirror yet (sent), is sent again after the mirror was made anew (again), or
-- may have been done before (taken).
CREATE TABLE outbox (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  request_id TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'again', 'taken')),
  version INTEGER NOT NULL DEFAULT 0,
  -- Whether its first request_id was used by something else.
  is_again INTEGER NOT NULL DEFAULT 0,
  mutation BLOB NOT NULL,
  -- Of what is taken: what the server said.
  result BLOB
);
CREATE TABLE outbox_target (
  kind TEXT, id TEXT, place INTEGER REFERENCES outbox ON DELETE CASCADE, PRIMARY KEY (kind, id, place)
) WITHOUT ROWID;
CREATE INDEX ix_outbox_target_place ON outbox_target (place);
-- What was refused, with the server's answer.
CREATE TABLE tray (
  place INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, blocked_by TEXT NOT NULL, mutation BLOB NOT NULL, result BLOB NOT NULL
);
-- What waited when the space was lost.
CREATE TABLE draft (place INTEGER PRIMARY KEY, request_id TEXT NOT NULL UNIQUE, mutation BLOB NOT NULL);
-- Others' values that mutations of this device replaced.
CREATE TABLE replaced (place INTEGER PRIMARY KEY AUTOINCREMENT, request_id TEXT NOT NULL, body BLOB NOT NULL);
"""


class Database:
    """The file, as this process has it open."""

    def __init__(self, path: Path, space_id: str, user_id: str) -> None:
        self.space_id = str(UUID(space_id))
        self._path = path
        self._lock = threading.RLock()
        # Only its owner reads it; what SQLite puts beside it is like it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            with locked_file(self._beside("opening"), _BUSY_TIMEOUT_S):
                self._prepare(user_id)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One moment of the file."""
        with self._in_transaction("BEGIN") as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """One step: on disk when the block has ended, or never happened."""
        with self._in_transaction("BEGIN IMMEDIATE") as tx:
            yield tx
            tx.execute("UPDATE place SET revision = revision + 1")

    def turn(self) -> AbstractContextManager[None]:
        """Inside the block nobody else exchanges this copy with the server."""
        return _busy(locked_file(self._beside("exchange"), _EXCHANGE_TIMEOUT_S))

    def shrink(self) -> None:
        """Takes what was deleted out of the files, too."""
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _in_transaction(self, begin: str) -> Iterator[Tx]:
        with self._lock:
            self._connection.execute(begin)
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _prepare(self, user_id: str) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        # A commit is on disk before anybody is told of it.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.execute("PRAGMA secure_delete = ON")
        with self._in_transaction("BEGIN IMMEDIATE") as tx:
            (written_by,) = tx.execute("PRAGMA user_version").fetchone()
            if written_by > _FORMAT:
                raise NewerFile(f"format {written_by}; this version of the package reads {_FORMAT}")
            if not written_by:
                for statement in _SCHEMA.split(";\n"):
                    tx.execute(statement)
                tx.execute("INSERT INTO place (only_one, space_id, user_id) VALUES (1, ?, ?)", (self.space_id, user_id))
                tx.execute(f"PRAGMA user_version = {_FORMAT}")
            (space_id,) = tx.execute("SELECT space_id FROM place").fetchone()
            if space_id != self.space_id:
                raise WrongSpace(f"the file holds a copy of {space_id}")
            if user_id:
                tx.execute("UPDATE place SET user_id = ?", (user_id,))
            _name_kinds(tx)

    def _beside(self, what: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{what}")


@contextmanager
def _busy(lock: AbstractContextManager[None]) -> Iterator[None]:
    try:
        lock.__enter__()
    except TimeoutError as late:
        raise SyncBusy(str(late)) from late
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def _name_kinds(tx: Tx) -> None:
    """Entities that came before this package knew their kind can be read now."""
    for table in ("mirror", "shadow"):
        select, update = f"SELECT DISTINCT kind FROM {table}", f"UPDATE {table} SET kind = ? WHERE kind = ?"  # noqa: S608 - our own names
        for (kind,) in tx.execute(select).fetchall():
            if name_of(kind) != kind:
                tx.execute(update, (name_of(kind), kind))
