"""To which items of a budget does an entry belong? Pure.

Of limits, to every item that it fits. Of envelopes, to the first one in their order, because money cannot be in two of them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple
from uuid import UUID


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


class Allotment:
    """The items of a budget, so that what an entry may fit is found by its category."""

    def __init__(self, wanted: Sequence[Wants], *, is_envelope: bool) -> None:
        self._wanted = wanted
        self._is_envelope = is_envelope
        self._of_any = [place for place, wants in enumerate(wanted) if not wants.category_ids]
        self._of_category: dict[UUID, list[int]] = defaultdict(list)
        for place, wants in enumerate(wanted):
            for category_id in wants.category_ids:
                self._of_category[category_id].append(place)

    def items_of(self, seen: Seen) -> tuple[int, ...]:
        """The places, in their order, of the items that count an entry."""
        named = self._of_category.get(seen.category_id, ()) if seen.category_id else ()
        fitting = (place for place in sorted((*named, *self._of_any)) if self._wanted[place].fits(seen))
        return tuple(islice(fitting, 1 if self._is_envelope else None))
