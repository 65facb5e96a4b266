"""How is all of an export one state of a space, though no transaction stays open while a slow reader reads?

The journal remembers: a moment is the number of a commit, and every page asks for the state after that commit, in a short
transaction of its own. What would make that state another one ends the export: a restored space, and another sight of it.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.errors import Unavailable
from tallystick.exports import queries
from tallystick.exports.queries import BEGINNING, HEAD
from tallystick.store import journal
from tallystick.store.statements import Call, Statement
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.sync.wire import compose_change
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.space_pb2 import SpaceKind
from tallystick.v1.sync_pb2 import Change

M = TypeVar("M", bound=Message)

PAGE_ROWS = 500
# Exports share what they may take of the pool, and of the processor: nobody else should notice them.
AT_ONCE = 3
RETRY_AFTER_S = 1.0


class Readers:
    """Whoever exports reads through here, some at a time."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.free = asyncio.Semaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Moment:
    """The state of a space after one of its commits, as one caller sees it."""

    readers: Readers
    caller: Caller
    # What the caller asked: it says the least role.
    request: Message
    space_id: UUID
    epoch: UUID
    seq: int
    sight_revision: int
    kind: SpaceKind.ValueType

    @classmethod
    async def of(cls, readers: Readers, caller: Caller, request: Message, tx: ReadTx) -> "Moment":
        """The moment that a reader or snapshot is looking at."""
        ((epoch, seq, sight_revision, kind),) = await tx.fetch(HEAD(space_id=tx.space_id))
        return cls(readers, caller, request, tx.space_id, epoch, seq, sight_revision, SpaceKind.ValueType(kind))

    async def count(self) -> int:
        _, ((count,),) = await self._read(queries.COUNT(space_id=self.space_id, at=self.seq))
        return int(count)

    def pages(self) -> AsyncGenerator[tuple[ReadTx, list[Any]], None]:
        """All of it in the order of commits, each page with the reader that opens its rows."""
        return self._pages(queries.NEXT)

    def pages_of_history(self) -> AsyncGenerator[tuple[ReadTx, list[Any]], None]:
        """The same of everything that led there: of each entity that is seen at that moment all that it ever was."""
        return self._pages(queries.NEXT_OF_HISTORY)

    async def _pages(self, statement: Statement[*tuple[Any, ...]]) -> AsyncGenerator[tuple[ReadTx, list[Any]], None]:
        after = BEGINNING
        while True:
            call = statement(
                space_id=self.space_id, at=self.seq, after_seq=after[0], after_ordinal=after[1], limit=PAGE_ROWS
            )
            tx, rows = await self._read(call)
            if rows:
                yield tx, rows
            if len(rows) < PAGE_ROWS:
                return
            after = (rows[-1][0], rows[-1][1])

    async def kinds(self, *kinds: str) -> tuple[ReadTx, list[Any]]:
        """The rows of all entities of some kinds, also of deleted ones: old transactions name them."""
        return await self._read(queries.OF_KINDS(space_id=self.space_id, at=self.seq, kinds=list(kinds)))

    async def open_many(self, kind: str, message_type: type[M], ids: Sequence[UUID]) -> list[M]:
        """Entities as they were, in the order of the ids."""
        call = queries.OF_IDS(space_id=self.space_id, at=self.seq, entity_kind=kind, ids=list(ids))
        tx, rows = await self._read(call)
        by_id = {row[2]: row for row in rows}

        def open_all() -> list[M]:
            return [message_type.FromString(open_body(tx, *by_id[one])) for one in ids]

        return await asyncio.to_thread(open_all)

    async def _read(self, call: Call[*tuple[Any, ...]]) -> tuple[ReadTx, list[Any]]:
        async with self.readers.free:
            tx = self.readers.store.reader(self.caller, self.space_id, self.request)
            heads, rows = await tx.fetch_all(HEAD(space_id=self.space_id), call)
        epoch, seq, sight_revision, _ = heads[0]
        if (epoch, sight_revision) != (self.epoch, self.sight_revision) or seq < self.seq:
            raise Unavailable(
                ErrorReason.ERROR_REASON_EXPORT_INTERRUPTED,
                "What there is to see changed meanwhile. Begin again.",
                retry_after_s=RETRY_AFTER_S,
            )
        return tx, rows


def open_body(tx: ReadTx, seq: int, ordinal: int, entity_id: UUID, cell: bytes) -> bytes:
    """The entity that a row of the journal holds."""
    return tx.seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, cell)


def open_change(
    tx: ReadTx,
    seq: int,
    ordinal: int,
    kind: str,
    entity_id: UUID,
    op: int,
    fields: Sequence[str],
    actor_id: UUID,
    at: datetime,
    cell: bytes,
) -> Change:
    """The change that a row of the journal is, as devices are told of it."""
    body = open_body(tx, seq, ordinal, entity_id, cell)
    return Change.FromString(compose_change(kind, seq, op, fields, actor_id, at, body))
