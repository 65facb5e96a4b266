"""What was spent in the periods of a budget? All that reports read, too, and what payees and tags say besides.

By account and category nearly all is known. What depends on payees and tags is read in the same round trip, and moved from where it counts
without them to where it counts with them; so a budget that names none reads none.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from tallystick.budgets.allotting import Seen, Wants
from tallystick.budgets.figures.placing import Places
from tallystick.budgets.figures.scope import categories_for
from tallystick.budgets.periods import Span
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.queries import Sight
from tallystick.ledger.spending.queries_packed import LABELLED, TAGS_OF
from tallystick.ledger.spending.queries_sums import Walk, Wanted
from tallystick.ledger.spending.records import account_in, category_in, pairs_in, told_in
from tallystick.ledger.spending.rules import side_of_kind
from tallystick.store.connection import Row
from tallystick.store.tx import ReadTx


async def read_places(
    tx: ReadTx, sight: Sight, wanted: Sequence[Wants], periods: Sequence[Span], currency: str, *, is_envelope: bool
) -> Places:
    """The periods are given in the order of the calendar."""
    places = Places(sight, wanted, len(periods), currency, is_envelope=is_envelope)
    categories = categories_for(wanted, sight, is_envelope=is_envelope)
    of_periods = Wanted(periods, currency, [*sight.accounts.values()], categories)
    walk = Walk(tx, sight, of_periods)
    walk.ask_kept()
    _Labels(tx, walk, places).ask(wanted, of_periods)
    await walk.run()
    for amounts in walk.found():
        category_id = amounts.category_id if amounts.category_id != NO_CATEGORY else None
        places.of(Seen(amounts.account.id, category_id), amounts.side).include(amounts)
    return places


class _Labels:
    """Moves what has one of the payees or tags."""

    def __init__(self, tx: ReadTx, walk: Walk, places: Places) -> None:
        self._tx = tx
        self._walk = walk
        self._places = places
        self._tags: dict[bytes, set[UUID]] = defaultdict(set)

    def ask(self, wanted: Sequence[Wants], of_periods: Wanted) -> None:
        payees = frozenset[UUID]().union(*(wants.payee_ids for wants in wanted))
        tags = frozenset[UUID]().union(*(wants.tag_ids for wants in wanted))
        common = {"space_id": self._tx.space_id, "tags": [*tags], **of_periods.dates}
        if tags:
            self._walk.ask(TAGS_OF(**common), self._take_tags)
        if payees or tags:
            accounts = [each.id for each in of_periods.accounts]
            self._walk.ask(LABELLED(payees=[*payees], accounts=accounts, **common), self._take_labelled)

    def _take_tags(self, row: Row) -> None:
        for transaction, tag in pairs_in(row[0]):
            self._tags[transaction].add(UUID(bytes=tag))

    def _take_labelled(self, row: Row) -> None:
        """They stand already where they belong without their labels."""
        for told in told_in(self._tx.seal, *row):
            account_id, category_id = (UUID(bytes=part(told.pair)) for part in (account_in, category_in))
            plain = Seen(account_id, category_id if category_id != NO_CATEGORY else None)
            tags = frozenset(self._tags.get(told.transaction, ()))
            seen = plain._replace(payee_id=UUID(bytes=told.payee), tag_ids=tags)
            period, side = self._walk.cover.span_of[told.day], side_of_kind(told.kind)
            self._places.of(seen, side).add(period, told.day, told.minor)
            self._places.of(plain, side).add(period, told.day, -told.minor)
