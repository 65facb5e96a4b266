"""What does everybody bear of an expense? The server's own answer, computed on the device.

An app makes the id of an expense before it shows the shares, because the id decides who bears a cent that cannot be divided. Amounts
are minor units, and ids are texts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import lcm
from uuid import UUID

SPLIT_RULE_VERSION = 1

_AMOUNT_MAX = 2**63 - 1
_BASIS_POINTS = 10_000

Parts = Mapping[str, int]


class DoesNotAddUp(ValueError):
    """What was said does not account for all of it."""

    def __init__(self, *, expected: int, actual: int) -> None:
        super().__init__(f"adds up to {actual} and not to {expected}")
        self.expected, self.actual, self.difference = expected, actual, expected - actual


@dataclass(frozen=True, slots=True)
class Equal:
    """Everybody bears the same."""

    member_ids: Collection[str]


@dataclass(frozen=True, slots=True)
class Exact:
    """Everybody bears what is said."""

    amounts: Parts


@dataclass(frozen=True, slots=True)
class Weighted:
    """In proportion to whole numbers."""

    weights: Parts


@dataclass(frozen=True, slots=True)
class Percent:
    """In hundredths of a percent, 10,000 together."""

    basis_points: Parts


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Some have extras, or pay less; what remains is borne equally by all who are named, also those with an extra of 0."""

    extras: Parts


@dataclass(frozen=True, slots=True)
class Line:
    """One thing on a receipt, and in which proportion who shares it."""

    amount_minor: int
    weights: Parts


@dataclass(frozen=True, slots=True)
class Itemised:
    """Everybody bears their part of each line, and tax, tip and discount in proportion to the sum of those."""

    lines: Sequence[Line]
    tax_minor: int = field(default=0, kw_only=True)
    tip_minor: int = field(default=0, kw_only=True)
    discount_minor: int = field(default=0, kw_only=True)


SplitSpec = Equal | Exact | Weighted | Percent | Adjusted | Itemised


def split_expense(amount_minor: int, spec: SplitSpec, expense_id: str) -> dict[str, int]:
    """Everybody's share of an expense that is not zero, in the order of the members' ids."""
    return allocate_shares(amount_minor, weights_of(amount_minor, spec), expense_id)


def allocate_shares(amount_minor: int, weights: Parts, expense_id: str) -> dict[str, int]:
    """Divides an amount in proportion to whole weights.

    For an expense in another currency: its amount in the group's, converted once, by the `weights_of` the amount that was paid. For
    what several payers have paid: by what each paid.
    """
    if abs(amount_minor) > _AMOUNT_MAX:
        raise OverflowError(f"does not fit in 64 bits: {amount_minor}")
    known = {UUID(member_id): weight for member_id, weight in weights.items()}
    if len(known) < len(weights):
        raise ValueError("a member is named twice")
    total = _require_weights(known.values())
    size, sign, seed = abs(amount_minor), -1 if amount_minor < 0 else 1, UUID(expense_id)
    shares: dict[UUID, int] = {}
    lost: dict[UUID, int] = {}
    for member in sorted(known):
        shares[member], lost[member] = divmod(size * known[member], total)
    left = size - sum(shares.values())
    if left:
        for member in sorted(lost, key=lambda each: (-lost[each], sha256(seed.bytes + each.bytes).digest()))[:left]:
            shares[member] += 1
    return {str(member): sign * share for member, share in shares.items()}


def weights_of(amount_minor: int, spec: SplitSpec) -> dict[str, int]:
    """In which proportion the members bear an amount. Whole numbers, exact however many lines there are."""
    if amount_minor == 0:
        raise ValueError("an expense is not zero")
    match spec:
        case Equal(member_ids):
            weights = dict.fromkeys(member_ids, 1)
        case Exact(amounts):
            _require_sum(expected=amount_minor, actual=sum(amounts.values()))
            weights = _one_way(amount_minor, amounts)
        case Weighted(given):
            weights = dict(given)
        case Percent(basis_points):
            _require_sum(expected=_BASIS_POINTS, actual=sum(basis_points.values()))
            weights = dict(basis_points)
        case Adjusted(extras):
            rest = amount_minor - sum(extras.values())
            if rest * amount_minor < 0:
                raise DoesNotAddUp(expected=amount_minor, actual=sum(extras.values()))
            weights = _one_way(amount_minor, {each: rest + len(extras) * extra for each, extra in extras.items()})
        case Itemised():
            weights = _itemised(amount_minor, spec)
    _require_weights(weights.values())
    return weights


def refund_shares(amount_minor: int, left: Parts, refund_id: str) -> dict[str, int]:
    """The shares of a refund of that much. `left`: what its expense's shares are after earlier refunds, whose shares are added to them.
    The amount has the sign of the expense, the shares the other."""
    whole = sum(left.values())
    if amount_minor == 0 or amount_minor * whole < 0:
        raise ValueError("a refund is not zero, and has the sign of the expense")
    if abs(amount_minor) > abs(whole):
        raise DoesNotAddUp(expected=whole, actual=amount_minor)
    shares = allocate_shares(amount_minor, {each: abs(share) for each, share in left.items()}, refund_id)
    return {member_id: -share for member_id, share in shares.items()}


def _itemised(amount_minor: int, spec: Itemised) -> dict[str, int]:
    lines_minor = sum(line.amount_minor for line in spec.lines)
    _require_sum(expected=amount_minor, actual=lines_minor + spec.tax_minor + spec.tip_minor - spec.discount_minor)
    totals = [_require_weights(line.weights.values()) for line in spec.lines]
    denominator = lcm(*totals)
    subtotals: dict[str, int] = {}
    for line, total in zip(spec.lines, totals, strict=True):
        if abs(line.amount_minor) > _AMOUNT_MAX:
            raise OverflowError(f"does not fit in 64 bits: {line.amount_minor}")
        for member_id, weight in line.weights.items():
            part = line.amount_minor * weight * (denominator // total)
            subtotals[member_id] = subtotals.get(member_id, 0) + part
    return _one_way(amount_minor, subtotals)


def _one_way(amount_minor: int, parts: Parts) -> dict[str, int]:
    if any(part * amount_minor < 0 for part in parts.values()):
        raise ValueError("a part has the other sign than the amount")
    return {member_id: abs(part) for member_id, part in parts.items()}


def _require_weights(weights: Collection[int]) -> int:
    if not weights or min(weights) < 0 or not any(weights):
        raise ValueError("weights are not below zero, and one is above")
    return sum(weights)


def _require_sum(*, expected: int, actual: int) -> None:
    if expected != actual:
        raise DoesNotAddUp(expected=expected, actual=actual)
