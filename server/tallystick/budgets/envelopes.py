"""Of the money that came in, how much lies in which envelope, and how much is still to be assigned? Pure, in integers.

Money is nowhere else: at the end of every period, what is available in all items together and what is to be assigned come to all income
so far less all spending so far. That holds whatever is assigned, moved, spent or carried on, and is what makes the figures trustworthy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from tallystick.budgets.rollover import Flow, Policy, Standing, carry, stand
from tallystick.errors import InvalidInput
from tallystick.ledger.rules import add

# What was overspent stays with the item, until something is assigned to it.
KEEPS_DEFICIT = Policy(surplus=True, deficit=True)
# What was overspent is taken from what is to be assigned in the next period, in which the item begins at zero.
PAYS_DEFICIT = Policy(surplus=True, deficit=False)


class Move(NamedTuple):
    """Money that goes from one item to another, within a period."""

    from_id: UUID
    to_id: UUID
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened in one period. Assigned below zero, it was taken back; spent below zero, it was refunded. `unbudgeted_minor` was
    spent on what no item is for: no envelope held it, so it is taken from what is to be assigned, which would otherwise promise it."""

    income_minor: int = 0
    assigned: Mapping[UUID, int] = field(default_factory=dict)
    moves: Sequence[Move] = ()
    spent: Mapping[UUID, int] = field(default_factory=dict)
    unbudgeted_minor: int = 0


@dataclass(frozen=True, slots=True)
class Envelopes:
    """How things stand at the end of a period. Items are in the order of their ids.

    `returned_minor`: what the items of the period before did not carry on; below zero, what they overspent and do not bear.
    `to_be_assigned_minor`: below zero when more was assigned than there was.
    `assignable_minor`: what can be assigned now without any period to come being over-assigned, of those that are known. Less than what
    is to be assigned when a later period lives on it already; below zero, by how much this or a later one is over-assigned."""

    items: dict[UUID, Standing]
    returned_minor: int
    to_be_assigned_minor: int
    assignable_minor: int

    @property
    def over_assigned_minor(self) -> int:
        """By how much the envelopes promise more money than there is."""
        return max(0, -self.to_be_assigned_minor)


def require_move(move: Move) -> None:
    """A move may take more than an item has: it shows at once, as overspent, and a device that is offline cannot know better."""
    if move.from_id == move.to_id:
        raise InvalidInput.of_field("to_item_id", "is the one that it comes from")
    if move.amount_minor <= 0:
        raise InvalidInput.of_field("amount.minor", "must be above zero")


def fill(periods: Sequence[Facts], policies: Mapping[UUID, Policy], default: Policy = KEEPS_DEFICIT) -> list[Envelopes]:
    """The envelopes at the end of each period, from the first on. What an item does not carry on by its policy is not lost: the next
    period can assign it, or has to find it."""
    filled: list[Envelopes] = []
    carried: dict[UUID, int] = {}
    returned = to_be_assigned = 0
    for facts in periods:
        items = _items(carried, facts)
        came_in = facts.income_minor - facts.unbudgeted_minor - sum(facts.assigned.values())
        to_be_assigned = add(to_be_assigned, came_in + returned)
        filled.append(Envelopes(items, returned, to_be_assigned, assignable_minor=to_be_assigned))
        left = {each: standing.available_minor for each, standing in items.items()}
        carried = {each: carry(policies.get(each, default), available) for each, available in left.items()}
        returned = sum(left.values()) - sum(carried.values())
    return _looked_ahead(filled)


def _items(carried: Mapping[UUID, int], facts: Facts) -> dict[UUID, Standing]:
    """All items that ever held something, so that none drops out of the sum."""
    given = dict(facts.assigned)
    for from_id, to_id, amount in facts.moves:
        given[from_id] = given.get(from_id, 0) - amount
        given[to_id] = given.get(to_id, 0) + amount
    return {
        each: stand(carried.get(each, 0), Flow(given.get(each, 0), facts.spent.get(each, 0)))
        for each in sorted(carried.keys() | given.keys() | facts.spent.keys())
    }


def _looked_ahead(filled: Sequence[Envelopes]) -> list[Envelopes]:
    """What a later period is short of cannot be assigned in this one."""
    looked: list[Envelopes] = []
    least: int | None = None
    for envelopes in reversed(filled):
        least = envelopes.to_be_assigned_minor if least is None else min(least, envelopes.to_be_assigned_minor)
        looked.append(replace(envelopes, assignable_minor=least))
    return looked[::-1]
