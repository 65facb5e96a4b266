"""What was spent and earned in some spans, by account and category? From kept totals where they know it, else from entries, asked at once.

- Months of accounts in the wanted currency come from totals: a cell each, however many transactions there were. What of a month is in
  another span, or in none, is moved there entry by entry (covering.py).
- All days of accounts in other currencies come from entries: those are converted day by day.
- What has no category is told from transfers by its transaction. Totals cannot tell them apart.
- What totals do not know, such as payment methods and texts, is answered by the transactions that fit.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.covering import Cover, month_by_month
from tallystick.ledger.spending.queries import Sight
from tallystick.ledger.spending.queries_packed import (
    COUNTED_OF,
    ENTRIES,
    TOTALS,
    UNCATEGORIZED,
    counted_that_fit,
    days_of,
)
from tallystick.ledger.spending.records import Pair, Told, account_in, category_in, entries_in, told_in, totals_in
from tallystick.ledger.spending.rules import Amounts, Seen, Side, Span, side_of_category, side_of_kind
from tallystick.ledger.transactions.queries_lists import find_filters
from tallystick.ledger.transactions.rules_lists import Query
from tallystick.ledger.transactions.scan import Scan, find_named
from tallystick.store.connection import Row
from tallystick.store.statements import Call
from tallystick.store.tx import ReadTx, Snapshot

Take = Callable[[Row], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be summed up. `spans` are in order, and no day is in two of them; `currency` is the one that will be converted to."""

    spans: Sequence[Span]
    currency: str
    accounts: Sequence[Seen]
    # The nil UUID stands for what has no category.
    category_ids: Collection[UUID]

    @property
    def first_on(self) -> date:
        return self.spans[0][0]

    @property
    def last_on(self) -> date:
        return self.spans[-1][1]

    @property
    def dates(self) -> dict[str, date]:
        """All days from the first to the last, as queries take them."""
        return {"booked_from": self.first_on, "booked_until": self.last_on}


class Walk:
    """One walk through some spans, and what was found so far."""

    def __init__(self, tx: ReadTx, sight: Sight, wanted: Wanted) -> None:
        self._tx = tx
        self._wanted = wanted
        self._of_pair = _ByPair(sight, wanted)
        # Of what transactions tell about: what has no category, or whatever fits.
        self._told = {side: _ByPair(sight, wanted, side) for side in Side}
        self._asked: list[tuple[Call[*tuple[Any, ...]], Take]] = []
        self.cover = Cover(wanted.spans)

    def ask(self, call: Call[*tuple[Any, ...]], take: Take) -> None:
        self._asked.append((call, take))

    def ask_kept(self) -> None:
        """All that was spent and earned."""
        wanted = self._wanted
        common = {"space_id": self._tx.space_id, "categories": [*{*wanted.category_ids} - {NO_CATEGORY}]}
        home = [each.id for each in wanted.accounts if each.currency == wanted.currency]
        foreign = [each.id for each in wanted.accounts if each.currency != wanted.currency]
        if home and common["categories"] and self.cover.months:
            first, last = (date.fromordinal(each) for each in (min(self.cover.months), max(self.cover.months)))
            dates = {"booked_from": first, "booked_until": last}
            self.ask(TOTALS(accounts=home, currency=wanted.currency, **dates, **common), self._take_totals)
        if home and common["categories"] and self.cover.days:
            self.ask(ENTRIES(accounts=home, **days_of(self.cover.days), **common), self._take_moved)
        if foreign and common["categories"]:
            every_day = month_by_month((wanted.first_on, wanted.last_on))
            self.ask(ENTRIES(accounts=foreign, **days_of(every_day), **common), self._take_entries)
        if NO_CATEGORY in wanted.category_ids:
            everywhere = {"space_id": self._tx.space_id, "accounts": [*home, *foreign]}
            self.ask(UNCATEGORIZED(**everywhere, **wanted.dates), self._take_told)

    async def run(self) -> None:
        found = await self._tx.fetch_all(*(call for call, _ in self._asked)) if self._asked else []
        for rows, (_, take) in zip(found, self._asked, strict=True):
            for row in rows:
                take(row)
                # A month of a large book at once, then others have their turn.
                await asyncio.sleep(0)

    def add(self, chunk: Iterable[Told]) -> None:
        for told in chunk:
            amounts = self._told[side_of_kind(told.kind)][told.pair]
            amounts.add(self.cover.span_of[told.day], told.day, told.minor)

    def found(self) -> Iterator[Amounts]:
        return (each for by_pair in (self._of_pair, *self._told.values()) for each in by_pair.values())

    def _take_totals(self, row: Row) -> None:
        month, records = row
        span, of_pair = self.cover.months.get(month.toordinal()), self._of_pair
        if span is not None:
            for pair, minor in totals_in(self._tx.seal, self._wanted.currency, month, records):
                of_pair[pair].minors[span] += minor

    def _take_moved(self, row: Row) -> None:
        """Days that the sum of their month has brought to another span, or to this one for no other day."""
        first_on, digits, records = row
        came_to, span_of, of_pair = self.cover.month_of(first_on), self.cover.span_of, self._of_pair
        for pair, day, minor in entries_in(self._tx.seal, digits, records):
            minors = of_pair[pair].minors
            minors[span_of[day]] += minor
            minors[came_to] -= minor

    def _take_entries(self, row: Row) -> None:
        _, digits, records = row
        span_of, of_pair = self.cover.span_of, self._of_pair
        for pair, day, minor in entries_in(self._tx.seal, digits, records):
            of_pair[pair].add(span_of[day], day, minor)

    def _take_told(self, row: Row) -> None:
        self.add(told_in(self._tx.seal, *row))


