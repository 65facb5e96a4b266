"""Where does an entry belong, by its account and category alone, and with what its transaction says?"""

from collections.abc import Iterator, Sequence

from tallystick.budgets.allotting import Allotment, Seen, Wants
from tallystick.budgets.figures.tallying import Place, Slots
from tallystick.ledger.spending.queries import Sight
from tallystick.ledger.spending.rules import Side


class Places:
    """The places of a budget, in so many periods. Each is there once, however many accounts and categories lead to it."""

    def __init__(
        self, sight: Sight, wanted: Sequence[Wants], periods: int, currency: str, *, is_envelope: bool
    ) -> None:
        self._sight = sight
        self._wanted = wanted
        self._periods = periods
        self._currency = currency
        self._is_envelope = is_envelope
        self._allotment = Allotment(wanted, is_envelope=is_envelope)
        self._slots = Slots(len(wanted))
        self._known: dict[tuple[tuple[int, ...], str, str, Side], Place] = {}

    def __iter__(self) -> Iterator[Place]:
        return iter(self._known.values())

    def empty(self) -> "Places":
        """The same with nothing in them, for one period."""
        return Places(self._sight, self._wanted, 1, self._currency, is_envelope=self._is_envelope)

    def of(self, seen: Seen, side: Side) -> Place:
        account = self._sight.accounts[seen.account_id]
        slots = self._income_slots() if side is Side.EARNED else self._spending_slots(seen)
        key = slots, str(account.member_id or ""), account.currency, side
        place = self._known.get(key)
        if place is None:
            is_home = account.currency == self._currency
            place = self._known[key] = Place(*key, self._periods, is_home=is_home)
        return place

    def _income_slots(self) -> tuple[int, ...]:
        return (self._slots.income,) if self._is_envelope else ()

    def _spending_slots(self, seen: Seen) -> tuple[int, ...]:
        if items := self._allotment.items_of(seen):
            return (*items, self._slots.whole)
        return (self._slots.unbudgeted,) if self._is_envelope else ()
