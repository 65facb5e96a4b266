"""How is a whole space read, in little memory? Table by table in slices, and all that is about one id brought together."""

from collections import deque
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Table, Uuid, any_, bindparam, select

from tallystick.store import tables as store_tables
from tallystick.store.connection import Row
from tallystick.store.entity import Entity
from tallystick.store.metadata import metadata
from tallystick.store.sealed import ANSWER, SealedColumn
from tallystick.store.statements import Statement, prepare
from tallystick.store.tx import Snapshot

SLICE_ROWS = 250

_SPACE_ID = bindparam("space_id", type_=Uuid)
# Columns of every entity; the others are its structure.
_OF_ENTITIES = ("space_id", "id", "version", "deleted_at", "body", "gist")
_space, _journal = store_tables.space, store_tables.journal

SEQ = prepare(select(_space.c.seq).where(_space.c.id == _SPACE_ID))


def existing(names: Collection[str]) -> dict[str, Statement[UUID]]:
    """Which of some ids there are, deleted or not, by the table that they should be in."""
    return {name: _existing(metadata.tables[name]) for name in sorted(set(names))}


def _existing(table: Table) -> Statement[UUID]:
    ids = bindparam("ids", type_=ARRAY(Uuid))
    return prepare(select(table.c.id).where(table.c.space_id == _SPACE_ID, table.c.id == any_(ids)))


class Walk:
    """A table of one space in the order of some columns. Its rows begin with those columns."""

    def __init__(self, table: Table, order: Sequence[Column[Any]], *others: Column[Any]) -> None:
        self.name = table.name
        self.order = [column.name for column in order]
        self._rows: Statement[*tuple[Any, ...]] = Statement(
            select(*order, *others).where(table.c.space_id == _SPACE_ID).order_by(*order)
        )

    def slices(self, tx: Snapshot) -> AsyncGenerator[list[Row], None]:
        """All rows, some at a time. Whoever stops before the end must close it."""
        return tx.slices(self._rows(space_id=tx.space_id), SLICE_ROWS)


class CellWalk(Walk):
    """What is sealed in a table whose cells only have to open: their keys, version and cell."""

    def __init__(self, column: SealedColumn) -> None:
        super().__init__(column.table, column.keys, column.version, column.cell)
        self.column = column


class EntityWalk(Walk):
    """The rows of one kind of entity. After id, version, deletion, body and gist come the columns that repeat something of it."""

    def __init__(self, entity: Entity[Any]) -> None:
        columns = entity.table.c
        structure = [column for column in columns if column.name not in _OF_ENTITIES]
        gist = () if entity.gist is None else (columns.gist,)
        super().__init__(
            entity.table, [columns.id], columns.version, columns.deleted_at, columns.body, *gist, *structure
        )
        self.entity = entity
        self.structure = [column.name for column in structure]


JOURNAL = Walk(
    _journal,
    [_journal.c.entity_id, _journal.c.seq, _journal.c.ordinal],
    _journal.c.entity_kind,
    _journal.c.op,
    _journal.c.at,
    _journal.c.fields,
    _journal.c.superseded_by,
    _journal.c.private_to,
    _journal.c.body,
)
ANSWERS = CellWalk(ANSWER)


async def rows_of(tx: Snapshot, walk: Walk) -> AsyncGenerator[Row, None]:
    """All rows of a table, one by one. Whoever stops before the end must close it."""
    async with aclosing(walk.slices(tx)) as slices:
        async for rows in slices:
            for row in rows:
                yield row


class _Reader:
    """The next rows of a walk that begins with an id."""

    def __init__(self, slices: AsyncGenerator[list[Row], None]) -> None:
        self._slices = slices
        self._rows: deque[Row] = deque()

    async def find_next(self) -> UUID | None:
        """The id of the next row, which stays. None: there is none."""
        if not self._rows:
            with suppress(StopAsyncIteration):
                self._rows.extend(await anext(self._slices))
        return self._rows[0][0] if self._rows else None

    async def take(self, row_id: UUID) -> list[Row]:
        """The next rows, as many as have this id."""
        taken = []
        while await self.find_next() == row_id:
            taken.append(self._rows.popleft())
        return taken


async def by_id(tx: Snapshot, walks: Sequence[Walk]) -> AsyncGenerator[tuple[UUID, Mapping[str, list[Row]]], None]:
    """Every id that any of the walks has, in order, with all its rows by the name of their table. Whoever stops before the end must
    close it."""
    async with AsyncExitStack() as stack:
        readers = {walk.name: _Reader(await stack.enter_async_context(aclosing(walk.slices(tx)))) for walk in walks}
        heads: list[tuple[int, str]] = []
        for name, reader in readers.items():
            if (first := await reader.find_next()) is not None:
                heappush(heads, (first.int, name))
        while heads:
            number, found = heads[0][0], {}
            row_id = UUID(int=number)
            while heads and heads[0][0] == number:
                name = heappop(heads)[1]
                found[name] = await readers[name].take(row_id)
                if (following := await readers[name].find_next()) is not None:
                    heappush(heads, (following.int, name))
            yield row_id, found
