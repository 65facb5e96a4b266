"""What must hold of any amount that people share? Pure: no I/O, no clock, no database."""

from collections.abc import Mapping
from uuid import UUID

from tallystick.errors import FieldViolation, InvalidInput
from tallystick.ledger.rules import AMOUNT_MAX
from tallystick.v1.error_reason_pb2 import ErrorReason

# What each member bears, has paid, or is owed, in minor units. In the order of their ids wherever it comes from us.
Shares = dict[UUID, int]
# In which proportion: whole numbers, none below zero.
Weights = dict[UUID, int]


def require_amount(field: str, amount_minor: int) -> int:
    """An amount that 64 bits hold, and its opposite too."""
    if abs(amount_minor) > AMOUNT_MAX:
        raise InvalidInput.of_field(field, "does not fit in 64 bits", ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE)
    return amount_minor


def require_sum(field: str, *, expected: int, actual: int) -> None:
    """The error says by how much it is wrong, so that a form can show the person what is still to be shared out."""
    if expected == actual:
        return
    raise InvalidInput(
        ErrorReason.ERROR_REASON_SPLITS_UNBALANCED,
        f"{field}: adds up to {actual} and not to {expected}.",
        metadata={"expected": str(expected), "actual": str(actual), "difference": str(expected - actual)},
        violations=[FieldViolation(field, "splits_unbalanced", f"adds up to {actual} and not to {expected}")],
    )


def require_direction(field: str, amount_minor: int, parts: Mapping[UUID, int]) -> None:
    """Nobody's part goes the other way than the whole. Otherwise a part of it could not be given back in proportion, and who
    would have to pay for whom could not be told."""
    if any(part * amount_minor < 0 for part in parts.values()):
        raise InvalidInput.of_field(field, "has a part of the other sign than the amount")


def require_payment(from_id: UUID, to_id: UUID, amount_minor: int) -> None:
    """A settlement goes from one member to another, and moves something."""
    if from_id == to_id:
        raise InvalidInput.of_field("to_member_id", "is the one who pays")
    if require_amount("amount.minor", amount_minor) <= 0:
        raise InvalidInput.of_field("amount.minor", "must be above zero")
