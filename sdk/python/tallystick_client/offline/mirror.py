"""How does the copy follow the space? Page by page, each with its cursor in one step."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tallystick_client.offline.commands import Target
from tallystick_client.offline.database import Tx
from tallystick_client.offline.digest import Digest, digest_of
from tallystick_client.offline.kinds import is_known, parse, unwrap
from tallystick_client.offline.outbox import drop_mirrored, send_again, settle_taken
from tallystick_client.offline.rows import Row
from tallystick_client.v1.sync_pb2 import Change
from tallystick_client.v1.sync_service_pb2 import PullResponse, WatchChanges


class Place(NamedTuple):
    """Where the copy is."""

    cursor: str
    version: int
    shadow_cursor: str | None
    is_forgotten: bool
    revision: int
    user_id: str


class Mirror:
    """The space as the server has it. To be asked within a transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def find(self, kind: str, entity_id: str) -> Row | None:
        asked = "SELECT deleted, body FROM mirror WHERE kind = ? AND id = ?"
        row = self._tx.execute(asked, (kind, entity_id)).fetchone()
        return Row(kind, entity_id, parse(kind, row[1]), bool(row[0])) if row else None

    def rows(self, kind: str) -> Iterator[Row]:
        asked = "SELECT id, deleted, body FROM mirror WHERE kind = ? ORDER BY id"
        for entity_id, deleted, body in self._tx.execute(asked, (kind,)):
            yield Row(kind, entity_id, parse(kind, body), bool(deleted))


def place_of(tx: Tx) -> Place:
    asked = "SELECT cursor, version, shadow_cursor, is_forgotten, revision, user_id FROM place"
    cursor, version, shadow_cursor, is_forgotten, revision, user_id = tx.execute(asked).fetchone()
    return Place(cursor, version, shadow_cursor, bool(is_forgotten), revision, user_id)


def cursor_to_pull(place: Place) -> str:
    return place.cursor if place.shadow_cursor is None else place.shadow_cursor


def version_of(tx: Tx, target: Target) -> int | None:
    """The version of an entity in the mirror. No id: the only one of its kind."""
    asked = "SELECT version FROM mirror WHERE kind = ? AND ? IN (id, '') LIMIT 1"
    row = tx.execute(asked, (target.kind, target.id)).fetchone()
    return row[0] if row else None


def apply_page(tx: Tx, page: PullResponse) -> None:
    """Takes over a page and its cursor."""
    place = place_of(tx)
    if page.reset or (not place.cursor and place.shadow_cursor is None):
        begin_shadow(tx)
    in_shadow = place_of(tx).shadow_cursor is not None
    _take(tx, "shadow" if in_shadow else "mirror", page.changes)
    if not in_shadow:
        newest = max((change.version for change in page.changes), default=0)
        _move(tx, page.cursor, page.head if page.at_head else newest)
    else:
        tx.execute("UPDATE place SET shadow_cursor = ?", (page.cursor,))
        if page.at_head:
            _swap(tx, page)
    if page.at_head:
        tx.execute("UPDATE place SET is_forgotten = 0")
        settle_taken(tx)


def apply_news(tx: Tx, news: WatchChanges, follows_on: str) -> bool:
    """Takes over changes that follow on exactly this cursor. Otherwise it does nothing, and says so."""
    place = place_of(tx)
    if place.cursor != follows_on or place.shadow_cursor is not None or not place.cursor:
        return False
    _take(tx, "mirror", news.changes)
    _move(tx, news.cursor, max((change.version for change in news.changes), default=0))
    return True


def begin_shadow(tx: Tx) -> None:
    """From here on the copy is made anew, beside the one that there is."""
    tx.execute("DELETE FROM shadow")
    tx.execute("UPDATE place SET shadow_cursor = ''")


def wipe(tx: Tx) -> None:
    """Others' data goes."""
    for table in ("mirror", "shadow", "replaced"):
        tx.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
    tx.execute("UPDATE place SET cursor = '', version = 0, shadow_cursor = NULL, is_forgotten = 1")


def digest_of_mirror(tx: Tx) -> Digest | None:
    """None while there is something of a kind that this package has no name for."""
    rows = tx.execute("SELECT kind, id, version FROM mirror WHERE NOT deleted").fetchall()
    return digest_of(rows) if all(is_known(kind) for kind, _, _ in rows) else None


def _take(tx: Tx, table: str, changes: Iterable[Change]) -> None:
    tx.executemany(
        f"INSERT INTO {table} (kind, id, version, deleted, body) VALUES (?, ?, ?, ?, ?)"  # noqa: S608 - our own names
        " ON CONFLICT DO UPDATE SET version = excluded.version, deleted = excluded.deleted, body = excluded.body"
        " WHERE excluded.version >= version",
        (_row_of(change) for change in changes),
    )


def _row_of(change: Change) -> tuple[str, str, int, bool, bytes]:
    kind, entity_id, body = unwrap(change.entity)
    return kind, entity_id, change.version, change.deleted, body


def _move(tx: Tx, cursor: str, version: int) -> None:
    tx.execute("UPDATE place SET cursor = ?, version = max(version, ?)", (cursor, version))
    drop_mirrored(tx)


def _swap(tx: Tx, page: PullResponse) -> None:
    tx.execute("DELETE FROM mirror")
    tx.execute("INSERT INTO mirror SELECT * FROM shadow")
    tx.execute("DELETE FROM shadow")
    tx.execute("UPDATE place SET cursor = ?, version = ?, shadow_cursor = NULL", (page.cursor, page.head))
    # The space may have been put back in time, and have lost what was done there; the versions of then say nothing now.
    send_again(tx)
