"""What does a copy name that its maker never saw? A transfer to somebody's private account, or a file that they keep to themselves.

Everybody sees that it is there, and nothing of it. In a copy something stands in its place, or what was booked would not add up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from tallystick.rebuilding.reading import Entry
from tallystick.rebuilding.rules import FILE

ACCOUNT = "account"
_KINDS = (ACCOUNT, FILE)


class Name(NamedTuple):
    """Something that is named. `beside`: what must be there, or it is no gap but a contradiction. None: nothing must."""

    kind: str
    id: UUID
    currency: str = ""
    beside: UUID | None = None


@dataclass(slots=True)
class _Named:
    currency: str
    beside: set[UUID | None]


class Gaps:
    """What is named in a source, and is not in it."""

    def __init__(self) -> None:
        self._known: set[tuple[str, UUID]] = set()
        self._named: dict[tuple[str, UUID], _Named] = {}

    def see(self, entry: Entry, names: Iterable[Name]) -> None:
        if entry.kind in _KINDS:
            self._known.add(entry.key)
            self._named.pop(entry.key, None)
        for name in names:
            key = (name.kind, name.id)
            if key not in self._known:
                self._named.setdefault(key, _Named(name.currency, set())).beside.add(name.beside)

    def found(self) -> Iterator[Name]:
        for (kind, named_id), named in self._named.items():
            if any(each is None or (kind, each) in self._known for each in named.beside):
                yield Name(kind, named_id, named.currency)
