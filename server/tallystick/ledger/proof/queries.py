"""How is a whole book read, in little memory? Table by table in slices, and all that is about one id brought together."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Column, Date, Table, Text, Uuid, any_, bindparam, exists, func, select

from tallystick.jobs.tables import job_run
from tallystick.jobs.writes import RunState
from tallystick.ledger import tables
from tallystick.ledger.proof.rules import NAMED_BY
from tallystick.store import tables as store_tables
from tallystick.store.apart import Apart
from tallystick.store.connection import Row
from tallystick.store.entity import Entity
from tallystick.store.metadata import metadata
from tallystick.store.sealed import ANSWER
from tallystick.store.statements import Call, Statement, prepare
from tallystick.store.tx import Snapshot
from tallystick.v1.space_pb2 import SpaceKind

SLICE_ROWS = 250
BOOKS_MAX = 200
_ID_MAX = UUID(int=2**128 - 1)

_SPACE_ID = bindparam("space_id", type_=Uuid)
# Columns of every entity; the others are its structure.
_OF_ENTITIES = ("space_id", "id", "version", "deleted_at", "body", "gist")

_space, _transaction, _journal = store_tables.space, tables.transaction, store_tables.journal

SEQ = prepare(select(_space.c.seq).where(_space.c.id == _SPACE_ID))
TRANSACTION_COUNT = prepare(
    select(func.count()).where(_transaction.c.space_id == _SPACE_ID, _transaction.c.deleted_at.is_(None))
)
_books = (
    select(_space.c.id)
    .where(
        _space.c.kind == SpaceKind.SPACE_KIND_BOOK,
        _space.c.erased_at.is_(None),
        _space.c.id >= bindparam("first", type_=Uuid),
    )
    .order_by(_space.c.id)
    .limit(BOOKS_MAX)
)
# Every book that was not erased, deleted ones too.
BOOKS = prepare(_books)
# Those whose slot of a job is not done.
BOOKS_LEFT = prepare(
    _books.where(
        ~exists().where(
            job_run.c.space_id == _space.c.id,
            job_run.c.job == bindparam("job", type_=Text),
            job_run.c.slot == bindparam("slot", type_=Date),
            job_run.c.state == RunState.DONE,
        )
    )
)


def _existing(table: Table) -> Statement[UUID]:
    ids = bindparam("ids", type_=ARRAY(Uuid))
    return prepare(select(table.c.id).where(table.c.space_id == _SPACE_ID, table.c.id == any_(ids)))


# Which of these ids there are, deleted or not, by the table that they should be in.
EXISTING = {name: _existing(metadata.tables[name]) for name in sorted(set(NAMED_BY.values()))}


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


ACCOUNTS = EntityWalk(tables.ACCOUNT)
ENTRIES = Walk(
    tables.entry,
    [tables.entry.c.transaction_id, tables.entry.c.line],
    tables.entry.c.version,
    tables.entry.c.amount,
    tables.entry.c.account_id,
    tables.entry.c.category_id,
    tables.entry.c.currency,
    tables.entry.c.booked_on,
    tables.entry.c.status,
    tables.entry.c.live,
    tables.entry.c.import_id,
)
TAGS = Walk(
    tables.transaction_tag,
    [tables.transaction_tag.c.transaction_id, tables.transaction_tag.c.tag_id],
    tables.transaction_tag.c.version,
    tables.transaction_tag.c.booked_on,
    tables.transaction_tag.c.live,
)
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
BALANCES = Walk(tables.balance, [tables.balance.c.account_id], tables.balance.c.version, tables.balance.c.amount)
TOTALS = Walk(
    tables.total,
    [tables.total.c.account_id, tables.total.c.category_id, tables.total.c.currency, tables.total.c.month],
    tables.total.c.version,
    tables.total.c.amount,
)
ANSWERS = Walk(ANSWER.table, ANSWER.keys, ANSWER.version, ANSWER.cell)
TRANSACTION_NAME = _transaction.name


async def list_books(apart: Apart, of_page: Callable[[UUID], Call[UUID]]) -> AsyncIterator[UUID]:
    """The books of a statement that begins with an id, page after page."""
    number = 0
    while number <= _ID_MAX.int and (rows := await apart.fetch(of_page(UUID(int=number)))):
        for (book_id,) in rows:
            yield book_id
        number = rows[-1][0].int + 1


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
