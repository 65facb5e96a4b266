"""What is in the file of a device of Kotlin? Read here by SQL, so that what its SDK says of itself is not all there is."""

import sqlite3
from pathlib import Path
from typing import NamedTuple

from sync.simulation.watched import Rows
from tallystick_client.offline.kinds import unwrap
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Entity

BUSY_TIMEOUT_S = 30.0
# Noted in the same step in which it happens.
NOTE_RENAMES = (
    "CREATE TABLE IF NOT EXISTS renamed (former TEXT PRIMARY KEY, present TEXT)",
    """
    CREATE TRIGGER IF NOT EXISTS note_renamed BEFORE INSERT ON outbox BEGIN
      INSERT INTO renamed SELECT request_id, new.request_id FROM outbox
      WHERE space_id = new.space_id AND position = new.position AND request_id <> new.request_id;
    END
    """,
)


class Standing(NamedTuple):
    """Where the copy is."""

    cursor: str
    version: int
    is_forgotten: bool


class KotlinFile:
    """One space in one file."""

    def __init__(self, path: Path, space_id: str) -> None:
        self._space_id = space_id
        self._file = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        for statement in NOTE_RENAMES:
            self._file.execute(statement)

    def close(self) -> None:
        self._file.close()

    def place(self) -> Standing:
        found = self._rows("SELECT cursor, version, copy, shadow_copy FROM spaces WHERE space_id = ?")
        cursor, version, copy, shadow_copy = found[0] if found else ("", 0, 0, -1)
        # What is forgotten had a copy once.
        return Standing(cursor, version, not cursor and copy > 0 and shadow_copy < 0)

    def renamed(self) -> dict[str, str]:
        """Which commands had to take another request id, because a copy of the device had used theirs; and which."""
        return dict(self._file.execute("SELECT former, present FROM renamed").fetchall())

    def first_id_of(self, request_id: str) -> str:
        """What a command was called when its user was told of it."""
        former = {present: first for first, present in self.renamed().items()}
        while request_id in former:
            request_id = former[request_id]
        return request_id

    def gone(self, kind: str) -> list[str]:
        """The ids of what is deleted."""
        return [
            entity_id for (found, entity_id), (_, deleted, _) in self.mirror_rows().items() if deleted and found == kind
        ]

    def mirror_rows(self) -> Rows:
        rows = self._rows(
            "SELECT e.version, e.deleted, e.body FROM entities AS e JOIN spaces AS s"
            " ON s.space_id = e.space_id AND s.copy = e.copy WHERE s.space_id = ? ORDER BY e.id"
        )
        return {
            (kind, entity_id): (version, bool(deleted), plain)
            for version, deleted, body in rows
            for kind, entity_id, plain in (unwrap(Entity.FromString(body)),)
        }

    def version_of(self, kind: str, entity_id: str) -> int | None:
        row = self.mirror_rows().get((kind, entity_id))
        return row[0] if row else None

    def held(self) -> dict[str, list[Mutation]]:
        """Whatever the device holds of what its user did: by where it is."""
        return {table: self._mutations(table) for table in ("outbox", "tray", "drafts")}

    def drafts(self) -> list[Mutation]:
        return self._mutations("drafts")

    def states(self) -> list[str]:
        """Of the outbox: what it waits for."""
        rows = self._rows("SELECT sent FROM outbox WHERE space_id = ?")
        return ["sent" if sent else "waiting" for (sent,) in rows]

    def tray(self) -> list[tuple[str, str]]:
        return self._rows("SELECT request_id, blocked_by FROM tray WHERE space_id = ? ORDER BY position")

    def replaced(self) -> list[tuple[int, bytes]]:
        return self._rows("SELECT position, body FROM replaced WHERE space_id = ? ORDER BY position")

    def last_position(self) -> int:
        return max(
            (position for (position,) in self._rows("SELECT position FROM outbox WHERE space_id = ?")), default=0
        )

    def outbox_after(self, position: int) -> list[str]:
        rows = self._rows("SELECT position, request_id FROM outbox WHERE space_id = ? ORDER BY position")
        return [request_id for found, request_id in rows if found > position]

    def _mutations(self, table: str) -> list[Mutation]:
        rows = self._rows(f"SELECT body FROM {table} WHERE space_id = ? ORDER BY position")
        return [Mutation.FromString(body) for (body,) in rows]

    def _rows(self, query: str) -> list[tuple]:  # type: ignore[type-arg]  # as SQLite gives them
        return self._file.execute(query, (self._space_id,)).fetchall()
