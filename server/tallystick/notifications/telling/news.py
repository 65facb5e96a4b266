"""What is one change of a space, to whoever is told of it? What is, beside what was. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID


class News(NamedTuple):
    """One change. `now` and `before` are None where the thing is, or was, not there."""

    seq: int
    kind: str
    id: UUID
    actor_id: UUID
    at: datetime
    now: Any
    before: Any

    @property
    def either(self) -> Any:
        """As it is, or as it was last."""
        return self.before if self.now is None else self.now


def commits_of(news: Sequence[News], kind: str) -> Iterator[tuple[int, UUID, list[News]]]:
    """The changes of one kind, by commit, and who did them."""
    of_kind = [each for each in news if each.kind == kind]
    for seq, found in groupby(of_kind, lambda each: each.seq):
        changes = list(found)
        yield seq, changes[0].actor_id, changes
