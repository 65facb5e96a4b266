"""What does a split on the wire say, in the words of those who divide? Pure, and the same as on the server."""

from collections.abc import Iterable, Iterator, Sequence

from tallystick_client.offline.composing import canonical
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.splitting import Adjusted, Equal, Exact, Itemised, Line, Percent, SplitSpec, Weighted
from tallystick_client.v1.group_pb2 import Group
from tallystick_client.v1.group_splits_pb2 import (
    EqualSplit,
    ExpenseSplit,
    MemberAmount,
    MemberPercent,
    MemberWeight,
    Payer,
    WeightedSplit,
)

_Part = MemberAmount | MemberPercent | MemberWeight


def spec_of(split: ExpenseSplit) -> SplitSpec:
    match split.WhichOneof("mode"):
        case "equal":
            return Equal(sorted(_each_once((each, 1) for each in split.equal.member_ids)))
        case "exact":
            return Exact(_amounts(split.exact.amounts))
        case "weighted":
            return Weighted(_weights(split.weighted.weights))
        case "percent":
            return Percent(_each_once((each.member_id, each.basis_points) for each in split.percent.percents))
        case "adjusted":
            return Adjusted(_amounts(split.adjusted.extras))
        case "itemised":
            told = split.itemised
            return Itemised(
                [Line(line.minor, _weights(line.weights)) for line in told.lines],
                tax_minor=told.tax_minor,
                tip_minor=told.tip_minor,
                discount_minor=told.discount_minor,
            )
        case _:
            raise CannotApply


def paid_by(payers: Sequence[Payer]) -> dict[str, int]:
    return _each_once((payer.member_id, payer.minor) for payer in payers)


def canonical_split(split: ExpenseSplit) -> ExpenseSplit:
    """The same, with every id in the one way to write it."""
    copy = copy_of(split)
    if copy.HasField("equal"):
        copy.equal.member_ids[:] = [canonical(each) for each in split.equal.member_ids]
    for part in _parts(copy):
        part.member_id = canonical(part.member_id)
    return copy


def default_split(group: Group, present: Sequence[str]) -> ExpenseSplit:
    """By the group's weights, of those who are in; equally among all of them if it has none that tell."""
    weights = {each.member_id: each.weight for each in group.default_split if each.member_id in present}
    if not any(weights.values()):
        weights = dict.fromkeys(present, 1)
    if len(set(weights.values())) == 1:
        return ExpenseSplit(equal=EqualSplit(member_ids=weights))
    parts = [MemberWeight(member_id=member_id, weight=weight) for member_id, weight in weights.items()]
    return ExpenseSplit(weighted=WeightedSplit(weights=parts))


def _parts(split: ExpenseSplit) -> Iterator[_Part]:
    yield from split.exact.amounts
    yield from split.weighted.weights
    yield from split.percent.percents
    yield from split.adjusted.extras
    for line in split.itemised.lines:
        yield from line.weights


def _amounts(amounts: Sequence[MemberAmount]) -> dict[str, int]:
    return _each_once((each.member_id, each.minor) for each in amounts)


def _weights(weights: Sequence[MemberWeight]) -> dict[str, int]:
    return _each_once((each.member_id, each.weight) for each in weights)


def _each_once(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Nobody is named twice in one place: which of the two was meant could not be told."""
    found: dict[str, int] = {}
    for member_id, part in parts:
        if (known := canonical(member_id)) in found:
            raise CannotApply
        found[known] = part
    return found
