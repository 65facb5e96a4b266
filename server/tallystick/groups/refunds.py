"""What does everybody get back when an expense is refunded? What they bore, in proportion, and never more than that.

A part of an expense is divided by what is left of everybody's share. So nobody gets back more than they bore, whatever the order and
the sizes of the refunds, and the last of them leaves exactly nothing.
"""

from collections.abc import Iterable
from uuid import UUID

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.groups.allocation import allocate
from tallystick.groups.rules import Shares, require_amount
from tallystick.v1.error_reason_pb2 import ErrorReason


def negated(shares: Shares) -> Shares:
    """All of it given back: the stored shares the other way round, whatever rule once made them."""
    return {member_id: -share for member_id, share in shares.items()}


def remaining(shares: Shares, refunds: Iterable[Shares]) -> Shares:
    """What is left of an expense's shares after its refunds, whose shares are negative ones."""
    left = dict(shares)
    for refund in refunds:
        for member_id, share in refund.items():
            left[member_id] += share
    return left


def refund(amount_minor: int, left: Shares, refund_id: UUID) -> Shares:
    """The shares of a refund of that much, of which `left` remains. The amount has the sign of the expense, the shares the other.

    Serves for what was paid as well as for what is owed.
    """
    require_amount("amount.minor", amount_minor)
    whole = sum(left.values())
    if amount_minor == 0 or amount_minor * whole < 0:
        raise InvalidInput.of_field("amount.minor", "must not be zero, and has the sign of the expense")
    if abs(amount_minor) > abs(whole):
        raise RuleBroken(
            ErrorReason.ERROR_REASON_REFUND_EXCEEDS_ORIGINAL,
            "The refunds would be more than the expense.",
            metadata={
                "expected": str(whole),
                "actual": str(amount_minor),
                "difference": str(whole - amount_minor),
            },
        )
    return negated(allocate(amount_minor, {member_id: abs(share) for member_id, share in left.items()}, refund_id))
