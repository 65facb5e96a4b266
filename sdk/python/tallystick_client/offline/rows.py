"""What does a copy of a space look like to those who compute with it? Rows, found by kind and id."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol


class Row(NamedTuple):
    """One entity as the copy has it. Of what was deleted: as it was last."""

    kind: str
    id: str
    message: Any
    deleted: bool = False


class Copy(Protocol):
    """Something that holds rows."""

    def find(self, kind: str, entity_id: str) -> Row | None: ...

    def rows(self, kind: str) -> Iterator[Row]: ...


class ReadOnce:
    """A copy whose kinds are read once each, however many commands ask for all of one."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._rows: dict[str, list[Row]] = {}

    def find(self, kind: str, entity_id: str) -> Row | None:
        return self._copy.find(kind, entity_id)

    def rows(self, kind: str) -> Iterator[Row]:
        if kind not in self._rows:
            self._rows[kind] = list(self._copy.rows(kind))
        return iter(self._rows[kind])


class View:
    """A copy with changes laid over it, which it does not hold itself."""

    def __init__(self, below: Copy) -> None:
        self._below = below
        self._over: dict[tuple[str, str], Row] = {}

    def find(self, kind: str, entity_id: str) -> Row | None:
        return self._over.get((kind, entity_id)) or self._below.find(kind, entity_id)

    def rows(self, kind: str) -> Iterator[Row]:
        for row in self._below.rows(kind):
            if (kind, row.id) not in self._over:
                yield row
        yield from (row for row in list(self._over.values()) if row.kind == kind)

    def live(self, kind: str, entity_id: str) -> Any:
        """The entity, or None if it is not there or deleted."""
        row = self.find(kind, entity_id)
        return row.message if row and not row.deleted else None

    def put(self, row: Row) -> None:
        self._over[row.kind, row.id] = row

    def changed(self) -> Iterator[Row]:
        """What is laid over the copy."""
        return iter(list(self._over.values()))
