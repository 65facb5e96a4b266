"""Where does an entry belong, by its account and category alone, and with what its transaction says?"""

from collections.abc import Iterator, Sequence

from tallystick.budgets.allotting import Allotment, Seen, Wants
from tallystick.budgets.covering import NOWHERE
from tallystick.budgets.figures.scope import Scope
from tallystick.budgets.figures.tallying import Place, Slots
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.records import Pair, ids_of
from tallystick.ledger.transactions.rules import EXPENSE, INCOME


class Places:
    """The places of a budget, in so many periods. Each is there once, however many accounts and categories lead to it, and what leads to
    it is found out once."""

    def __init__(
        self, scope: Scope, wanted: Sequence[Wants], periods: int, currency: str, *, is_envelope: bool
    ) -> None:
        self._scope = scope
        self._wanted = wanted
        self._periods = periods
        self._currency = currency
        self._is_envelope = is_envelope
        self._allotment = Allotment(wanted, is_envelope=is_envelope)
        self._slots = Slots(len(wanted))
        self._known: dict[tuple[tuple[int, ...], str, str], Place] = {}
        self.of_pair = _ByPair(self)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._known.values())

    def empty(self) -> "Places":
        """The same with nothing in them, for one period."""
        return Places(self._scope, self._wanted, 1, self._currency, is_envelope=self._is_envelope)

    def of(self, seen: Seen, kind: int) -> Place:
        """The kind decides only for what has no category."""
        if seen.category_id is not None:
            kind = EXPENSE if self._scope.is_spending.get(seen.category_id, True) else INCOME
        account_id, is_income = seen.account_id, kind == INCOME
        slots = self._income_slots() if is_income else self._spending_slots(seen)
        key = slots, self._scope.holders[account_id], self._scope.accounts[account_id].currency
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = Place(*key, self._periods, is_income=is_income)
        return place

    def add(self, place: Place, period: int, day: int, minor: int) -> None:
        if place.currency == self._currency:
            place.minors[period] += minor
        elif period != NOWHERE:
            place.days[period, day] += minor

    def _income_slots(self) -> tuple[int, ...]:
        return (self._slots.income,) if self._is_envelope else ()

    def _spending_slots(self, seen: Seen) -> tuple[int, ...]:
        if items := self._allotment.items_of(seen):
            return (*items, self._slots.whole)
        return (self._slots.unbudgeted,) if self._is_envelope else ()


class _ByPair(dict[Pair, Place]):
    """Where entries with a category belong, but for what payees and tags say."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._places = places

    def __missing__(self, pair: Pair) -> Place:
        place = self[pair] = self._places.of(seen_in(pair), EXPENSE)
        return place


def seen_in(pair: Pair) -> Seen:
    account_id, category_id = ids_of(pair)
    return Seen(account_id, category_id if category_id != NO_CATEGORY else None)
