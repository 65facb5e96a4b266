"""How does a typed SQLAlchemy Core statement become bytes that PostgreSQL has prepared? Compiled once, at import."""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVarTuple

from psycopg import adapters
from psycopg.pq import Format
from sqlalchemy import ARRAY, Select, types
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.base import Executable

Ts = TypeVarTuple("Ts")
Dump = Callable[[Any], Any]

_DIALECT = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped

# Every parameter travels in PostgreSQL's binary form, chosen by its column's type and not by its value: a value's own type
# (a small or a big int) would make the server prepare the same statement several times.
_PG_TYPE_NAMES: dict[type[types.TypeEngine[Any]], str] = {
    types.Uuid: "uuid",
    types.BigInteger: "int8",
    types.SmallInteger: "int2",
    types.Integer: "int4",
    types.LargeBinary: "bytea",
    types.Date: "date",
    types.DateTime: "timestamptz",
    types.Boolean: "bool",
    types.Interval: "interval",
    types.String: "text",
}


@dataclass(frozen=True, slots=True)
class Call(Generic[*Ts]):
    """A statement with the values of one execution."""

    statement: "Statement[*Ts]"
    values: list[Any]


class Statement(Generic[*Ts]):
    """A compiled statement. Calling it with values, by name, makes a `Call` that a connection can run."""

    __slots__ = ("constants", "dumps", "formats", "name", "text")

    def __init__(self, executable: Executable) -> None:
        compiled = executable.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # ClauseElement has it, Executable's stub does not
        parameters: list[str] = compiled.positiontup or []
        self.text = compiled.string.encode()
        self.name = b"ts_" + hashlib.sha256(self.text).hexdigest()[:24].encode()
        self.dumps: tuple[tuple[str, Dump], ...] = tuple(
            (name, _dump_of(compiled.binds[name].type)) for name in parameters
        )
        self.constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self.formats = [Format.BINARY] * len(parameters)

    def __call__(self, **values: Any) -> Call[*Ts]:
        if self.constants:
            values |= self.constants
        return Call(self, [None if (value := values[name]) is None else dump(value) for name, dump in self.dumps])


def prepare(select: Select[*Ts]) -> Statement[*Ts]:
    """A query whose rows are typed like its columns."""
    return Statement(select)


def _dump_of(column_type: types.TypeEngine[Any]) -> Dump:
    if isinstance(column_type, ARRAY):
        return _array_dump(column_type.item_type)
    pg_name = _pg_name_of(column_type)
    return adapters.get_dumper_by_oid(adapters.types[pg_name].oid, Format.BINARY)(type(column_type)).dump


def _array_dump(item_type: types.TypeEngine[Any]) -> Dump:
    """psycopg would guess an array's type from its first item, which an empty array does not have."""
    oid = adapters.types[_pg_name_of(item_type)].oid
    dump_item = _dump_of(item_type)

    def dump(items: list[Any]) -> bytes:
        if not items:
            return struct.pack("!iiI", 0, 0, oid)
        parts = [bytes(dump_item(item)) for item in items]
        head = struct.pack("!iiIii", 1, 0, oid, len(parts), 1)
        return head + b"".join(struct.pack("!i", len(part)) + part for part in parts)

    return dump


def _pg_name_of(column_type: types.TypeEngine[Any]) -> str:
    for known, pg_name in _PG_TYPE_NAMES.items():
        if isinstance(column_type, known):
            return pg_name
    raise TypeError(f"{column_type!r} has no binary form here. To fix: add its PostgreSQL type to _PG_TYPE_NAMES.")
