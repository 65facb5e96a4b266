"""How does a test get past all guards of one book, and put back in the end whatever it did there?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple, TypeVar

import psycopg
from google.protobuf.message import Message
from psycopg import sql

from proof import Connection
from tallystick.store import journal
from tallystick.store.entity import Derived, Entity
from tallystick.store.metadata import SPACE_BOUND, metadata
from tallystick.store.seal import SpaceSeal
from tallystick.v1.ledger_proof_pb2 import DifferenceKind

ENTRY_DIFFERS = DifferenceKind.DIFFERENCE_KIND_ENTRY
BALANCE_DIFFERS = DifferenceKind.DIFFERENCE_KIND_BALANCE
TOTAL_DIFFERS = DifferenceKind.DIFFERENCE_KIND_TOTAL
TRANSFER_BROKEN = DifferenceKind.DIFFERENCE_KIND_TRANSFER
JOURNAL_BROKEN = DifferenceKind.DIFFERENCE_KIND_JOURNAL
CELL_DAMAGED = DifferenceKind.DIFFERENCE_KIND_CELL
STRUCTURE_DIFFERS = DifferenceKind.DIFFERENCE_KIND_STRUCTURE
LINK_BROKEN = DifferenceKind.DIFFERENCE_KIND_LINK

M = TypeVar("M", bound=Message)

SPOILED = ("space", *sorted(table.name for table in metadata.tables.values() if table.info.get(SPACE_BOUND)))


@dataclass
class Spoiler:
    """The tables of one book, past all guards."""

    database: Connection
    seal: SpaceSeal
    dice: Random
    # What has to be put back.
    touched: set[str] = field(default_factory=set)

    def run(self, table: str, statement: str, *values: Any) -> None:
        self.touched.add(table)
        done = self.database.execute(statement.encode(), (*values,))
        assert done.rowcount, f"nothing was spoiled: {statement}"

    def pick(self, table: str, condition: str = "true") -> dict[str, Any]:
        """Any row, as its columns say."""
        with self.database.cursor(row_factory=psycopg.rows.dict_row) as cursor:
            cursor.execute(
                f'SELECT * FROM "{table}" WHERE space_id = %s AND {condition} ORDER BY 2, 3, 4'.encode(),
                (self.seal.space_id,),
            )
            return self.dice.choice(cursor.fetchall())

    def change(self, table: str, row: dict[str, Any], **columns: Any) -> None:
        changes = ", ".join(f'"{name}" = %s' for name in columns)
        where, keys = _keys_of(table, row)
        self.run(table, f'UPDATE "{table}" SET {changes} WHERE {where}', *columns.values(), *keys)

    def drop(self, table: str, row: dict[str, Any]) -> None:
        where, keys = _keys_of(table, row)
        self.run(table, f'DELETE FROM "{table}" WHERE {where}', *keys)

    def add(self, derived: Derived, row: dict[str, Any], number: int) -> None:
        sealed, table = row | {"amount": self.close_number(derived, row, number)}, derived.table.name
        places = ", ".join(["%s"] * len(sealed))
        self.run(table, f'INSERT INTO "{table}" ({", ".join(sealed)}) VALUES ({places})', *sealed.values())

    def number_in(self, derived: Derived, row: dict[str, Any]) -> int:
        return self.seal.open_number(derived.place, derived.row_of(row), row["version"], row["amount"])

    def close(self, derived: Derived, row: dict[str, Any], plain: bytes, version: int | None = None) -> bytes:
        return self.seal.close(derived.place, derived.row_of(row), version or row["version"], plain)

    def close_number(self, derived: Derived, row: dict[str, Any], number: int) -> bytes:
        return self.close(derived, row, self.seal.compose_number(number))

    def open(self, derived: Derived, row: dict[str, Any]) -> bytes:
        return self.seal.open(derived.place, derived.row_of(row), row["version"], row["amount"])

    def message(self, entity: Entity[M], row: dict[str, Any]) -> M:
        return entity.message_type.FromString(
            self.seal.open(entity.place, row["id"].bytes, row["version"], row["body"])
        )

    def rewrite(self, entity: Entity[M], row: dict[str, Any], message: M) -> None:
        """As if a command had written this: its row and the journal agree, and nothing else knows of it."""
        body, row_id = message.SerializeToString(deterministic=True), row["id"]
        sealed = self.seal.close(entity.place, row_id.bytes, row["version"], body)
        gist = {"gist": None} if entity.gist is not None else {}
        self.change(entity.kind, row, body=sealed, **gist)
        newest = self.pick("journal", f"entity_id = '{row_id}' AND superseded_by IS NULL")
        context = journal.row_of(newest["ordinal"], row_id)
        self.change("journal", newest, body=self.seal.close(journal.PLACE, context, newest["seq"], body))

    def put_back(self) -> None:
        with self.database.transaction():
            for table in self.touched:
                name, kept = sql.Identifier(table), sql.Identifier(f"{table}_before")
                key = sql.Identifier("id" if table == "space" else "space_id")
                self.database.execute(sql.SQL("DELETE FROM {} WHERE {} = %s").format(name, key), (self.seal.space_id,))
                self.database.execute(sql.SQL("INSERT INTO {} SELECT * FROM {}").format(name, kept))
        self.touched.clear()


class Wanted(NamedTuple):
    """What a proof must say of what was spoiled: the kind, and the column that it names."""

    kind: DifferenceKind.ValueType
    what: str


Spoil = Callable[[Spoiler], Wanted]


def _keys_of(table: str, row: dict[str, Any]) -> tuple[str, list[Any]]:
    keys = [column.name for column in metadata.tables[table].primary_key.columns]
    return " AND ".join(f'"{key}" = %s' for key in keys), [row[key] for key in keys]


@contextmanager
def unguarded(database: Connection, seal: SpaceSeal) -> Iterator[Spoiler]:
    """One book without triggers and foreign keys. Whoever spoils something puts it back before the end."""
    database.execute("SET session_replication_role = replica")
    for table in SPOILED:
        key = sql.Identifier("id" if table == "space" else "space_id")
        copy = sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT * FROM {} WHERE {} = %s")
        name, kept = sql.Identifier(table), sql.Identifier(f"{table}_before")
        database.execute(copy.format(kept, name, key), (seal.space_id,))
    try:
        yield Spoiler(database, seal, Random())
    finally:
        database.execute("SET session_replication_role = origin")
        for table in SPOILED:
            database.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(f"{table}_before")))
