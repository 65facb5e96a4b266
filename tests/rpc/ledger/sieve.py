"""Which transactions fit a request, and in which order? The contract's words again, over all transactions, without a database."""

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from people import new_id
from rpc.ledger.accounts import ADJUSTMENT, EXPENSE, INCOME, OPENING, REFUND, TRANSFER
from rpc.ledger.crowded_book import DAYS, MINORS, CrowdedBook
from tallystick.currencies import EXPONENTS
from tallystick_client.v1.ledger_pb2 import Transaction
from tallystick_client.v1.ledger_service_pb2 import ListTransactionsRequest, TransactionOrder
from tallystick_client.v1.money_pb2 import Money

DATE_ASCENDING = TransactionOrder.TRANSACTION_ORDER_DATE_ASCENDING
AMOUNT_DESCENDING = TransactionOrder.TRANSACTION_ORDER_AMOUNT_DESCENDING
AMOUNT_ASCENDING = TransactionOrder.TRANSACTION_ORDER_AMOUNT_ASCENDING
# No two words of one field stand in the next one, so that these are in one field or in none.
NEEDLES = ["bakery", "STRASSE", "straße", "café", "CAFE\u0301", "müll", "eck", "rent &", "1", "a b", "nothing", " "]


def money_of(transaction: Transaction) -> Money:
    """The one amount that a transaction is about."""
    if transaction.kind == TRANSFER:
        (leaving,) = (entry.amount for entry in transaction.entries if entry.amount.minor < 0)
        return Money(currency=leaving.currency, minor=-leaving.minor)
    total = sum(entry.amount.minor for entry in transaction.entries)
    return Money(currency=transaction.entries[0].amount.currency, minor=abs(total))


def number_of(amount: Money) -> Fraction:
    return Fraction(amount.minor, 10 ** EXPONENTS[amount.currency])


def plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


@dataclass(frozen=True)
class Sieve:
    """What a request lets through of a book, as one member sees it."""

    crowd: CrowdedBook
    request: ListTransactionsRequest
    user_id: str

    def expected(self) -> list[Transaction]:
        """All that fit, in order."""
        request = self.request
        everything = self.crowd.deleted if request.deleted else self.crowd.live
        found = sorted((one for one in everything.values() if self._fits(one)), key=lambda one: one.id)
        by_amount = request.order_by in (AMOUNT_DESCENDING, AMOUNT_ASCENDING)
        found.sort(key=lambda one: number_of(money_of(one)) if by_amount else one.booked_on)
        return found if request.order_by in (DATE_ASCENDING, AMOUNT_ASCENDING) else found[::-1]

    def _fits(self, one: Transaction) -> bool:
        request, entries = self.request, one.entries
        # Accounts that the member cannot see have no currency for them.
        seen = [
            e
            for e in entries
            if e.account_id != self.crowd.private_id or self.user_id == self.crowd.book.person.user.id
        ]
        return all(
            (
                one.private_to in ("", self.user_id),
                not request.booked_from or one.booked_on >= request.booked_from,
                not request.booked_until or one.booked_on <= request.booked_until,
                _any(request.account_ids, (entry.account_id for entry in entries)),
                _any(self._with_children(request.category_ids), (entry.category_id for entry in entries)),
                _any(request.payee_ids, [one.payee_id]),
                _any(request.tag_ids, one.tag_ids),
                _any(request.payment_method_ids, [one.payment_method_id]),
                _any(request.kinds, [one.kind]),
                _any(request.statuses, [one.status]),
                _any(request.currencies, (entry.amount.currency for entry in seen)),
                not request.uncategorized
                or (one.kind in (EXPENSE, INCOME, REFUND) and any(not entry.category_id for entry in entries)),
                self._has_amount(money_of(one)),
                self._has_text(one),
            )
        )

    def _with_children(self, category_ids: Iterable[str]) -> set[str]:
        wanted = set(category_ids)
        for _ in self.crowd.parent_of:
            wanted |= {child for child, parent in self.crowd.parent_of.items() if parent in wanted}
        return wanted

    def _has_amount(self, amount: Money) -> bool:
        request = self.request
        return (
            not request.HasField("min_amount")
            or (amount.currency == request.min_amount.currency and amount.minor >= request.min_amount.minor)
        ) and (
            not request.HasField("max_amount")
            or (amount.currency == request.max_amount.currency and amount.minor <= request.max_amount.minor)
        )

    def _has_text(self, one: Transaction) -> bool:
        texts = [one.payee, one.note, *(entry.note for entry in one.entries)]
        texts.append(self.crowd.payee_names.get(one.payee_id, ""))
        return any(plain(self.request.text) in plain(text) for text in texts)


