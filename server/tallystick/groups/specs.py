"""In which ways do people say how an expense is shared? Each way comes down to whole weights, and the amount is rounded once.

Lines of a receipt, extras, tips: the weights are exact fractions on one denominator, so nothing is rounded on the way. That keeps
everybody within a cent of what they owe however long the receipt is, and the same weights divide the amount in any other currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import lcm
from uuid import UUID

from tallystick.groups.allocation import require_weights
from tallystick.groups.rules import Weights, require_amount, require_direction, require_sum

BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class Equal:
    """Everybody bears the same."""

    member_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Exact:
    """Everybody bears what is said."""

    amounts: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Weighted:
    """In proportion: two shares for the couple, one for the child, none for who was away."""

    weights: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Percent:
    """In hundredths of a percent, 10,000 together."""

    basis_points: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Some have extras, or pay less; what remains is borne equally by all who are named, also those with an extra of 0."""

    extras: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on a receipt, and in which proportion who shares it."""

    amount_minor: int
    weights: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Itemised:
    """Everybody bears their part of each line, and tax, tip and discount in proportion to the sum of those."""

    lines: tuple[Line, ...]
    tax_minor: int = field(default=0, kw_only=True)
    tip_minor: int = field(default=0, kw_only=True)
    discount_minor: int = field(default=0, kw_only=True)


Spec = Equal | Exact | Weighted | Percent | Adjusted | Itemised


def weights_of(amount_minor: int, spec: Spec) -> Weights:
    """In which proportion the members bear an amount. Refused unless what is said accounts for all of it."""
    match spec:
        case Equal(member_ids):
            weights = dict.fromkeys(member_ids, 1)
        case Exact(amounts):
            weights = _exact(amount_minor, amounts)
        case Weighted(given):
            weights = dict(given)
        case Percent(basis_points):
            require_sum("split.percent", expected=BASIS_POINTS, actual=sum(basis_points.values()))
            weights = dict(basis_points)
        case Adjusted(extras):
            weights = _adjusted(amount_minor, extras)
        case Itemised():
            weights = _itemised(amount_minor, spec)
    require_weights("split", weights)
    return {member_id: weights[member_id] for member_id in sorted(weights)}


def _exact(amount_minor: int, amounts: Mapping[UUID, int]) -> Weights:
    require_sum("split.exact", expected=amount_minor, actual=sum(amounts.values()))
    require_direction("split.exact", amount_minor, amounts)
    return {member_id: abs(amount) for member_id, amount in amounts.items()}


def _adjusted(amount_minor: int, extras: Mapping[UUID, int]) -> Weights:
    """The share of each of n is (amount - all extras) / n + their own extra: n times that is whole."""
    rest = amount_minor - sum(extras.values())
    if rest * amount_minor < 0:
        require_sum("split.adjusted", expected=amount_minor, actual=sum(extras.values()))
    shares = {member_id: rest + len(extras) * extra for member_id, extra in extras.items()}
    require_direction("split.adjusted", amount_minor, shares)
    return {member_id: abs(share) for member_id, share in shares.items()}


def _itemised(amount_minor: int, spec: Itemised) -> Weights:
    lines_minor = sum(line.amount_minor for line in spec.lines)
    actual = lines_minor + spec.tax_minor + spec.tip_minor - spec.discount_minor
    require_sum("split.itemised", expected=amount_minor, actual=actual)
    totals = [require_weights("split.itemised.lines.weights", line.weights) for line in spec.lines]
    denominator = lcm(*totals)
    subtotals: Weights = {}
    for line, total in zip(spec.lines, totals, strict=True):
        require_amount("split.itemised.lines.amount_minor", line.amount_minor)
        for member_id, weight in line.weights.items():
            part = line.amount_minor * weight * (denominator // total)
            subtotals[member_id] = subtotals.get(member_id, 0) + part
    # A line may be below zero, such as a deposit that somebody gets back, but not all that somebody had. Lines that come to nothing
    # leave nothing to share a tip by.
    require_direction("split.itemised.lines", amount_minor, subtotals)
    return {member_id: abs(subtotal) for member_id, subtotal in subtotals.items()}
