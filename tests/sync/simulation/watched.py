"""What is seen of a copy beside what the SDK shows of it? That it never goes back in time, what was deleted, and each of its rows."""

from tallystick_client.offline import OfflineBook
from tallystick_client.offline.database import Database
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_service_pb2 import PullResponse

# By kind and id: the version, whether it is deleted, and the bytes.
Rows = dict[tuple[str, str], tuple[int, bool, bytes]]
# Noted in the same step in which it happens, so that no kill comes between.
_NOTE_RENAMES = (
    "CREATE TABLE IF NOT EXISTS renamed (former TEXT PRIMARY KEY, present TEXT)",
    """
    CREATE TRIGGER IF NOT EXISTS note_renamed AFTER UPDATE OF request_id ON outbox WHEN old.request_id <> new.request_id
    BEGIN INSERT INTO renamed VALUES (old.request_id, new.request_id); END
    """,
)


class WentBack(AssertionError):
    """A copy has an older version than it had, though nobody put the space back."""


class WatchedBook(OfflineBook):
    """A copy that looks at itself."""

    # Whether the database was put back since the copy was last whole.
    may_go_back = True

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.write() as tx:
            for statement in _NOTE_RENAMES:
                tx.execute(statement)

    def renamed(self) -> dict[str, str]:
        """Which commands had to take another request id, because a copy of the device had used theirs; and which."""
        with self._database.read() as tx:
            return dict(tx.execute("SELECT former, present FROM renamed").fetchall())

    def first_id_of(self, request_id: str) -> str:
        """What a command was called when its user was told of it."""
        former = {present: first for first, present in self.renamed().items()}
        while request_id in former:
            request_id = former[request_id]
        return request_id

    def take_page(self, page: PullResponse) -> None:
        before = self.place
        super().take_page(page)
        after = self.place
        if after.version < before.version and not self.may_go_back:
            raise WentBack(f"from {before} to {after}")

    def gone(self, kind: str) -> list[str]:
        """The ids of what is deleted."""
        with self._database.read() as tx:
            rows = tx.execute("SELECT id FROM mirror WHERE kind = ? AND deleted ORDER BY id", (kind,))
            return [entity_id for (entity_id,) in rows]

    def mirror_rows(self) -> Rows:
        with self._database.read() as tx:
            rows = tx.execute("SELECT kind, id, version, deleted, body FROM mirror").fetchall()
        return {(kind, entity_id): (version, bool(deleted), body) for kind, entity_id, version, deleted, body in rows}

    def held(self) -> dict[str, list[Mutation]]:
        """Whatever the device holds of what its user did: by where it is."""
        places = {
            "outbox": "SELECT mutation FROM outbox",
            "tray": "SELECT mutation FROM tray",
            "drafts": "SELECT mutation FROM draft",
        }
        with self._database.read() as tx:
            return {
                name: [Mutation.FromString(body) for (body,) in tx.execute(query)] for name, query in places.items()
            }

    def states(self) -> list[str]:
        """Of the outbox: what it waits for."""
        with self._database.read() as tx:
            return [state for (state,) in tx.execute("SELECT state FROM outbox")]
