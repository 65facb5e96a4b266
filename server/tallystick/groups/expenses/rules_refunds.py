"""What does a refund give back of the expense that it names? Pure. Never more than is left of it, altogether and for each.

Of everybody's share there remains what no refund gave back. A refund that says nothing else, or the same as its expense, gives back of
it in proportion: so all refunds together come to the expense for everybody, to the cent, in whatever parts and order they are made.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from uuid import UUID

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.groups import refunds
from tallystick.groups.allocation import allocate, rounded_up
from tallystick.groups.rules import Shares
from tallystick.groups.splitting import Outcome, Split
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.group_expenses_pb2 import Expense, ExpenseKind
from tallystick.v1.group_splits_pb2 import Conversion, Share
from tallystick.v1.money_pb2 import Money


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

    def mirror(self, refund_id: UUID, amount_minor: int, paid: Shares, conversion: Conversion | None) -> Outcome:
        """The shares of a refund that is shared as its expense was."""
        owed = refunds.negated(refunds.refund(amount_minor, self.owed, refund_id))
        plain = Split(amount_minor, owed, paid, rounded_up(amount_minor, self.owed, owed))
        if conversion is None:
            return Outcome(plain)
        total = conversion.amount.minor
        is_left = conversion.amount.currency == self.original.conversion.amount.currency and total <= sum(
            self.converted.values()
        )
        # What was agreed on for this refund may be more than was counted then, or in another currency.
        weights = self.converted if is_left and min(self.converted.values()) >= 0 else owed
        return Outcome(plain, Split(total, allocate(total, weights, refund_id), allocate(total, paid, refund_id), ()))

    def require_left(self, owed: Shares) -> None:
        """Shares that somebody said give nobody back more than they bore."""
        whole, given = sum(self.owed.values()), sum(owed.values())
        if given > whole:
            raise _exceeds(self.original, whole, given)
        for member_id, share in owed.items():
            if share > (left := self.owed.get(member_id, 0)):
                raise _exceeds(self.original, left, share, member_id=str(member_id))


def require_refundable(refund: Expense, original: Expense, others: Sequence[Expense]) -> Refundable:
    """Expenses are given back, in the currency in which they were paid."""
    if refund.kind != ExpenseKind.EXPENSE_KIND_REFUND:
        raise _invalid("is for refunds only")
    if original.id == refund.id or original.kind != ExpenseKind.EXPENSE_KIND_EXPENSE:
        raise _invalid("is no expense")
    if original.amount.currency != refund.amount.currency:
        raise _invalid("was paid in another currency")
    return Refundable(original, [each for each in others if each.id != refund.id])


def refunded() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_REFUNDED, "The expense has refunds; delete them first.")


def _left(original: Expense, others: Sequence[Expense], minor_of: Callable[[Share], int]) -> Shares:
    bore = {UUID(share.member_id): minor_of(share) for share in original.shares}
    gave = [{UUID(share.member_id): -minor_of(share) for share in each.shares} for each in others]
    named = {member_id: 0 for each in gave for member_id in each}
    return refunds.remaining(named | bore, gave)


def _invalid(text: str) -> InvalidInput:
    return InvalidInput.of_field("refund_of_id", text, ErrorReason.ERROR_REASON_INVALID_REFUND)


def _exceeds(original: Expense, left: int, given: int, **more: str) -> RuleBroken:
    return RuleBroken(
        ErrorReason.ERROR_REASON_REFUND_EXCEEDS_ORIGINAL,
        "The refunds would be more than the expense.",
        metadata={
            "expense_id": original.id,
            "expected": str(left),
            "actual": str(given),
            "difference": str(left - given),
        }
        | more,
    )
