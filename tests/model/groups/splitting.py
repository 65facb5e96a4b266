"""What does each bear of an expense? Computed anew from what decision 0016 says, with fractions, and without a line of the server."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from hashlib import sha256
from uuid import UUID

from model.state import MONEY_MAX, Faults, Refused
from tallystick_client.v1.group_splits_pb2 import ExpenseSplit, MemberWeight, SplitLine

Parts = dict[str, Fraction]
Sums = dict[str, int]
# Lots that are drawn for no expense.
NOBODY = str(UUID(int=0))


def named(split: ExpenseSplit) -> list[str]:
    """Everybody whom it names, each as often as it does, but for the lines of a receipt: one may be on many."""
    if split.HasField("itemised"):
        return [each for line in split.itemised.lines for each in dict.fromkeys(_members(line.weights))]
    return {
        "equal": list(split.equal.member_ids),
        "exact": _members(split.exact.amounts),
        "weighted": _members(split.weighted.weights),
        "percent": _members(split.percent.percents),
        "adjusted": _members(split.adjusted.extras),
    }[split.WhichOneof("mode") or "equal"]


def names_twice(split: ExpenseSplit) -> bool:
    lists = [_members(line.weights) for line in split.itemised.lines] or [named(split)]
    return any(len(set(each)) < len(each) for each in lists)


def _members(parts: Iterable[object]) -> list[str]:
    return [str(part.member_id) for part in parts]  # type: ignore[attr-defined]  # each part of a split names a member


def exact_parts(amount: int, split: ExpenseSplit) -> Parts:
    """Of an amount above zero, what each bears before anything is rounded. It adds up to the amount, and nobody's is below zero."""
    parts = _parts_of(amount, split)
    no = Faults()
    no.when(any(part < 0 for part in parts.values()), "INVALID_FIELD")
    no.stop()
    return {each: parts[each] for each in sorted(parts)}


def _parts_of(amount: int, split: ExpenseSplit) -> Parts:
    match split.WhichOneof("mode"):
        case "equal":
            return in_proportion(amount, dict.fromkeys(split.equal.member_ids, Fraction(1)))
        case "exact":
            amounts = {each.member_id: Fraction(each.minor) for each in split.exact.amounts}
            _require_whole(amount, sum(amounts.values()))
            return amounts
        case "weighted":
            return in_proportion(amount, _weights(split.weighted.weights))
        case "percent":
            points = {each.member_id: Fraction(each.basis_points) for each in split.percent.percents}
            _require_whole(10_000, sum(points.values()))
            return in_proportion(amount, points)
        case "adjusted":
            extras = {each.member_id: Fraction(each.minor) for each in split.adjusted.extras}
            rest = amount - sum(extras.values(), Fraction(0))
            if rest < 0:
                raise Refused(["SPLITS_UNBALANCED"])
            return {each: rest / len(extras) + extra for each, extra in extras.items()}
        case "itemised":
            return _itemised(amount, split)
    raise Refused(["INVALID_FIELD"])


def _itemised(amount: int, split: ExpenseSplit) -> Parts:
    """Tax, tip and discount go in proportion to what the lines come to for each."""
    receipt, subtotals, no = split.itemised, dict[str, Fraction](), Faults()
    whole = sum(line.minor for line in receipt.lines)
    no.when(whole + receipt.tax_minor + receipt.tip_minor - receipt.discount_minor != amount, "SPLITS_UNBALANCED")
    no.when(any(abs(line.minor) > MONEY_MAX for line in receipt.lines), "AMOUNT_OUT_OF_RANGE")
    for line in receipt.lines:
        if not no.when(not any(each.weight for each in line.weights), "INVALID_FIELD"):
            for each, part in _line_parts(line).items():
                subtotals[each] = subtotals.get(each, Fraction(0)) + part
    no.when(any(part < 0 for part in subtotals.values()), "INVALID_FIELD")
    no.stop()
    return in_proportion(amount, subtotals)


def _line_parts(line: SplitLine) -> Parts:
    weights = _weights(line.weights)
    whole = sum(weights.values(), Fraction(0))
    return {each: line.minor * weight / whole for each, weight in weights.items()}


def _weights(weights: Iterable[MemberWeight]) -> Parts:
    return {each.member_id: Fraction(each.weight) for each in weights}


def in_proportion(amount: int, weights: Mapping[str, Fraction]) -> Parts:
    whole = sum(weights.values(), Fraction(0))
    if whole <= 0 or min(weights.values()) < 0:
        raise Refused(["INVALID_FIELD"])
    return {each: amount * weight / whole for each, weight in weights.items()}


def _require_whole(wanted: int, said: Fraction | int) -> None:
    if said != wanted:
        raise Refused(["SPLITS_UNBALANCED"])


def rounded(parts: Mapping[str, Fraction], expense_id: str) -> Sums:
    """Whole units: the rest goes to who lost most by rounding down, and of those who lost the same, to the least lot."""
    units = {each: int(part // 1) for each, part in parts.items()}
    rest = int(sum(parts.values())) - sum(units.values())
    for each in sorted(parts, key=lambda each: (units[each] - parts[each], lot(expense_id, each)))[:rest]:
        units[each] += 1
    return units


def lot(expense_id: str, member_id: str) -> str:
    return sha256(bytes.fromhex((expense_id + member_id).replace("-", ""))).hexdigest()


def debts_of(owed: Mapping[str, int], paid: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Who owes whom for one expense: each debtor, in the order of ids, a part of what is still due to every creditor."""
    nets = {each: paid.get(each, 0) - owed.get(each, 0) for each in sorted({*owed, *paid})}
    due = {each: net for each, net in nets.items() if net > 0}
    debts = {}
    for debtor, net in nets.items():
        if net < 0:
            weights = {each: Fraction(left) for each, left in due.items()}
            for creditor, part in rounded(in_proportion(-net, weights), NOBODY).items():
                due[creditor] -= part
                debts[debtor, creditor] = part
    return debts
