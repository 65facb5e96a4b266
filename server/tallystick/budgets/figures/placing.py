"""Where does an entry belong, by its account and category alone, and with what its transaction says?"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.budgets.allotting import Seen, Wants, allot
from tallystick.budgets.figures.scope import Scope
from tallystick.budgets.figures.tallying import Place, Slots
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.transactions.rules import EXPENSE, INCOME


class Places:
    """The places of a budget. What is asked often is found once."""

    def __init__(self, scope: Scope, wanted: Sequence[Wants], *, is_envelope: bool) -> None:
        self._scope = scope
        self._wanted = wanted
        self._is_envelope = is_envelope
        self.slots = Slots(len(wanted))
        self._known: dict[tuple[bytes, bytes, int], Place] = {}

    def find(self, account: bytes, category: bytes, kind: int = 0) -> Place:
        """By account and category. What has no category needs its kind."""
        key = (account, category, kind)
        place = self._known.get(key)
        if place is None:
            category_id = UUID(bytes=category)
            seen = Seen(UUID(bytes=account), category_id if category_id != NO_CATEGORY else None)
            place = self._known[key] = self.place(seen, kind)
        return place

    def place(self, seen: Seen, kind: int) -> Place:
        if seen.category_id is not None:
            kind = EXPENSE if self._scope.is_spending.get(seen.category_id, True) else INCOME
        currency, holder = self._scope.accounts[seen.account_id].currency, self._scope.holders[seen.account_id]
        if kind == INCOME:
            return Place((self.slots.income,) if self._is_envelope else (), True, holder, currency)
        items = allot(self._wanted, seen, is_envelope=self._is_envelope)
        if items:
            return Place((*items, self.slots.whole), False, holder, currency)
        return Place((self.slots.unbudgeted,) if self._is_envelope else (), False, holder, currency)
