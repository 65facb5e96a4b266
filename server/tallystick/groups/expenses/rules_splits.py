"""What does a split on the wire say, in the words of those who divide? Pure.

Nobody is named twice in one place: which of the two was meant could not be told.
"""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.groups.profiles.rules import default_weights
from tallystick.groups.specs import Adjusted, Equal, Exact, Itemised, Line, Percent, Spec, Weighted
from tallystick.ledger.rules import canonical
from tallystick.v1.group_pb2 import Group
from tallystick.v1.group_splits_pb2 import (
    EqualSplit,
    ExpenseSplit,
    MemberAmount,
    MemberPercent,
    MemberWeight,
    Payer,
    WeightedSplit,
)

_Part = MemberAmount | MemberPercent | MemberWeight


def spec_of(split: ExpenseSplit) -> Spec:
    match split.WhichOneof("mode"):
        case "equal":
            return Equal(frozenset(_each_once("split.equal.member_ids", split.equal.member_ids)))
        case "exact":
            return Exact(_amounts("split.exact.amounts", split.exact.amounts))
        case "weighted":
            return Weighted(_weights("split.weighted.weights", split.weighted.weights))
        case "percent":
            ids = _each_once("split.percent.percents", [each.member_id for each in split.percent.percents])
            return Percent(dict(zip(ids, [each.basis_points for each in split.percent.percents], strict=True)))
        case "adjusted":
            return Adjusted(_amounts("split.adjusted.extras", split.adjusted.extras))
        case "itemised":
            itemised = split.itemised
            lines = (
                Line(line.minor, _weights(f"split.itemised.lines[{index}].weights", line.weights))
                for index, line in enumerate(itemised.lines)
            )
            return Itemised(
                tuple(lines),
                tax_minor=itemised.tax_minor,
                tip_minor=itemised.tip_minor,
                discount_minor=itemised.discount_minor,
            )
        case None:
            raise InvalidInput.of_field("split", "must say how")


def payers_of(payers: Sequence[Payer]) -> dict[UUID, int]:
    ids = _each_once("payers", [payer.member_id for payer in payers])
    return dict(zip(ids, [payer.minor for payer in payers], strict=True))


def canonical_split(split: ExpenseSplit) -> ExpenseSplit:
    """The same, with every id in the one way to write it."""
    copy = ExpenseSplit()
    copy.CopyFrom(split)
    if copy.HasField("equal"):
        copy.equal.member_ids[:] = [canonical(each) for each in split.equal.member_ids]
    for part in _parts(copy):
        part.member_id = canonical(part.member_id)
    return copy


def default_split(group: Group, present: Sequence[UUID]) -> ExpenseSplit:
    """By the group's weights, of those who are in."""
    weights = {str(member_id): weight for member_id, weight in default_weights(group, present).items()}
    if len({*weights.values()}) == 1:
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


def _amounts(path: str, amounts: Sequence[MemberAmount]) -> dict[UUID, int]:
    ids = _each_once(path, [each.member_id for each in amounts])
    return dict(zip(ids, [each.minor for each in amounts], strict=True))


def _weights(path: str, weights: Sequence[MemberWeight]) -> dict[UUID, int]:
    ids = _each_once(path, [each.member_id for each in weights])
    return dict(zip(ids, [each.weight for each in weights], strict=True))


def _each_once(path: str, ids: Iterable[str]) -> list[UUID]:
    seen: dict[UUID, None] = {}
    for index, each in enumerate(ids):
        member_id = UUID(each)
        if member_id in seen:
            raise InvalidInput.of_field(f"{path}[{index}]", "is named twice")
        seen[member_id] = None
    return [*seen]
