"""What does a request for a list of transactions ask for, and does a transaction fit? Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tallystick.errors import InvalidInput, RuleBroken
from tallystick.ledger.folding import folded
from tallystick.ledger.gist import AMOUNT_BYTES, comparable, magnitude_of
from tallystick.ledger.rules import AMOUNT_MAX, require_currency, require_date
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_pb2 import Transaction, TransactionKind
from tallystick.v1.ledger_service_pb2 import (
    CurrencyTotals,
    ListTransactionsRequest,
    TransactionOrder,
    TransactionTotals,
)
from tallystick.v1.money_pb2 import Money

EXPENSE = TransactionKind.TRANSACTION_KIND_EXPENSE
INCOME = TransactionKind.TRANSACTION_KIND_INCOME
REFUND = TransactionKind.TRANSACTION_KIND_REFUND
# The kinds whose entries have categories.
CATEGORIZED = (EXPENSE, INCOME, REFUND)

_ASCENDING = (
    TransactionOrder.TRANSACTION_ORDER_DATE_ASCENDING,
    TransactionOrder.TRANSACTION_ORDER_AMOUNT_ASCENDING,
)
_BY_AMOUNT = (
    TransactionOrder.TRANSACTION_ORDER_AMOUNT_DESCENDING,
    TransactionOrder.TRANSACTION_ORDER_AMOUNT_ASCENDING,
)
_ID_FILTERS = ("account_ids", "category_ids", "payee_ids", "tag_ids", "payment_method_ids")
_OTHER_FILTERS = ("kinds", "statuses", "currencies")


@dataclass(frozen=True, slots=True)
class Sought:
    """What only opened rows tell: amounts, packed as in a gist so that they compare as they are, and words."""

    least: bytes = b""
    most: bytes = b"\xff" * AMOUNT_BYTES
    # The one currency of the amounts. Empty: any amount.
    currency: str = ""
    needle: bytes = b""

    def __bool__(self) -> bool:
        return bool(self.currency or self.needle)


@dataclass(frozen=True, slots=True)
class Query:
    """What a request asks for. `values` has the filters that were given, by their names."""

    booked_from: date = date.min
    booked_until: date = date.max
    values: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    uncategorized: bool = False
    sought: Sought = field(default_factory=Sought)
    by_amount: bool = False
    ascending: bool = False
    deleted: bool = False
    with_totals: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the database can answer by itself."""
        return not (self.sought or self.by_amount or self.deleted or self.with_totals)

    @property
    def opens_gists(self) -> bool:
        """Whether it takes amounts or words to answer."""
        return bool(self.sought) or self.by_amount or self.deleted


def read_query(request: ListTransactionsRequest) -> Query:
    booked_from = require_date("booked_from", request.booked_from) if request.booked_from else date.min
    booked_until = require_date("booked_until", request.booked_until) if request.booked_until else date.max
    if booked_from > booked_until:
        raise InvalidInput.of_field("booked_until", "is before booked_from", ErrorReason.ERROR_REASON_INVALID_DATE)
    values: dict[str, Sequence[Any]] = {
        # Two spellings of one id are one id.
        name: list(dict.fromkeys(map(UUID, given)))
        for name in _ID_FILTERS
        if (given := getattr(request, name))
    }
    values |= {name: list(given) for name in _OTHER_FILTERS if (given := getattr(request, name))}
    return Query(
        booked_from,
        booked_until,
        values,
        request.uncategorized,
        _read_sought(request),
        request.order_by in _BY_AMOUNT,
        request.order_by in _ASCENDING,
        request.deleted,
        request.with_totals,
    )


def _read_sought(request: ListTransactionsRequest) -> Sought:
    bounds = {name: getattr(request, name) for name in ("min_amount", "max_amount") if request.HasField(name)}
    for name, amount in bounds.items():
        require_currency(f"{name}.currency", amount.currency)
        if amount.minor < 0:
            raise InvalidInput.of_field(f"{name}.minor", "must not be below zero")
    currencies = {amount.currency for amount in bounds.values()}
    if len(currencies) > 1:
        raise InvalidInput.of_field(
            "max_amount.currency", "is another than min_amount's", ErrorReason.ERROR_REASON_CURRENCY_MISMATCH
        )
    packed = {name: comparable(amount).to_bytes(AMOUNT_BYTES) for name, amount in bounds.items()}
    return Sought(
        packed.get("min_amount", Sought().least),
        packed.get("max_amount", Sought().most),
        currencies.pop() if currencies else "",
        folded(request.text).encode(),
    )


def has_currency(transaction: Transaction, currency: str) -> bool:
    """Whether that is the currency of the one amount that the transaction is about."""
    return magnitude_of(transaction).currency == currency


def fits(transaction: Transaction, query: Query, category_ids: Iterable[UUID]) -> bool:
    """Whether a transaction has a value of every filter. `category_ids` are those given and those below them."""
    entries = transaction.entries
    has: dict[str, set[Any]] = {
        "account_ids": {UUID(entry.account_id) for entry in entries},
        "category_ids": {UUID(entry.category_id) for entry in entries if entry.category_id},
        "currencies": {entry.amount.currency for entry in entries},
        "payee_ids": {UUID(transaction.payee_id)} if transaction.payee_id else set(),
        "payment_method_ids": {UUID(transaction.payment_method_id)} if transaction.payment_method_id else set(),
        "tag_ids": set(map(UUID, transaction.tag_ids)),
        "kinds": {transaction.kind},
        "statuses": {transaction.status},
    }
    wanted = {**query.values, "category_ids": category_ids} if "category_ids" in query.values else query.values
    return all(not has[name].isdisjoint(values) for name, values in wanted.items()) and (
        not query.uncategorized or is_uncategorized(transaction)
    )


def is_uncategorized(transaction: Transaction) -> bool:
    return transaction.kind in CATEGORIZED and any(not entry.category_id for entry in transaction.entries)


class Sums:
    """What transactions come to."""

    def __init__(self) -> None:
        self.count = 0
        self._moved: defaultdict[tuple[int, str], int] = defaultdict(int)

    def add_entry(self, kind: int, currency: str, minor: int) -> None:
        self._moved[kind, currency] += minor

    def compose(self) -> TransactionTotals:
        currencies = sorted({currency for _, currency in self._moved})
        return TransactionTotals(count=self.count, currencies=[self._compose_one(currency) for currency in currencies])

    def _compose_one(self, currency: str) -> CurrencyTotals:
        moved = {kind: minor for (kind, of), minor in self._moved.items() if of == currency}
        spent = -moved.get(EXPENSE, 0) - moved.get(REFUND, 0)
        return CurrencyTotals(
            spent=_money(currency, spent),
            earned=_money(currency, moved.get(INCOME, 0)),
            net=_money(currency, sum(moved.values())),
        )


def _money(currency: str, minor: int) -> Money:
    if abs(minor) > AMOUNT_MAX:
        raise RuleBroken(ErrorReason.ERROR_REASON_AMOUNT_OUT_OF_RANGE, "The sum of what fits is out of range.")
    return Money(currency=currency, minor=minor)
