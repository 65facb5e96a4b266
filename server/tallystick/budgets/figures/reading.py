"""What was spent in the periods of a budget? Whole months from their kept sums, the rest from entries, all asked at once.

By account and category nearly all is known. What depends on payees and tags is read besides, and moved from where it counts without
them to where it counts with them; so a budget that names none reads none.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tallystick.budgets.allotting import Seen, Wants
from tallystick.budgets.covering import Cover
from tallystick.budgets.figures.placing import Places
from tallystick.budgets.figures.scope import Scope, categories_for
from tallystick.budgets.figures.tallying import Tally
from tallystick.budgets.periods import Span
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.queries_packed import ENTRIES, LABELLED, TAGS_OF, TOTALS, UNCATEGORIZED
from tallystick.ledger.spending.records import entries_in, pairs_in, told_in, totals_in
from tallystick.store.connection import Row
from tallystick.store.statements import Call
from tallystick.store.tx import ReadTx

_NO_PAYEE = UUID(int=0)
Take = Callable[[Row], None]


class Reading:
    """One walk through what was spent in some periods, given in the order of the calendar."""

    def __init__(
        self,
        tx: ReadTx,
        scope: Scope,
        wanted: Sequence[Wants],
        periods: Sequence[Span],
        currency: str,
        *,
        is_envelope: bool,
    ) -> None:
        self._tx = tx
        self._scope = scope
        self._wanted = wanted
        self._is_envelope = is_envelope
        self._span = Span(periods[0].from_on, periods[-1].until_on)
        self._cover = Cover(periods)
        self._tally = Tally(currency)
        self.places = Places(scope, wanted, is_envelope=is_envelope)
        self._tags: dict[bytes, set[UUID]] = defaultdict(set)
        self._asked: list[tuple[Call[*tuple[Any, ...]], Take]] = []

    async def run(self) -> Tally:
        self._ask_by_category()
        self._ask_uncategorized()
        self._ask_labelled()
        found = await self._tx.fetch_all(*(call for call, _ in self._asked))
        for rows, (_, take) in zip(found, self._asked, strict=True):
            for row in rows:
                take(row)
                # A month of a large book at once, then others have their turn.
                await asyncio.sleep(0)
        return self._tally

    def _ask_by_category(self) -> None:
        currency = self._tally.currency
        categories = categories_for(self._wanted, self._scope, is_envelope=self._is_envelope)
        home, foreign = self._scope.accounts_in(currency), self._scope.accounts_not_in(currency)
        common = {"space_id": self._tx.space_id, "categories": categories}
        if home and categories and self._cover.months:
            first, last = (date.fromordinal(each) for each in (min(self._cover.months), max(self._cover.months)))
            self._ask(
                TOTALS(accounts=home, currency=currency, from_on=first, until_on=last, **common), self._take_totals
            )
        if home and categories and self._cover.days:
            self._ask(ENTRIES(accounts=home, **_days(self._cover.days), **common), self._take_moved)
        if foreign and categories:
            self._ask(ENTRIES(accounts=foreign, **_days([self._span]), **common), self._take_entries)

    def _ask_uncategorized(self) -> None:
        needs_none = any(not (wants.category_ids or wants.payee_ids or wants.tag_ids) for wants in self._wanted)
        if self._is_envelope or needs_none:
            self._ask(UNCATEGORIZED(**self._everywhere()), self._take_uncategorized)

    def _ask_labelled(self) -> None:
        payees = frozenset[UUID]().union(*(wants.payee_ids for wants in self._wanted))
        tags = frozenset[UUID]().union(*(wants.tag_ids for wants in self._wanted))
        if tags:
            days = {"from_on": self._span.from_on, "until_on": self._span.until_on}
            self._ask(TAGS_OF(space_id=self._tx.space_id, tags=list(tags), **days), self._take_tags)
        if payees or tags:
            self._ask(LABELLED(payees=list(payees), tags=list(tags), **self._everywhere()), self._take_labelled)

    def _ask(self, call: Call[*tuple[Any, ...]], take: Take) -> None:
        self._asked.append((call, take))

    def _everywhere(self) -> dict[str, Any]:
        return {
            "space_id": self._tx.space_id,
            "accounts": list(self._scope.accounts),
            "from_on": self._span.from_on,
            "until_on": self._span.until_on,
        }

    def _take_totals(self, row: Row) -> None:
        add, find, months = self._tally.add, self.places.find, self._cover.months
        for minor, account, category, month in totals_in(self._tx.seal, row[0]):
            if month in months:
                add(find(account, category), months[month], month, minor)

    def _take_moved(self, row: Row) -> None:
        """Days that the sum of their month has brought to another period, or to this one for no other day."""
        add, find, cover = self._tally.add, self.places.find, self._cover
        for minor, account, category, day in entries_in(self._tx.seal, *row):
            place = find(account, category)
            add(place, cover.period_of(day), day, minor)
            add(place, cover.month_of(day), day, -minor)

    def _take_entries(self, row: Row) -> None:
        for minor, account, category, day in entries_in(self._tx.seal, *row):
            self._tally.add(self.places.find(account, category), self._cover.period_of(day), day, minor)

    def _take_uncategorized(self, row: Row) -> None:
        for (minor, account, category, day), kind, *_ in told_in(self._tx.seal, *row):
            self._tally.add(self.places.find(account, category, kind), self._cover.period_of(day), day, minor)

    def _take_tags(self, row: Row) -> None:
        for transaction, tag in pairs_in(row[0]):
            self._tags[transaction].add(UUID(bytes=tag))

    def _take_labelled(self, row: Row) -> None:
        """They stand already where they belong without their labels."""
        for (minor, account, category, day), kind, payee, transaction in told_in(self._tx.seal, *row):
            category_id, payee_id = UUID(bytes=category), UUID(bytes=payee)
            has_category = category_id != NO_CATEGORY
            seen = Seen(
                UUID(bytes=account),
                category_id if has_category else None,
                payee_id if payee_id != _NO_PAYEE else None,
                frozenset(self._tags.get(transaction, ())),
            )
            period = self._cover.period_of(day)
            self._tally.add(self.places.place(seen, kind), period, day, minor)
            self._tally.add(self.places.find(account, category, 0 if has_category else kind), period, day, -minor)


def _days(spans: Sequence[Span]) -> dict[str, list[date]]:
    return {"from_days": [span.from_on for span in spans], "until_days": [span.until_on for span in spans]}
