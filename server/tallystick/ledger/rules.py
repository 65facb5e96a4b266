"""What is right for money in a book? Pure arithmetic and decisions: no I/O, no clock, no database."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.v1.error_reason_pb2 import ErrorReason

AMOUNT_MAX = 2**63 - 1
NO_CATEGORY = UUID(int=0)


def require_currency(field: str, code: str) -> str:
    if code not in EXPONENTS:
        raise InvalidInput.of_field(field, "is no ISO 4217 currency", ErrorReason.ERROR_REASON_UNKNOWN_CURRENCY)
    return code


def require_date(field: str, text: str) -> date:
    """A civil date that exists. The contract has checked its shape, not the calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise InvalidInput.of_field(field, "does not exist", ErrorReason.ERROR_REASON_INVALID_DATE) from wrong


def require_name(field: str, name: str) -> str:
    shown = name.strip()
    if not shown:
        raise InvalidInput.of_field(field, "must not be blank")
    return shown


def canonical(entity_id: str) -> str:
    """The one way to write an id. Clients may use capitals."""
    return str(UUID(entity_id)) if entity_id else ""


def add(sum_minor: int, amount_minor: int) -> int:
    """An exact sum. One that 64 bits cannot hold is refused, never wrapped."""
    result = sum_minor + amount_minor
    if not -AMOUNT_MAX <= result <= AMOUNT_MAX:
        raise InvalidInput.of_field(
            "amount.minor", "would take the balance out of range", ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE
        )
    return result


class Cell(NamedTuple):
    """Names one total: the entries of an account, category, currency and month."""

    account_id: UUID
    category_id: UUID
    currency: str
    month: date
