"""What is right for money in a book? Pure arithmetic and decisions: no I/O, no clock, no database."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Account, Category, CategoryKind, Entry, TransactionKind
from tallystick.v1.money_pb2 import Money

AMOUNT_MAX = 2**63 - 1
NO_CATEGORY = UUID(int=0)

_CATEGORY_KIND = {
    TransactionKind.TRANSACTION_KIND_EXPENSE: CategoryKind.CATEGORY_KIND_EXPENSE,
    TransactionKind.TRANSACTION_KIND_INCOME: CategoryKind.CATEGORY_KIND_INCOME,
}


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


def require_same_kind(parent: Category, kind: CategoryKind.ValueType) -> None:
    if parent.kind != kind:
        raise InvalidInput.of_field(
            "parent_id", "is a category of the other kind", ErrorReason.ERROR_REASON_CATEGORY_KIND_MISMATCH
        )


def compose_entry(kind: TransactionKind.ValueType, amount: Money, account: Account, category: Category | None) -> Entry:
    """The one line of an expense or an income: it takes from the account, or gives to it."""
    require_currency("amount.currency", amount.currency)
    if amount.currency != account.currency:
        raise InvalidInput.of_field(
            "amount.currency", "is not the account's currency", ErrorReason.ERROR_REASON_CURRENCY_MISMATCH
        )
    if category is not None and category.kind != _CATEGORY_KIND[kind]:
        raise InvalidInput.of_field(
            "category_id", "is a category of the other kind", ErrorReason.ERROR_REASON_CATEGORY_KIND_MISMATCH
        )
    sign = -1 if kind == TransactionKind.TRANSACTION_KIND_EXPENSE else 1
    return Entry(
        account_id=account.id,
        category_id=category.id if category is not None else "",
        amount=Money(currency=amount.currency, minor=sign * amount.minor),
    )


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


def cell_of(account_id: str, category_id: str, currency: str, booked_on: date) -> Cell:
    category = UUID(category_id) if category_id else NO_CATEGORY
    return Cell(UUID(account_id), category, currency, booked_on.replace(day=1))
