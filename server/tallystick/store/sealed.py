"""Which columns hold sealed cells, and how does each cell name its place and row? Resealing walks this list.

Entities and derived rows are found in the modules that define them, so that a new feature cannot be forgotten; the journal
and the answers are the store's own.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy import Column, Table

from tallystick.store import journal, tables
from tallystick.store.commits import ANSWER_PLACE
from tallystick.store.entity import Derived, Entity


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column of sealed cells. `row_of` names a cell's row inside its context, from the columns `row_columns`."""

    cell: Column[Any]
    version: Column[Any]
    row_columns: tuple[str, ...]
    place: bytes
    row_of: Callable[[Mapping[str, Any]], bytes]

    @property
    def table(self) -> Table:
        return self.cell.table

    @property
    def keys(self) -> tuple[Column[Any], ...]:
        """What tells the rows of one space apart."""
        return tuple(column for column in self.table.primary_key.columns if column.name != "space_id")


JOURNAL = SealedColumn(
    cell=tables.journal.c.body,
    version=tables.journal.c.seq,
    row_columns=("ordinal", "entity_id"),
    place=journal.PLACE,
    row_of=lambda row: journal.row_of(row["ordinal"], row["entity_id"]),
)
ANSWER = SealedColumn(
    cell=tables.answer.c.body,
    version=tables.answer.c.seq,
    row_columns=("request_id",),
    place=ANSWER_PLACE,
    row_of=lambda row: row["request_id"].bytes,
)


def sealed_columns(*modules: ModuleType) -> tuple[SealedColumn, ...]:
    """Every sealed column of a schema whose entities and derived rows are defined in these modules."""
    found = {column.place: column for module in modules for column in _columns_of(module)}
    return (*(found[name] for name in sorted(found)), JOURNAL, ANSWER)


def _columns_of(module: ModuleType) -> Iterator[SealedColumn]:
    for defined in vars(module).values():
        if isinstance(defined, Entity):
            yield from _of_entity(defined)
        elif isinstance(defined, Derived):
            yield of_derived(defined)


def _of_entity(entity: Entity[Any]) -> Iterator[SealedColumn]:
    columns = entity.table.c
    yield SealedColumn(columns.body, columns.version, ("id",), entity.place, lambda row: row["id"].bytes)
    if entity.gist is not None:
        yield SealedColumn(columns.gist, columns.version, ("id",), entity.gist_place, lambda row: row["id"].bytes)


def of_derived(derived: Derived) -> SealedColumn:
    """The one column of a derived row that is sealed."""
    table = derived.table
    keys = tuple(column.name for column in table.primary_key.columns if column.name != "space_id")
    return SealedColumn(table.c.amount, table.c.version, keys, derived.place, derived.row_of)
