"""How are rows put in: one by one, or many of a table at once?

A commit of many changes puts in thousands of rows. Each statement costs a plan and a start of PostgreSQL's executor, whatever it does;
one statement for all rows of a table costs them once.
"""

import struct
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from psycopg import adapters
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Table,
    Text,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    true,
    types,
)
from sqlalchemy.dialects.postgresql import insert

from tallystick.store.statements import Call, Statement, join, pg_name_of

_COMMA: ColumnElement[str] = literal_column("','")
_SEQ: ColumnElement[str] = literal_column("'tallystick.seq'")
# From so many rows on it pays to put them in together.
MANY = 3


class RowStatement(Statement[()]):
    """Puts in one row, or replaces it by its key. `many` does the same for any number, each parameter an array of a column."""

    __slots__ = ("many", "oids")

    def __init__(self, table: Table, *, replaces: bool = False, stamps: bool = False) -> None:
        """`stamps`: each row says its own commit, for a space that is written from its journal: its rows are of many. To the guard of the
        table each is what it would have been in that commit."""
        columns = list(table.columns)
        value = _stamped_value if stamps else _value
        super().__init__(
            _inserting(table, replaces).values({c.name: value(c, _bind(c)) for c in columns}), makes_rows=True
        )
        given = (
            func.unnest(*(bindparam(c.name, type_=ARRAY(_bind(c).type)) for c in columns))
            .table_valued(*(c.name for c in columns), name="given")
            .render_derived()
        )
        rows = select(*(value(c, given.c[c.name]) for c in columns))
        self.many: Statement[()] = Statement(_inserting(table, replaces).from_select([c.name for c in columns], rows))
        self.oids = [adapters.types[pg_name_of(_bind(c).type, in_array=True)].oid for c in columns]
        names = [column.name for column in columns]
        assert [name for name, _ in self.dumps] == names == [name for name, _ in self.many.dumps], (
            "columns in another order"
        )

    def together(self, calls: Sequence[Call[()]]) -> Call[()]:
        """The rows of these calls in one."""
        columns = zip(*(call.values for call in calls), strict=True)
        return Call(self.many, [_array(oid, column) for oid, column in zip(self.oids, columns, strict=True)])


def batched(calls: Sequence[Call[()]]) -> list[Call[()]]:
    """The same work in fewer statements. Rows that stand side by side may be put in in any order: no two have one key."""
    joined = join(calls)
    if len(joined) <= MANY:
        return joined
    fewer: list[Call[()]] = []
    for makes_rows, run in groupby(calls, key=lambda call: call.statement.makes_rows):
        same_kind = list(run)
        fewer += _by_table(same_kind) if makes_rows else same_kind
    return fewer


def _by_table(calls: Iterable[Call[()]]) -> list[Call[()]]:
    by_statement: dict[Statement[()], list[Call[()]]] = {}
    for call in calls:
        by_statement.setdefault(call.statement, []).append(call)
    fewer: list[Call[()]] = []
    for statement, same in by_statement.items():
        if isinstance(statement, RowStatement) and len(same) >= MANY:
            fewer.append(statement.together(same))
        else:
            fewer += same
    return fewer


def _inserting(table: Table, replaces: bool) -> Any:  # noqa: FBT001  # a name would say no more
    inserting = insert(table)
    if not replaces:
        return inserting
    keys = [column.name for column in table.primary_key.columns]
    kept = {column.name: inserting.excluded[column.name] for column in table.columns if column.name not in keys}
    return inserting.on_conflict_do_update(index_elements=keys, set_=kept)


def _bind(column: Column[Any]) -> Any:
    """A list of words travels as one text: an array of arrays would have to be a rectangle."""
    return bindparam(column.name, type_=Text() if isinstance(column.type, types.ARRAY) else column.type)


def _value(column: Column[Any], value: Any) -> Any:
    return func.string_to_array(value, _COMMA) if isinstance(column.type, types.ARRAY) else value


def _stamped_value(column: Column[Any], value: Any) -> Any:
    """PostgreSQL makes row after row, each just before its trigger looks at it."""
    if column.name != "version":
        return _value(column, value)
    return cast(func.set_config(_SEQ, cast(value, Text), true()), BigInteger)


def _array(oid: int, items: Sequence[Any]) -> bytes:
    """PostgreSQL's binary array of values that are in binary already."""
    parts = [struct.pack("!iiIii", 1, int(None in items), oid, len(items), 1)]
    for item in items:
        if item is None:
            parts.append(b"\xff\xff\xff\xff")
        else:
            parts += (len(item).to_bytes(4), item)
    return b"".join(parts)
