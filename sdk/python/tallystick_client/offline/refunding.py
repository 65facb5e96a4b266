"""What does a refund give back of the expense that it names? Pure, and the same as on the server.

Of everybody's share there remains what no refund gave back. A refund that says nothing else, or the same as its expense, gives back of
it in proportion.
"""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.shares import Outcome, Sides, rounded_up
from tallystick_client.splitting import allocate_shares, refund_shares
from tallystick_client.v1.group_expenses_pb2 import Expense, ExpenseKind
from tallystick_client.v1.group_splits_pb2 import Conversion, Share
from tallystick_client.v1.money_pb2 import Money


class Refundable:
    """An expense, and what is left of it after all refunds but the one in hand."""

    def __init__(self, original: Expense, others: Sequence[Expense]) -> None:
        self.original = original
        self.owed = _left(original, others, lambda share: share.owed_minor)
        counted = [each for each in others if each.conversion.amount.currency == original.conversion.amount.currency]
        self.converted = _left(original, counted, lambda share: share.converted_owed_minor)

    def convert(self, amount_minor: int) -> Conversion | None:
        """As the expense was converted: of what is left of it in the one currency as much as of what is left in the other."""
        if not self.original.HasField("conversion"):
            return None
        part = Fraction(amount_minor, max(sum(self.owed.values()), amount_minor))
        minor = max(round(part * sum(self.converted.values())), 1)
        return Conversion(amount=Money(currency=self.original.conversion.amount.currency, minor=minor))

    def mirror(self, refund: Expense, paid: Mapping[str, int]) -> Outcome:
        """The shares of a refund that is shared as its expense was."""
        amount_minor = refund.amount.minor
        owed = {each: -share for each, share in refund_shares(amount_minor, self.owed, refund.id).items()}
        plain = Sides(owed, dict(paid))
        up = rounded_up(amount_minor, self.owed, owed)
        if not refund.HasField("conversion"):
            return Outcome(plain, None, up)
        total = refund.conversion.amount.minor
        is_same_currency = refund.conversion.amount.currency == self.original.conversion.amount.currency
        is_left = is_same_currency and total <= sum(self.converted.values())
        # What was agreed on for this refund may be more than was counted then, or in another currency.
        weights = self.converted if is_left and min(self.converted.values()) >= 0 else owed
        converted = Sides(allocate_shares(total, weights, refund.id), allocate_shares(total, paid, refund.id))
        return Outcome(plain, converted, up)

    def require_left(self, owed: Mapping[str, int]) -> None:
        """Shares that somebody said give nobody back more than they bore."""
        is_more = sum(owed.values()) > sum(self.owed.values())
        if is_more or any(share > self.owed.get(each, 0) for each, share in owed.items()):
            raise CannotApply


def require_refundable(refund: Expense, original: Expense, others: Sequence[Expense]) -> Refundable:
    """Expenses are given back, in the currency in which they were paid."""
    is_of_kinds = (refund.kind, original.kind) == (
        ExpenseKind.EXPENSE_KIND_REFUND,
        ExpenseKind.EXPENSE_KIND_EXPENSE,
    )
    if not is_of_kinds or original.id == refund.id or original.amount.currency != refund.amount.currency:
        raise CannotApply
    return Refundable(original, [each for each in others if each.id != refund.id])


def _left(original: Expense, others: Sequence[Expense], minor_of: Callable[[Share], int]) -> dict[str, int]:
    left = {share.member_id: minor_of(share) for share in original.shares}
    for each in others:
        for share in each.shares:
            left[share.member_id] = left.get(share.member_id, 0) - minor_of(share)
    return left
