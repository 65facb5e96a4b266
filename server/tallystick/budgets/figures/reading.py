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

from tallystick.budgets.allotting import Wants
from tallystick.budgets.covering import Cover
from tallystick.budgets.figures.placing import Places, seen_in
from tallystick.budgets.figures.scope import Scope, categories_for
from tallystick.budgets.periods import Span
from tallystick.ledger.spending.queries_packed import ENTRIES, LABELLED, TAGS_OF, TOTALS, UNCATEGORIZED
from tallystick.ledger.spending.records import entries_in, pairs_in, told_in, totals_in
from tallystick.store.connection import Row
from tallystick.store.statements import Call
from tallystick.store.tx import ReadTx

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
        self._currency = currency
        self._is_envelope = is_envelope
        self._span = Span(periods[0].from_on, periods[-1].until_on)
        self._cover = Cover(periods)
        self._period_of = _PeriodOf(self._cover)
        self._places = Places(scope, wanted, len(periods), currency, is_envelope=is_envelope)
        self._tags: dict[bytes, set[UUID]] = defaultdict(set)
        self._asked: list[tuple[Call[*tuple[Any, ...]], Take]] = []

    async def run(self) -> Places:
        self._ask_by_category()
        self._ask_uncategorized()
        self._ask_labelled()
        found = await self._tx.fetch_all(*(call for call, _ in self._asked))
        for rows, (_, take) in zip(found, self._asked, strict=True):
            for row in rows:
                take(row)
                # A month of a large book at once, then others have their turn.
                await asyncio.sleep(0)
        return self._places

    def _ask_by_category(self) -> None:
        currency = self._currency
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
            self._ask(ENTRIES(accounts=foreign, **_days(self._cover.all_days()), **common), self._take_entries)

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
        month, records = row
        period, of_pair = self._cover.months.get(month.toordinal()), self._places.of_pair
        if period is not None:
            for pair, minor in totals_in(self._tx.seal, self._currency, month, records):
                of_pair[pair].minors[period] += minor

    def _take_moved(self, row: Row) -> None:
        """Days that the sum of their month has brought to another period, or to this one for no other day."""
        first_on, digits, records = row
        came_to, period_of, of_pair = self._cover.month_of(first_on), self._period_of, self._places.of_pair
        for pair, day, minor in entries_in(self._tx.seal, digits, records):
            minors = of_pair[pair].minors
            minors[period_of[day]] += minor
            minors[came_to] -= minor

    def _take_entries(self, row: Row) -> None:
        _, digits, records = row
        for pair, day, minor in entries_in(self._tx.seal, digits, records):
            self._places.add(self._places.of_pair[pair], self._period_of[day], day, minor)

    def _take_uncategorized(self, row: Row) -> None:
        for each in told_in(self._tx.seal, *row):
            place = self._places.of(seen_in(each.pair), each.kind)
            self._places.add(place, self._period_of[each.day], each.day, each.minor)

    def _take_tags(self, row: Row) -> None:
        for transaction, tag in pairs_in(row[0]):
            self._tags[transaction].add(UUID(bytes=tag))

    def _take_labelled(self, row: Row) -> None:
        """They stand already where they belong without their labels."""
        for each in told_in(self._tx.seal, *row):
            plain, period = seen_in(each.pair), self._period_of[each.day]
            tags = frozenset(self._tags.get(each.transaction, ()))
            seen = plain._replace(payee_id=UUID(bytes=each.payee), tag_ids=tags)
            self._places.add(self._places.of(seen, each.kind), period, each.day, each.minor)
            self._places.add(self._places.of(plain, each.kind), period, each.day, -each.minor)


class _PeriodOf(dict[int, int]):
    """The period of each day, looked up once."""

    def __init__(self, cover: Cover) -> None:
        super().__init__()
        self._cover = cover

    def __missing__(self, day: int) -> int:
        period = self[day] = self._cover.period_of(day)
        return period


def _days(spans: Sequence[Span]) -> dict[str, list[date]]:
    return {"from_days": [span.from_on for span in spans], "until_days": [span.until_on for span in spans]}
