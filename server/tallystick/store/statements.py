"""How does a typed SQLAlchemy Core statement become bytes that PostgreSQL has prepared? Compiled once, at import."""

import hashlib
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVarTuple

from psycopg import adapters
from psycopg.pq import Format
from sqlalchemy import ARRAY, Select, types
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.base import Executable

Ts = TypeVarTuple("Ts")
Dump = Callable[[Any], Any]

# A joined statement is planned as a whole; past a handful of parts that costs more than it saves.
JOINED_MAX = 12
JOINED_SHAPES_MAX = 256
_PARAMETER = re.compile(rb"\$(\d+)")
# What PostgreSQL calls the one prepared statement that the next of its kind replaces.
UNNAMED = b""

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
# In an array a column's own type is named, and PostgreSQL takes no text for a character.
_CHARACTER = "bpchar"


@dataclass(frozen=True, slots=True)
class Call(Generic[*Ts]):
    """A statement with the values of one execution."""

    statement: "Statement[*Ts]"
    values: list[Any]


class Statement(Generic[*Ts]):
    """A compiled statement. Calling it with values, by name, makes a `Call` that a connection can run."""

    __slots__ = ("constants", "dumps", "formats", "makes_rows", "name", "text")

    def __init__(self, executable: Executable, *, makes_rows: bool = False, is_kept: bool = True) -> None:
        """`makes_rows`: it inserts or replaces one row by its key and does nothing else, so it may be joined (see `join`).

        `is_kept`: connections keep it prepared. One of countless forms is not kept, but planned anew each time, with its values.
        """
        compiled = executable.compile(dialect=_DIALECT)  # type: ignore[attr-defined]  # ClauseElement has it, Executable's stub does not
        parameters: list[str] = compiled.positiontup or []
        self.text = compiled.string.encode()
        self.name = _name_of(self.text) if is_kept else UNNAMED
        self.makes_rows = makes_rows
        self.dumps: tuple[tuple[str, Dump], ...] = tuple(
            (name, _dump_of(compiled.binds[name].type)) for name in parameters
        )
        self.constants = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self.formats = [Format.BINARY] * len(parameters)

    def __call__(self, **values: Any) -> Call[*Ts]:
        if self.constants:
            values |= self.constants
        return Call(self, [None if (value := values[name]) is None else dump(value) for name, dump in self.dumps])


def join(calls: Sequence[Call[()]]) -> list[Call[()]]:
    """Several calls that make rows, as one statement: one message, one plan, one start of PostgreSQL's executor instead of many.

    Anything else stays as it is: of two updates of one row in one statement PostgreSQL would silently do only the first.
    """
    if not 1 < len(calls) <= JOINED_MAX or not all(call.statement.makes_rows for call in calls):
        return list(calls)
    joined = _join(tuple(call.statement for call in calls))
    return [Call(joined, [value for call in calls for value in call.values])]


@lru_cache(maxsize=JOINED_SHAPES_MAX)
def _join(statements: tuple[Statement[()], ...]) -> Statement[()]:
    parts, taken = [], 0
    for number, statement in enumerate(statements):
        shifted = _PARAMETER.sub(lambda found, by=taken: b"$%d" % (int(found[1]) + by), statement.text)  # type: ignore[misc]  # a default of a lambda
        parts.append(b"w%d AS (%b)" % (number, shifted))
        taken += len(statement.formats)
    text = b"WITH " + b", ".join(parts) + b" SELECT"
    return _statement_of(text, _name_of(text), taken)


def open_cursor(query: Call[*tuple[Any, ...]], cursor: bytes) -> Call[()]:
    """Opens a cursor over a query, so that its rows can be fetched some at a time."""
    text = b"DECLARE %b NO SCROLL CURSOR FOR %b" % (cursor, query.statement.text)
    return Call(_statement_of(text, UNNAMED, len(query.values)), query.values)


def fetch_from(cursor: bytes, count: int) -> Call[*tuple[Any, ...]]:
    """The next rows of a cursor."""
    return Call(_statement_of(b"FETCH %d FROM %b" % (count, cursor), UNNAMED, 0), [])


def _statement_of(text: bytes, name: bytes, parameters: int) -> Statement[()]:
    """A statement whose values are dumped already."""
    statement: Statement[()] = Statement.__new__(Statement)
    statement.text, statement.name = text, name
    statement.formats = [Format.BINARY] * parameters
    statement.dumps, statement.constants, statement.makes_rows = (), {}, False
    return statement


def _name_of(text: bytes) -> bytes:
    return b"ts_" + hashlib.sha256(text).hexdigest()[:24].encode()


def prepare(select: Select[*Ts], *, is_kept: bool = True) -> Statement[*Ts]:
    """A query whose rows are typed like its columns."""
    return Statement(select, is_kept=is_kept)


def _dump_of(column_type: types.TypeEngine[Any]) -> Dump:
    if isinstance(column_type, ARRAY):
        return _array_dump(column_type.item_type)
    pg_name = pg_name_of(column_type)
    return adapters.get_dumper_by_oid(adapters.types[pg_name].oid, Format.BINARY)(type(column_type)).dump


def _array_dump(item_type: types.TypeEngine[Any]) -> Dump:
    """psycopg would guess an array's type from its first item, which an empty array does not have."""
    oid = adapters.types[pg_name_of(item_type, in_array=True)].oid
    dump_item = _dump_of(item_type)

    def dump(items: list[Any]) -> bytes:
        if not items:
            return struct.pack("!iiI", 0, 0, oid)
        parts = [bytes(dump_item(item)) for item in items]
        head = struct.pack("!iiIii", 1, 0, oid, len(parts), 1)
        return head + b"".join(struct.pack("!i", len(part)) + part for part in parts)

    return dump


def pg_name_of(column_type: types.TypeEngine[Any], *, in_array: bool = False) -> str:
    if in_array and isinstance(column_type, types.CHAR):
        return _CHARACTER
    for known, pg_name in _PG_TYPE_NAMES.items():
        if isinstance(column_type, known):
            return pg_name
    raise TypeError(f"{column_type!r} has no binary form here. To fix: add its PostgreSQL type to _PG_TYPE_NAMES.")
