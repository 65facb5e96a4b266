"""What was spent and earned in some spans, by account, category and day? From kept totals where they know it, else from entries.

- Whole months of accounts in the wanted currency come from totals: a cell each, however many transactions there were.
- Days at the ends of spans come from entries, and so do all days of accounts in other currencies: those are converted day by day.
- What has no category is told from transfers by its transaction. Totals cannot tell them apart.
- What totals do not know, such as payees, tags and texts, is answered by the transactions that fit.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, timedelta
from struct import Struct
from typing import NamedTuple, TypeVar
from uuid import UUID

from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.spending.queries import Sight
from tallystick.ledger.spending.queries_entries import (
    ACCOUNT_AT,
    CATEGORY_AT,
    COUNTED_OF,
    FILED_ON,
    ID_BYTES,
    MONTH_AT,
    PLACE_AT,
    TOTALS_BETWEEN,
    UNFILED_BETWEEN,
    VERSION_AT,
    EntryRow,
    counted_that_fit,
)
from tallystick.ledger.spending.rules import (
    CurrencyDay,
    Seen,
    Side,
    Slot,
    Span,
    count_on,
    find_span,
    joined,
    side_of_category,
    side_of_kind,
    split,
)
from tallystick.ledger.tables import ENTRY, TOTAL
from tallystick.ledger.transactions.queries_lists import find_filters
from tallystick.ledger.transactions.rules_lists import Query
from tallystick.ledger.transactions.scan import Scan, find_named
from tallystick.store.tx import Snapshot

T = TypeVar("T")
# A mark, the sealed amount, the number of the span, and the place.
MarkedTotal = tuple[bytes, bytes, int, bytes]

SLICE_ROWS = 1000
# Of so many days at once, so that others have their turn in between.
DAYS_AT_ONCE = timedelta(days=366)
_DAY = timedelta(days=1)
# How PostgreSQL sends a date: the days since then.
_EPOCH, _DAYS_SENT = date(2000, 1, 1).toordinal(), Struct("!i")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be summed up. `spans` are in order, and no day is in two of them; `currency` is the one that will be converted to."""

    spans: Sequence[Span]
    currency: str
    accounts: Sequence[Seen]
    # The categories, the nil UUID for what has none. None: all.
    category_ids: frozenset[UUID] | None = None
    # What totals do not know of. None: nothing of that kind was asked.
    narrowed: Query | None = None


async def sum_up(tx: Snapshot, sight: Sight, wanted: Wanted) -> dict[Slot, dict[CurrencyDay, int]]:
    """What was spent and earned. What comes to nothing may be missing."""
    adding = _Adding(sight, wanted)
    if not wanted.accounts or not wanted.spans:
        return {}
    if wanted.narrowed is not None:
        await _add_fitting(tx, wanted, wanted.narrowed, adding)
    else:
        await _add_kept(tx, sight, wanted, adding)
    return adding.compose()


async def _add_kept(tx: Snapshot, sight: Sight, wanted: Wanted, adding: "_Adding") -> None:
    pieces, everything = split(wanted.spans), [each.id for each in wanted.accounts]
    home = [each.id for each in wanted.accounts if each.currency == wanted.currency]
    months = _Months(wanted.currency, pieces.months)
    categories = [each for each in sight.kinds if wanted.category_ids is None or each in wanted.category_ids]
    has_unfiled = wanted.category_ids is None or NO_CATEGORY in wanted.category_ids
    for first, last in _at_once(wanted.spans):
        dates = {"booked_from": first, "booked_until": last}
        totals, unfiled = await tx.fetch_all(
            TOTALS_BETWEEN(
                space_id=tx.space_id,
                accounts=home if pieces.months else [],
                categories=categories,
                currency=wanted.currency,
                **dates,
            ),
            UNFILED_BETWEEN(space_id=tx.space_id, accounts=everything if has_unfiled else [], **dates),
        )
        for some in _sliced(totals):
            marked = months.mark(some)
            adding.add_totals(marked, tx.seal.open_many(TOTAL.place, marked))
            await asyncio.sleep(0)
        for some in _sliced(unfiled):
            adding.add_entries(some, tx.seal.open_many(ENTRY.place, some))
            await asyncio.sleep(0)
    await _add_filed(tx, wanted, categories, pieces.days, adding)


async def _add_filed(
    tx: Snapshot, wanted: Wanted, categories: Sequence[UUID], days: Sequence[Span], adding: "_Adding"
) -> None:
    """Of accounts in the wanted currency the days of months that are not whole; of the others all days."""
    everything = joined(wanted.spans)
    asked = [
        (each.id, *span)
        for each in wanted.accounts
        for span in (days if each.currency == wanted.currency else everything)
    ]
    if not asked or not categories:
        return
    accounts, firsts, lasts = zip(*asked, strict=True)
    call = FILED_ON(
        space_id=tx.space_id, accounts=list(accounts), firsts=list(firsts), lasts=list(lasts), categories=categories
    )
    async with aclosing(tx.slices(call, SLICE_ROWS)) as slices:
        async for rows in slices:
            adding.add_entries(rows, tx.seal.open_many(ENTRY.place, rows))


