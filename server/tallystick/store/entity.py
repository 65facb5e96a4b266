"""What is an entity to the store? A message of the contract, and the table that keeps it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from google.protobuf.message import Message
from sqlalchemy import Table, bindparam, update

from tallystick.merging import BY_FIELD, Merging
from tallystick.store.rows import RowStatement
from tallystick.store.statements import Statement

M = TypeVar("M", bound=Message)
Structure = Callable[[Any], Mapping[str, Any]]


class Entity(Generic[M]):
    """Ties a message type to its table. `structure` says which columns repeat something of the message, so that the
    database can find, order and link rows; the message itself is sealed in `body`."""

    def __init__(
        self,
        table: Table,
        message_type: type[M],
        structure: Structure = lambda _: {},
        *,
        gist: Callable[[M], bytes] | None = None,
        merging: Merging = BY_FIELD,
    ) -> None:
        """`gist`: what a search over all rows needs of the message, sealed in a small cell of its own. `merging`: what becomes of
        changes that were made apart from each other."""
        self.table = table
        self.kind = table.name
        self.message_type = message_type
        self.structure = structure
        self.gist = gist
        self.merging = merging
        self.place = f"{table.name}.body".encode()
        self.gist_place = f"{table.name}.gist".encode()
        columns = {column.name: bindparam(column.name, type_=column.type) for column in table.columns}
        keys = {"space_id", "id"}
        self.insert = RowStatement(table)
        self.update: Statement[()] = Statement(
            update(table)
            .where(table.c.space_id == columns["space_id"], table.c.id == columns["id"])
            .values({name: value for name, value in columns.items() if name not in keys})
        )

    def columns_of(self, message: M, deleted_at: datetime | None) -> dict[str, Any]:
        return {"deleted_at": deleted_at, **self.structure(message)}


class Derived:
    """A table of derived rows, each with one sealed number: entries, balances, totals."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.place = f"{table.name}.amount".encode()
        keys = [column.name for column in table.primary_key.columns]
        self._own_keys = keys[1:]  # without the space, which the seal names by itself
        self.keep = RowStatement(table, replaces=True)

    def row_of(self, values: Mapping[str, Any]) -> bytes:
        """Names the row inside its sealed number's context."""
        parts = (values[name] for name in self._own_keys)
        return b"|".join(part.bytes if isinstance(part, UUID) else str(part).encode() for part in parts)


class Link:
    """A table of rows that follow from entities and hold nothing sealed: they only tie ids together."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.keep = RowStatement(table, replaces=True)