def _any(wanted: Collection[Any], there: Iterable[Any]) -> bool:
    return not wanted or not set(wanted).isdisjoint(there)


def totals_of(transactions: Iterable[Transaction]) -> dict[str, tuple[int, int, int]]:
    """Of each currency what was spent and earned, and the net."""
    sums: dict[str, list[int]] = {}
    for one in transactions:
        for entry in one.entries:
            sum_ = sums.setdefault(entry.amount.currency, [0, 0, 0])
            sum_[0] -= entry.amount.minor if one.kind in (EXPENSE, REFUND) else 0
            sum_[1] += entry.amount.minor if one.kind == INCOME else 0
            sum_[2] += entry.amount.minor
    return {currency: (spent, earned, net) for currency, (spent, earned, net) in sums.items()}


class Asking:
    """Makes requests of every shape: one filter, or any of them together, in every order."""

    def __init__(self, crowd: CrowdedBook, seed: int) -> None:
        self._dice = Random(seed)
        self._book_id = crowd.book.id
        dice = self._dice
        self._filters: dict[str, Any] = {
            "booked_from": lambda: dice.choice(DAYS),
            "booked_until": lambda: dice.choice(DAYS),
            "account_ids": lambda: self._some([*crowd.currency_of, new_id()]),
            "category_ids": lambda: self._some([*crowd.parent_of, *crowd.earning_ids, new_id()]),
            "payee_ids": lambda: self._some([*crowd.payee_names, new_id()]),
            "tag_ids": lambda: self._some([*crowd.tag_ids, new_id()]),
            "payment_method_ids": lambda: self._some([*crowd.method_ids, new_id()]),
            "kinds": lambda: self._some([EXPENSE, INCOME, TRANSFER, REFUND, OPENING, ADJUSTMENT]),
            "statuses": lambda: self._some([1, 2, 3]),
            "currencies": lambda: self._some(["EUR", "USD", "JPY", "KWD", "CHF"]),
            "amounts": lambda: None,
            "text": lambda: dice.choice(NEEDLES),
            "uncategorized": lambda: True,
        }

    def _some(self, values: list[Any]) -> list[Any]:
        return self._dice.sample(values, min(len(values), self._dice.choice([1, 1, 2, 4])))

    def any_request(self) -> ListTransactionsRequest:
        dice = self._dice
        several = dice.choice([0, 1, 1, 2, 3])
        return self.request(dice.sample(list(self._filters), several), dice.randrange(5))

    def each_alone(self) -> list[ListTransactionsRequest]:
        """Every filter by itself in every order."""
        return [self.request([name], order) for name in self._filters for order in range(5)]

    def request(self, names: list[str], order: Any) -> ListTransactionsRequest:
        dice = self._dice
        fields: dict[str, Any] = {name: self._filters[name]() for name in names if name != "amounts"}
        if "amounts" in names:
            currency = dice.choice(["EUR", "EUR", "USD", "JPY"])
            bounds = sorted(dice.choices(MINORS, k=2))
            chosen = dice.choice([["min_amount"], ["max_amount"], ["min_amount", "max_amount"]])
            fields |= {name: Money(currency=currency, minor=minor) for name, minor in zip(chosen, bounds, strict=False)}
        if fields.get("booked_from", "") > fields.get("booked_until", "9999-12-31"):
            fields["booked_from"], fields["booked_until"] = fields["booked_until"], fields["booked_from"]
        return ListTransactionsRequest(
            book_id=self._book_id,
            order_by=order,
            page_size=dice.choice([3, 7, 20, 50, 200]),
            with_totals=dice.random() < 0.3,
            deleted=dice.random() < 0.2,
            **fields,
        )