async def _add_fitting(tx: Snapshot, wanted: Wanted, query: Query, adding: "_Adding") -> None:
    accounts, filters = [each.id for each in wanted.accounts], await find_filters(tx, query)
    if not query.opens_gists:
        async with aclosing(tx.slices(counted_that_fit(tx.space_id, accounts, filters), SLICE_ROWS)) as slices:
            async for rows in slices:
                adding.add_entries(rows, tx.seal.open_many(ENTRY.place, rows))
        return
    scan = Scan(tx, query, filters, await find_named(tx, query.sought.needle))
    async with aclosing(scan.ids()) as found:
        async for ids in found:
            rows = await tx.fetch(COUNTED_OF(space_id=tx.space_id, accounts=accounts, ids=ids))
            adding.add_entries(rows, tx.seal.open_many(ENTRY.place, rows))


class _Place(NamedTuple):
    """What an account and a category say of an amount."""

    account_id: UUID
    category_id: UUID
    side: Side
    currency: str


class _Months:
    """The months whose totals are wanted, each by the bytes that PostgreSQL sends for it."""

    def __init__(self, currency: str, months: Mapping[date, int]) -> None:
        self._known = {
            _DAYS_SENT.pack(month.toordinal() - _EPOCH): (span, f"|{currency}|{month}".encode())
            for month, span in months.items()
        }

    def mark(self, rows: Sequence[tuple[bytes, bytes]]) -> list[MarkedTotal]:
        """The totals of those months, as they are opened."""
        known = self._known
        return [
            (mark[VERSION_AT] + mark[ACCOUNT_AT] + b"|" + mark[CATEGORY_AT] + month[1], cell, month[0], mark[PLACE_AT])
            for mark, cell in rows
            if (month := known.get(mark[MONTH_AT]))
        ]


class _Adding:
    """Sums as they grow."""

    def __init__(self, sight: Sight, wanted: Wanted) -> None:
        self._wanted = wanted
        self._kinds = sight.kinds
        self._places: dict[tuple[bytes, int], _Place | None] = {}
        self._currencies = {each.id: each.currency for each in wanted.accounts}
        self._at_home = {each.id.bytes for each in wanted.accounts if each.currency == wanted.currency}
        # Of each span by place, which is the bytes of account and category.
        self._months: list[defaultdict[bytes, int]] = [defaultdict(int) for _ in wanted.spans]
        # By span, place, kind and day. An amount that needs no conversion has no day.
        self._days: defaultdict[tuple[int, bytes, int, date | None], int] = defaultdict(int)

    def add_totals(self, rows: Sequence[MarkedTotal], plains: Sequence[bytes]) -> None:
        sums, number = self._months, int.from_bytes
        for (_, _, span, place), plain in zip(rows, plains, strict=True):
            sums[span][place] += number(plain, signed=True)

    def add_entries(self, rows: Sequence[EntryRow], plains: Sequence[bytes]) -> None:
        for (_, _, place, day, kind), plain in zip(rows, plains, strict=True):
            span = find_span(self._wanted.spans, day)
            if span is not None:
                its_day = None if place[:ID_BYTES] in self._at_home else day
                self._days[span, place, kind, its_day] += int.from_bytes(plain, signed=True)

    def compose(self) -> dict[Slot, dict[CurrencyDay, int]]:
        sums: dict[Slot, dict[CurrencyDay, int]] = {}
        for span, places in enumerate(self._months):
            first = self._wanted.spans[span][0]
            for place, minor in places.items():
                self._add(sums, span, self._read(place, 0), first, minor)
        for (span, place, kind, day), minor in self._days.items():
            self._add(sums, span, self._read(place, kind), day or self._wanted.spans[span][0], minor)
        return sums

    def _add(
        self, sums: dict[Slot, dict[CurrencyDay, int]], span: int, of: "_Place | None", day: date, minor: int
    ) -> None:
        if of is None:
            return
        account_id, category_id, side, currency = of
        its = sums.setdefault(Slot(span, account_id, category_id, side), {})
        its[currency, day] = its.get((currency, day), 0) + count_on(side, minor)

    def _read(self, place: bytes, kind: int) -> "_Place | None":
        """None: its category is not wanted. There are as many sums of a place as spans, so each is read once."""
        key = (place, kind)
        if key not in self._places:
            account_id, category_id = UUID(bytes=place[:ID_BYTES]), UUID(bytes=place[ID_BYTES:])
            wanted = self._wanted.category_ids
            side = side_of_kind(kind) if category_id == NO_CATEGORY else side_of_category(self._kinds[category_id])
            of = _Place(account_id, category_id, side, self._currencies[account_id])
            self._places[key] = of if wanted is None or category_id in wanted else None
        return self._places[key]


def _at_once(spans: Sequence[Span]) -> Iterator[Span]:
    """All days from the first to the last, so many at a time, cut where months begin."""
    first, last = spans[0][0], spans[-1][1]
    while (last - first) > DAYS_AT_ONCE:
        end = (first + DAYS_AT_ONCE).replace(day=1)
        yield first, end - _DAY
        first = end
    yield first, last


def _sliced(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[start : start + SLICE_ROWS] for start in range(0, len(rows), SLICE_ROWS))