class _ByPair(dict[Pair, Amounts]):
    """Amounts as they grow. What no transaction tells about is on the side of its category."""

    def __init__(self, sight: Sight, wanted: Wanted, side: Side | None = None) -> None:
        super().__init__()
        self._kinds = sight.kinds
        self._wanted = wanted
        self._accounts = {each.id.bytes: each for each in wanted.accounts}
        self._categories = {each.bytes: each for each in wanted.category_ids}
        self._side = side

    def __missing__(self, pair: Pair) -> Amounts:
        account, category_id = self._accounts[account_in(pair)], self._categories[category_in(pair)]
        side = self._side or side_of_category(self._kinds[category_id])
        is_home = account.currency == self._wanted.currency
        amounts = self[pair] = Amounts(account, category_id, side, len(self._wanted.spans), is_home=is_home)
        return amounts


async def sum_up(tx: Snapshot, sight: Sight, wanted: Wanted, narrowed: Query | None = None) -> list[Amounts]:
    """What was spent and earned; `narrowed`: in the transactions that fit. What comes to nothing may be missing."""
    walk = Walk(tx, sight, wanted)
    if narrowed is None:
        walk.ask_kept()
        await walk.run()
    else:
        async with aclosing(read_told(tx, wanted, narrowed)) as chunks:
            async for chunk in chunks:
                walk.add(chunk)
    return [*walk.found()]


async def read_told(tx: Snapshot, wanted: Wanted, query: Query) -> AsyncGenerator[Iterator[Told], None]:
    """What was spent and earned from the first to the last day, in the transactions that fit."""
    query = replace(query, booked_from=wanted.first_on, booked_until=wanted.last_on)
    categories = {each.bytes for each in wanted.category_ids}
    async with aclosing(_fitting_rows(tx, [each.id for each in wanted.accounts], query)) as rows:
        async for row in rows:
            yield (told for told in told_in(tx.seal, *row) if category_in(told.pair) in categories)
            await asyncio.sleep(0)


async def _fitting_rows(
    tx: Snapshot, accounts: Sequence[UUID], query: Query
) -> AsyncGenerator[tuple[int, bytes], None]:
    filters = await find_filters(tx, query)
    if not query.opens_gists:
        for row in await tx.fetch(counted_that_fit(tx.space_id, accounts, filters)):
            yield row
        return
    scan = Scan(tx, query, filters, await find_named(tx, query.sought.needle))
    async with aclosing(scan.ids()) as found:
        async for ids in found:
            for row in await tx.fetch(COUNTED_OF(space_id=tx.space_id, accounts=accounts, ids=ids)):
                yield row
