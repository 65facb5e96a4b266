"""How does a copy of a space come up to date? Page by page, each in a short transaction of its own, so that a slow reader holds nothing."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import InvalidInput, Unavailable
from tallystick.store import journal
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.sync import queries
from tallystick.sync.cursor import Cursor, Head, find_reset, read_cursor
from tallystick.sync.wire import KINDS, compose_change, compose_page
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.sync_pb2 import ResetReason
from tallystick.v1.sync_service_pb2 import PullRequest, PullResponse

PAGE_BYTES_DEFAULT = 512 * 1024
PAGE_BYTES_MAX = 2 * 1024 * 1024
# More than a commit holds, so that a page always has a whole one.
PAGE_ROWS = 2000
# Enough for what is told along with the news of it.
WATCH_ROWS = 600
# Pulls share what they may take of the pool: first copies of many devices must not keep writers waiting.
PULLS_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole commits in a row, as changes on the wire, and where a copy is after them."""

    changes: list[bytes]
    seq: int
    at_head: bool


class Pulling:
    """Reads spaces for their copies."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._free = asyncio.Semaphore(PULLS_AT_ONCE)

    async def pages(self, caller: Caller, request: PullRequest) -> AsyncGenerator[bytes, None]:
        """The pages after the request's cursor, each a `PullResponse`, until the head is reached."""
        space_id, cursor = UUID(request.space_id), _cursor_of(request)
        max_bytes = min(request.max_bytes, PAGE_BYTES_MAX) or PAGE_BYTES_DEFAULT
        reset = ResetReason.RESET_REASON_UNSPECIFIED
        min_version = request.min_version
        while True:
            tx = self._store.reader(caller, space_id, request)
            asked = 0 if cursor is None else cursor.seq
            is_new = cursor is None or cursor.is_partial
            async with self._free:
                head, rows = await _read(tx, asked, PAGE_ROWS, is_new=is_new)
                if cursor is not None and (why := find_reset(cursor, head)):
                    # Also in the middle: what was sent before is of a copy that is no more.
                    # And what the device knows of it may be from a future that is no more, too.
                    cursor, reset, min_version = None, why, 0
                    continue
                _require_reached(head, min_version)
                stretch = compose_stretch(tx, rows, head, max_bytes, PAGE_ROWS)
            cursor = Cursor.at(space_id, head, stretch.seq, is_partial=is_new and not stretch.at_head)
            page = PullResponse(cursor=cursor.text(), at_head=stretch.at_head, head=head.seq, reset=reset)
            reset = ResetReason.RESET_REASON_UNSPECIFIED
            yield compose_page(stretch.changes, page)
            if stretch.at_head:
                return

    async def stretch(self, caller: Caller, request: Any, cursor: Cursor, max_bytes: int) -> Stretch | None:
        """What follows on a cursor, if it is no more than so many bytes and leads to the head. None: it is more, or the cursor is not
        good any more."""
        if cursor.is_partial:
            return None
        tx = self._store.reader(caller, cursor.space_id, request)
        head, rows = await _read(tx, cursor.seq, WATCH_ROWS, is_new=False)
        if find_reset(cursor, head):
            return None
        stretch = compose_stretch(tx, rows, head, max_bytes, WATCH_ROWS)
        return stretch if stretch.at_head and sum(map(len, stretch.changes)) <= max_bytes else None


async def _read(tx: ReadTx, after: int, limit: int, *, is_new: bool) -> tuple[Head, list[Any]]:
    statement = queries.CURRENT if is_new else queries.CHANGES
    heads, rows = await tx.fetch_all(
        queries.HEAD(space_id=tx.space_id), statement(space_id=tx.space_id, version=after, limit=limit)
    )
    return Head(*heads[0]), rows


def compose_stretch(tx: ReadTx, rows: Sequence[Any], head: Head, max_bytes: int, limit: int) -> Stretch:
    """As many whole commits as there is room for, but at least one."""
    changes: list[bytes] = []
    size = whole = whole_seq = 0
    for seq, ordinal, kind, entity_id, op, fields, actor_id, at, cell in rows:
        if kind not in KINDS:
            continue
        if seq != whole_seq:
            if size >= max_bytes:
                return Stretch(changes, whole_seq, at_head=False)
            whole, whole_seq = len(changes), seq
        body = tx.seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, cell)
        change = compose_change(kind, seq, op, fields, actor_id, at, body)
        size += len(change)
        changes.append(change)
    if len(rows) < limit:
        return Stretch(changes, head.seq, at_head=True)
    # The last commit may go on behind the limit.
    before_last = max((row[0] for row in rows if row[0] != whole_seq), default=0)
    return Stretch(changes[:whole], before_last, at_head=False)


def _cursor_of(request: PullRequest) -> Cursor | None:
    if not request.cursor:
        return None
    cursor = read_cursor("cursor", request.cursor)
    if cursor.space_id != UUID(request.space_id):
        raise InvalidInput.of_field("cursor", "is of another space", ErrorReason.ERROR_REASON_INVALID_CURSOR)
    return cursor


def _require_reached(head: Head, version: int) -> None:
    if head.seq < version:
        raise Unavailable(ErrorReason.ERROR_REASON_BEHIND, "This server is not that far yet.", retry_after_s=1.0)
