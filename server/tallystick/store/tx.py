"""What can be done inside a transaction? Reading has no write verb; writing stamps, seals and journals every change."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import datetime
from typing import Any, Protocol, TypeVar, TypeVarTuple, cast
from uuid import UUID

from google.protobuf.message import Message

from tallystick.caller import Caller
from tallystick.clock import Clock
from tallystick.errors import NotVisible
from tallystick.merging import changed_fields
from tallystick.store import door
from tallystick.store.audit import AuditNote
from tallystick.store.connection import Row
from tallystick.store.entity import Derived, Entity, Link
from tallystick.store.journal import Change, Op
from tallystick.store.rows import batched
from tallystick.store.seal import SpaceSeal
from tallystick.store.statements import Call, fetch_from, open_cursor
from tallystick.v1.role_pb2 import Role

M = TypeVar("M", bound=Message)
Ts = TypeVarTuple("Ts")
Run = Callable[["ReadTx", Sequence[Call[*tuple[Any, ...]]]], Awaitable[list[list[Row]]]]
Hold = Callable[[], AbstractAsyncContextManager["Snapshot"]]


class Batching(Protocol):
    """A connection, or who has one."""

    async def batch(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]: ...


class ReadTx:
    """A view of one space. The first fetch admits the caller, in the same round trip as its queries."""

    seal: SpaceSeal
    role: Role.ValueType

    def __init__(self, space_id: UUID, run: Run, hold: Hold | None = None) -> None:
        self.space_id = space_id
        self._run = run
        self._hold = hold

    async def fetch_all(self, *calls: Call[*tuple[Any, ...]]) -> list[list[Row]]:
        """Runs several queries in one round trip. They see one and the same state of the space."""
        return await self._run(self, calls)

    async def fetch(self, call: Call[*Ts]) -> list[tuple[*Ts]]:
        """The rows of one query, typed like its columns."""
        return cast("list[tuple[*Ts,]]", (await self.fetch_all(call))[0])

    def snapshot(self) -> AbstractAsyncContextManager["Snapshot"]:
        """One state of the space over many fetches. It holds a connection for as long as it is open."""
        assert self._hold is not None, "whoever writes has one state of the space already"
        return self._hold()

    def open(self, entity: Entity[M], row: tuple[UUID, int, bytes]) -> M:
        """An entity from its id, version and sealed body."""
        row_id, version, body = row
        return entity.message_type.FromString(self.seal.open(entity.place, row_id.bytes, version, body))

    def open_cell(self, derived: Derived, version: int, cell: bytes, **key: Any) -> bytes:
        """What a derived row's cell holds."""
        return self.seal.open(derived.place, derived.row_of(key), version, cell)

    def open_number(self, derived: Derived, rows: Sequence[tuple[int, bytes]], **key: Any) -> int:
        """A derived row's number from its version and sealed cell. A row that is not there yet counts as zero."""
        if not rows:
            return 0
        version, cell = rows[0]
        return self.seal.open_number(derived.place, derived.row_of(key), version, cell)

    def require(self, entity: Entity[M], rows: Sequence[tuple[UUID, int, bytes]]) -> M:
        """The one entity that was looked for by its id."""
        if not rows:
            raise NotVisible
        return self.open(entity, rows[0])


