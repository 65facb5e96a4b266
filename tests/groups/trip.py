"""What happens on a trip of two weeks? Six people, three devices that are mostly offline, and dice that say who paid what for whom."""

from dataclasses import dataclass
from itertools import combinations
from random import Random
from typing import Any

from circle import equally, money
from tallystick_client import new_id
from tallystick_client.v1.group_expenses_pb2 import ExpenseDraft, ExpenseKind
from tallystick_client.v1.group_splits_pb2 import (
    AdjustedSplit,
    Conversion,
    ExactSplit,
    ExpenseSplit,
    ItemisedSplit,
    MemberAmount,
    MemberPercent,
    MemberWeight,
    Payer,
    PercentSplit,
    SplitLine,
    WeightedSplit,
)

DAYS = 14
CATEGORIES = ("food", "train", "rooms", "museum")
PERCENTS = {2: (5_000, 5_000), 3: (3_333, 3_333, 3_334), 4: (2_500, 2_500, 2_500, 2_500)}


@dataclass
class Dice:
    """Expenses of all kinds among the same people."""

    random: Random
    members: list[str]

    def expense(self, day: int) -> ExpenseDraft:
        minor = self.random.randint(3, 400) * self.random.choice((1, 7, 50, 100))
        sharers = sorted(self.random.sample(self.members, self.random.randint(2, len(self.members))))
        fields: dict[str, Any] = {
            "expense_id": new_id(),
            "booked_on": f"2026-07-{day + 1:02}",
            "description": f"day {day + 1}",
            "category": self.random.choice(CATEGORIES),
            "amount": money(minor),
            "payers": self._payers(minor),
            "split": self._split(minor, sharers),
        }
        if self.random.random() < 0.15:
            # Paid in francs, and counted in euros at what the bank took.
            fields["amount"] = money(minor, "CHF")
            fields["conversion"] = Conversion(amount=money(minor * 21 // 20 + 1))
        if self.random.random() < 0.05:
            fields["kind"] = ExpenseKind.EXPENSE_KIND_INCOME
        return ExpenseDraft(**fields)

    def _payers(self, minor: int) -> list[Payer]:
        one, other = self.random.sample(self.members, 2)
        # A cent cannot be paid by two.
        if minor < 2 or self.random.random() < 0.8:
            return [Payer(member_id=one, minor=minor)]
        part = self.random.randint(1, minor - 1)
        return [Payer(member_id=one, minor=part), Payer(member_id=other, minor=minor - part)]

    def _split(self, minor: int, sharers: list[str]) -> ExpenseSplit:
        match self.random.randint(0, 5):
            case 0:
                weights = [MemberWeight(member_id=each, weight=self.random.randint(1, 3)) for each in sharers]
                return ExpenseSplit(weighted=WeightedSplit(weights=weights))
            case 1:
                first, *others = sharers
                parts = [MemberAmount(member_id=each, minor=minor // (len(sharers) + 1)) for each in others]
                rest = minor - sum(each.minor for each in parts)
                return ExpenseSplit(exact=ExactSplit(amounts=[MemberAmount(member_id=first, minor=rest), *parts]))
            case 2 if len(sharers) in PERCENTS:
                points = zip(sharers, PERCENTS[len(sharers)], strict=True)
                percents = [MemberPercent(member_id=each, basis_points=part) for each, part in points]
                return ExpenseSplit(percent=PercentSplit(percents=percents))
            case 3:
                extras = [MemberAmount(member_id=each, minor=0) for each in sharers]
                extras[0].minor = minor // 10
                return ExpenseSplit(adjusted=AdjustedSplit(extras=extras))
            case 4:
                return self._receipt(minor, sharers)
            case _:
                return equally(*sharers)

    def _receipt(self, minor: int, sharers: list[str]) -> ExpenseSplit:
        tip = minor // 10
        first, shared = (minor - tip) // 3, minor - tip - (minor - tip) // 3
        lines = [
            SplitLine(name="wine", minor=first, weights=[MemberWeight(member_id=sharers[0], weight=1)]),
            SplitLine(
                name="dinner", minor=shared, weights=[MemberWeight(member_id=each, weight=1) for each in sharers]
            ),
        ]
        return ExpenseSplit(itemised=ItemisedSplit(lines=lines, tip_minor=tip))


def fewest_payments(nets: list[int]) -> int:
    """By trying all: as many members as have a balance, less one for each part of them that is even by itself."""
    left = [net for net in nets if net]
    return len(left) - _parts(left)


def _parts(nets: list[int]) -> int:
    """In how many parts, each of which adds up to zero, they can be cut."""
    if not nets:
        return 0
    first, others = nets[0], nets[1:]
    best = 0
    for size in range(len(others) + 1):
        for chosen in combinations(range(len(others)), size):
            if first + sum(others[each] for each in chosen) == 0:
                rest = [net for place, net in enumerate(others) if place not in chosen]
                best = max(best, 1 + _parts(rest))
    return best
