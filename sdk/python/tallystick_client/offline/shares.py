"""What does everybody bear of an expense, and what have they paid, in the currency it was paid in and in the one it counts as? Pure, and
the same as on the server."""

from collections.abc import Mapping
from typing import NamedTuple

from tallystick_client.offline.refusals import CannotApply
from tallystick_client.splitting import SplitSpec, allocate_shares, weights_of
from tallystick_client.v1.group_splits_pb2 import Share


class Sides(NamedTuple):
    """By member, each side adding up to the same amount."""

    owed: Mapping[str, int]
    paid: Mapping[str, int]


class Outcome(NamedTuple):
    """What an expense comes to. `rounded_up` are those whom a unit went to that nothing could divide."""

    plain: Sides
    converted: Sides | None
    rounded_up: frozenset[str]


def divide(
    expense_id: str, amount_minor: int, paid: Mapping[str, int], spec: SplitSpec, converted_minor: int | None
) -> Outcome:
    if sum(paid.values()) != amount_minor:
        raise CannotApply
    bears = weights_of(amount_minor, spec)

    def sides(minor: int) -> Sides:
        return Sides(allocate_shares(minor, bears, expense_id), allocate_shares(minor, paid, expense_id))

    plain = sides(amount_minor)
    # By the same weights and not by the shares: those are rounded, and another currency may have finer units.
    converted = None if converted_minor is None else sides(converted_minor)
    return Outcome(plain, converted, rounded_up(amount_minor, bears, plain.owed))


def rounded_up(amount_minor: int, weights: Mapping[str, int], shares: Mapping[str, int]) -> frozenset[str]:
    """Who bears more than their exact share: those to whom the units went that were left."""
    total = sum(weights.values())
    return frozenset(each for each, share in shares.items() if share * total > amount_minor * weights[each])


def shares_of(outcome: Outcome) -> list[Share]:
    """In the order of ids."""
    plain, converted = outcome.plain, outcome.converted or Sides({}, {})
    return [
        Share(
            member_id=each,
            owed_minor=plain.owed.get(each, 0),
            paid_minor=plain.paid.get(each, 0),
            converted_owed_minor=converted.owed.get(each, 0),
            converted_paid_minor=converted.paid.get(each, 0),
            rounded_up=each in outcome.rounded_up,
        )
        for each in sorted(plain.owed.keys() | plain.paid.keys())
    ]