class Snapshot(ReadTx):
    """A view of one state of a space, also while it changes."""

    def __init__(self, space_id: UUID, connection: Batching, role: Role.ValueType, seal: SpaceSeal) -> None:
        super().__init__(space_id, lambda _, calls: self._batch(calls))
        self.role = role
        self.seal = seal
        self._connection = connection
        self._turn = asyncio.Lock()
        self._cursors = 0

    def snapshot(self) -> AbstractAsyncContextManager["Snapshot"]:
        """The same state: whoever has one can have it looked at by what would take one of its own."""
        return nullcontext(self)

    async def _batch(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        async with self._turn:
            return await self._connection.batch(calls)

    async def slices(self, query: Call[*Ts], size: int) -> AsyncGenerator[list[tuple[*Ts]], None]:
        """The rows of a query, so many at a time. While a slice is worked on, the next one is on its way.

        Whoever stops before the end must close it (contextlib.aclosing).
        """
        self._cursors += 1
        cursor = b"slices_%d" % self._cursors
        await self.fetch_all(open_cursor(query, cursor))
        following = asyncio.create_task(self.fetch(fetch_from(cursor, size)))
        try:
            while rows := await following:
                if len(rows) == size:
                    following = asyncio.create_task(self.fetch(fetch_from(cursor, size)))
                    # Lets it be sent before the caller works on these.
                    await asyncio.sleep(0)
                yield cast("list[tuple[*Ts,]]", rows)
                if len(rows) < size:
                    return
        finally:
            # Nobody else may use the connection before it has arrived.
            await asyncio.wait([following])
            if not following.cancelled():
                following.exception()


class WriteTx(ReadTx):
    """One commit of one space: what a command hands over, sent together when the command returns."""

    def __init__(self, run: Run, caller: Caller, seal: SpaceSeal, role: Role.ValueType, seq: int, clock: Clock) -> None:
        super().__init__(seal.space_id, run)
        self.caller = caller
        self.seal = seal
        self.role = role
        self.seq = seq
        self.now: datetime = clock.now()
        self._clock = clock
        self.calls: list[Call[()]] = []
        # Derived rows by what they are kept under: the last state of a row is the one that is written.
        self._kept: dict[tuple[str, bytes], Call[()]] = {}
        self.changes: list[Change] = []
        self.audit_notes: list[AuditNote] = []
        self._is_sight_raised = False
        # Whether the command changes who may do what: what the door knows of the caller may not be true after it.
        self.is_access_raised = False
        # Whether something is written already that would have to be undone, should the command fail.
        self.has_flushed = False
        # Queries that travelled with the lock, and what they found.
        self.found_ahead: list[tuple[Call[*tuple[Any, ...]], list[Row]]] = []

    async def fetch_all(self, *calls: Call[*tuple[Any, ...]]) -> list[list[Row]]:
        """Runs several queries in one round trip, or in none if they were asked ahead."""
        known = [next((rows for asked, rows in self.found_ahead if asked == call), None) for call in calls]
        missing = [call for call, rows in zip(calls, known, strict=True) if rows is None]
        fetched = iter(await super().fetch_all(*missing) if missing else ())
        return [next(fetched) if rows is None else rows for rows in known]

    def new_id(self) -> UUID:
        return self._clock.new_id()

    def as_snapshot(self) -> Snapshot:
        """What this commit sees, also of what it wrote itself, with slices. Whoever has one asks and writes through it alone."""
        return Snapshot(self.space_id, _Running(self, self._run), self.role, self.seal)

    def add(self, entity: Entity[M], message: M) -> M:
        """A new entity. An id that is taken fails the commit as ID_TAKEN."""
        return self._write(entity, message, Op.PUT, fields=(), is_first=True, deleted_at=None)

    def put(self, entity: Entity[M], before: M, after: M) -> M:
        """An entity's new state. Members who saw it, and may not any more, are told to make their copies anew."""
        owner = getattr(after, "private_to", "")
        if owner and owner != getattr(before, "private_to", "") and not self._is_sight_raised:
            self._is_sight_raised = True
            self.calls.append(door.RAISE_SIGHT(space_id=self.space_id))
        return self._write(entity, after, Op.PUT, fields=changed_fields(before, after), is_first=False, deleted_at=None)

    def delete(self, entity: Entity[M], message: M) -> M:
        """Hides an entity. Its last state stays, so that it can be restored."""
        return self._write(entity, message, Op.DELETE, fields=(), is_first=False, deleted_at=self.now)

    def keep(self, derived: Derived, number: int, **columns: Any) -> None:
        """A derived row's new number: the row is made if it was not there."""
        self.keep_cell(derived, self.seal.compose_number(number), **columns)

    def keep_cell(self, derived: Derived, plain: bytes, **columns: Any) -> None:
        """The same for a derived row whose cell holds more than one number."""
        row = derived.row_of(columns)
        cell = self.seal.close(derived.place, row, self.seq, plain)
        kept = derived.keep(space_id=self.space_id, version=self.seq, amount=cell, **columns)
        self._kept[derived.table.name, row] = kept

    def link(self, link: Link, **columns: Any) -> None:
        """A row that ties ids together: it is made if it was not there."""
        self.calls.append(link.keep(space_id=self.space_id, version=self.seq, **columns))

    def beside(self, call: Call[()]) -> None:
        """A row outside the space that must be written with it, such as the list of a user's spaces."""
        self.calls.append(call)

    def handed_over(self) -> list[Call[()]]:
        """Everything that the command wants written, and is not yet."""
        return [*self._kept.values(), *self.calls]

    async def flush(self) -> None:
        """Writes what was handed over so far, so that the next queries see it. Nobody else does before the commit."""
        calls = batched(self.handed_over())
        self._kept, self.calls, self.found_ahead = {}, [], []
        await self._run(self, calls if self.has_flushed else [door.SAVEPOINT(), *calls])
        self.has_flushed = True

    def raise_access(self) -> None:
        """Says that roles or membership changed, so that clients look again at what they may see."""
        self.is_access_raised = True
        self.calls.append(door.RAISE_ACCESS(space_id=self.space_id))

    def audit(self, action: str, subject_id: UUID | None = None) -> None:
        """Notes in the space's audit chain what concerns its safety."""
        self.audit_notes.append(AuditNote(action, subject_id))

    def _write(
        self,
        entity: Entity[M],
        message: M,
        op: Op,
        *,
        fields: tuple[str, ...],
        is_first: bool,
        deleted_at: datetime | None,
    ) -> M:
        message.version = self.seq  # type: ignore[attr-defined]  # every entity has a version; M cannot say so and be a Message
        row_id = UUID(message.id)  # type: ignore[attr-defined]  # and an id
        body = message.SerializeToString(deterministic=True)
        columns = entity.columns_of(message, deleted_at)
        if entity.gist is not None:
            columns["gist"] = self.seal.close(entity.gist_place, row_id.bytes, self.seq, entity.gist(message))
        statement = entity.insert if is_first else entity.update
        self.calls.append(
            statement(
                space_id=self.space_id,
                id=row_id,
                version=self.seq,
                body=self.seal.close(entity.place, row_id.bytes, self.seq, body),
                **columns,
            )
        )
        self.changes.append(Change(entity.kind, row_id, op, fields, body, is_first, columns.get("private_to")))
        return message


class _Running:
    """The connection of a commit."""

    def __init__(self, tx: WriteTx, run: Run) -> None:
        self._tx = tx
        self._run = run

    async def batch(self, calls: Sequence[Call[*tuple[Any, ...]]]) -> list[list[Row]]:
        return await self._run(self._tx, calls)
