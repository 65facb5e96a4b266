"""What can be spent from one item of a budget in each period, and what goes on into the next? Pure, in integers.

A period begins with what the one before carried on, and never looks further back or ahead. So a change in the past changes that period
and those after it, as far as it is carried; and the same figures always tell the same story, whenever it is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from tallystick.errors import InvalidInput
from tallystick.ledger.rules import add


@dataclass(frozen=True, slots=True)
class Policy:
    """What goes on into the next period: what is left, what was overspent, both, or nothing. `surplus_max_minor` is the most that an
    item may take along; None is no limit. What was overspent is always carried whole, because a debt does not end where a limit does."""

    surplus: bool
    deficit: bool
    surplus_max_minor: int | None = None


class Flow(NamedTuple):
    """One period of one item: what it was given, and what was spent from it. Below zero, more was taken back or refunded."""

    assigned_minor: int
    spent_minor: int


class Standing(NamedTuple):
    """How an item stands at the end of a period, and how it came to it."""

    carried_minor: int
    assigned_minor: int
    spent_minor: int

    @property
    def planned_minor(self) -> int:
        """What the period may cost altogether."""
        return self.carried_minor + self.assigned_minor

    @property
    def available_minor(self) -> int:
        """What is left of that; below zero, by how much it was overspent."""
        return self.planned_minor - self.spent_minor


def require_policy(field: str, policy: Policy) -> None:
    if policy.surplus_max_minor is None:
        return
    if not policy.surplus:
        raise InvalidInput.of_field(f"{field}.surplus_max", "limits what is not carried on")
    if policy.surplus_max_minor <= 0:
        raise InvalidInput.of_field(f"{field}.surplus_max", "must be above zero")


def follow(policy: Policy, flows: Iterable[Flow]) -> list[Standing]:
    """One standing for each period, from the first on. A period in which nothing happened has its flow too."""
    standings: list[Standing] = []
    carried = 0
    for flow in flows:
        standings.append(stand(carried, flow))
        carried = carry(policy, standings[-1].available_minor)
    return standings


def stand(carried_minor: int, flow: Flow) -> Standing:
    # Both sums are kept in 64 bits here, once, so that whoever shows them need not ask.
    add(add(carried_minor, flow.assigned_minor), -flow.spent_minor)
    return Standing(carried_minor, *flow)


def carry(policy: Policy, available_minor: int) -> int:
    """What goes on of what is left, or overspent."""
    if available_minor < 0:
        return available_minor if policy.deficit else 0
    if not policy.surplus:
        return 0
    return available_minor if policy.surplus_max_minor is None else min(available_minor, policy.surplus_max_minor)
