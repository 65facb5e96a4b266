"""To which items of a budget does an entry belong? Pure.

Of limits, to every item that it fits. Of envelopes, to the first one in their order, because money cannot be in two of them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

# Which category each one is below. At the top: None.
Parents = Mapping[UUID, UUID | None]


class Seen(NamedTuple):
    """What of an entry decides. No payee and no tags: it has none, or they are not looked at."""

    account_id: UUID
    category_id: UUID | None
    payee_id: UUID | None = None
    tag_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Wants:
    """What an item counts. An empty set is no condition; of what is in a set an entry must have any."""

    category_ids: frozenset[UUID] = frozenset()
    payee_ids: frozenset[UUID] = frozenset()
    tag_ids: frozenset[UUID] = frozenset()
    account_ids: frozenset[UUID] = frozenset()

    def fits(self, seen: Seen) -> bool:
        return (
            (not self.category_ids or seen.category_id in self.category_ids)
            and (not self.account_ids or seen.account_id in self.account_ids)
            and (not self.payee_ids or seen.payee_id in self.payee_ids)
            and (not self.tag_ids or not self.tag_ids.isdisjoint(seen.tag_ids))
        )


def allot(wanted: Sequence[Wants], seen: Seen, *, is_envelope: bool) -> tuple[int, ...]:
    """The places, in their order, of the items that count an entry."""
    fitting = (place for place, wants in enumerate(wanted) if wants.fits(seen))
    if is_envelope:
        first = next(fitting, None)
        return () if first is None else (first,)
    return tuple(fitting)


def with_children(category_ids: Collection[UUID], parents: Parents) -> frozenset[UUID]:
    """The categories and all that is below them."""
    found, known = set(category_ids), set(category_ids)
    while known:
        known = {child for child, parent in parents.items() if parent in known} - found
        found |= known
    return frozenset(found)
