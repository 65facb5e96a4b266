"""How do rows follow from a journal? The newest state of each entity is its row."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from tallystick.rebuilding.refusals import judging
from tallystick.store import journal
from tallystick.store.connection import Row
from tallystick.store.entity import Entity
from tallystick.store.journal import Op
from tallystick.store.replay import NEWEST
from tallystick.store.rows import RowStatement
from tallystick.store.statements import Call
from tallystick.store.tx import Snapshot

SLICE_ROWS = 100


@dataclass(frozen=True, slots=True)
class State:
    """An entity as its newest change left it."""

    seq: int
    ordinal: int
    kind: str
    id: UUID
    is_deleted: bool
    at: datetime
    message: Any

    @property
    def place(self) -> tuple[int, int]:
        return self.seq, self.ordinal

    @property
    def key(self) -> tuple[str, UUID]:
        return self.kind, self.id


def open_state(view: Snapshot, entities: Mapping[str, Entity[Any]], row: Row) -> State:
    seq, ordinal, kind, entity_id, op, at, cell = row
    body = view.seal.open(journal.PLACE, journal.row_of(ordinal, entity_id), seq, cell)
    message = entities[kind].message_type.FromString(body)
    return State(seq, ordinal, kind, entity_id, op == Op.DELETE, at, message)


async def newest(
    view: Snapshot, entities: Mapping[str, Entity[Any]], after: int, until: int
) -> AsyncGenerator[list[State], None]:
    """The newest states that were written between two versions, some at a time. Whoever stops before the end must close it."""
    call = NEWEST(space_id=view.space_id, after=after, until=until)
    async with aclosing(view.slices(call, SLICE_ROWS)) as slices:
        async for rows in slices:
            yield [open_state(view, entities, row) for row in rows if row[2] in entities]


@cache
def stamped(table: Table) -> RowStatement:
    """Puts in rows of a table, each as of its own commit."""
    return RowStatement(table, replaces=True, stamps=True)


def together(calls: Sequence[Call[()]]) -> list[Call[()]]:
    """One call for all rows of a table."""
    by_statement: dict[RowStatement, list[Call[()]]] = {}
    for call in calls:
        assert isinstance(call.statement, RowStatement), "only rows are put in together"
        by_statement.setdefault(call.statement, []).append(call)
    return [statement.together(same) for statement, same in by_statement.items()]


class EntityRows:
    """Composes rows of entities."""

    def __init__(self, view: Snapshot, entities: Mapping[str, Entity[Any]]) -> None:
        self._view = view
        self._entities = entities
        # Rows that name others of their own table are written in one statement: none has to come before another.
        self._held: dict[str, list[Call[()]]] = {
            kind: []
            for kind, entity in entities.items()
            if any(each.referred_table is entity.table for each in entity.table.foreign_key_constraints)
        }

    def compose(self, states: Sequence[State]) -> list[Call[()]]:
        found = list[Call[()]]()
        for state in states:
            with judging(state.kind):
                call = self._compose(state)
            self._held.get(state.kind, found).append(call)
        return found

    def rest(self) -> list[Call[()]]:
        """The rows that were held back, in one call for each table."""
        return [stamped(self._entities[kind].table).together(calls) for kind, calls in self._held.items() if calls]

    def _compose(self, state: State) -> Call[()]:
        entity, seal, row = self._entities[state.kind], self._view.seal, state.id.bytes
        columns = entity.columns_of(state.message, state.at if state.is_deleted else None)
        if entity.gist is not None:
            columns["gist"] = seal.close(entity.gist_place, row, state.seq, entity.gist(state.message))
        body = state.message.SerializeToString(deterministic=True)
        return stamped(entity.table)(
            space_id=self._view.space_id,
            id=state.id,
            version=state.seq,
            body=seal.close(entity.place, row, state.seq, body),
            **columns,
        )
