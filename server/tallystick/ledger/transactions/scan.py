"""How is found what only opened rows tell: amounts and words? All that the database lets through is opened, in slices.

Opening a hundred thousand gists takes a tenth of a second, so the loops here are tight: bytes that compare as they are instead of
numbers, no objects for ids, no messages. Between slices other calls have their turn; PostgreSQL prepares the next slice meanwhile.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from heapq import nlargest, nsmallest
from operator import itemgetter
from uuid import UUID

from tallystick.ledger.folding import folded
from tallystick.ledger.gist import AMOUNT_BYTES, compose_gist
from tallystick.ledger.tables import ENTRY, PAYEE, TRANSACTION
from tallystick.ledger.transactions.queries_lists import ByDate, Filters
from tallystick.ledger.transactions.queries_scan import (
    BODIES,
    ENTRIES,
    PAYEES,
    WITH_CURRENCY,
    EntryRow,
    Row,
    count_of,
    entries_of,
    scan_of,
)
from tallystick.ledger.transactions.rules_lists import Query, Sums, fits, has_currency
from tallystick.store.seal import VERSION_BYTES
from tallystick.store.tx import Snapshot
from tallystick.v1.ledger_pb2 import Transaction

# Worked on at once, without a pause: a few milliseconds.
SLICE_ROWS = 1000
# Bodies take much longer than gists.
BODIES_ROWS = 100

_GIST = itemgetter(1)
# With this behind it, an amount is greater than any gist of the same amount: no text has such a byte.
_BEHIND_WORDS = b"\xff"

# A transaction that fits: its packed amount, and the bytes of its id. Both compare as what they stand for.
Match = tuple[bytes, bytes]


class Scan:
    """One walk through one state of a book. What it picks narrows as it goes, so that each walk is a scan of its own."""

    def __init__(self, tx: Snapshot, query: Query, filters: Filters, named_ids: Sequence[UUID]) -> None:
        self._tx = tx
        self._query = query
        self._filters = filters
        self._named_ids = named_ids
        self._least, self._most = query.sought.least, query.sought.most

    async def first_by_date(self, order: ByDate, limit: int) -> list[UUID]:
        """The ids of the first ones that fit. It stops when it has them."""
        found: list[Match] = []
        async with aclosing(self._matches(order)) as slices:
            async for matches in slices:
                found += matches
                if len(found) >= limit:
                    break
        return [UUID(bytes=row_id) for _, row_id in found[:limit]]

    async def first_by_amount(self, after: Match | None, limit: int) -> list[UUID]:
        """The ids of those with the largest or smallest amounts."""
        ascending = self._query.ascending
        pick = nsmallest if ascending else nlargest
        best: list[Match] = []
        if after is not None:
            self._bound(after[0], is_least=ascending)
        async with aclosing(self._matches(None)) as slices:
            async for matches in slices:
                further = (
                    match for match in matches if after is None or (match > after if ascending else match < after)
                )
                best = pick(limit, [*best, *further])
                if len(best) == limit:
                    # What is beyond the last of so many is not even looked at.
                    self._bound(best[-1][0], is_least=not ascending)
        return [UUID(bytes=row_id) for _, row_id in best]

    def _bound(self, amount: bytes, *, is_least: bool) -> None:
        """Narrows the amounts that are picked."""
        if is_least:
            self._least = max(self._least, amount)
        else:
            self._most = min(self._most, amount)

    async def sum_up(self) -> Sums:
        """What all that fit come to."""
        sums, tx = Sums(), self._tx
        async with aclosing(self.ids()) as slices:
            async for ids in slices:
                sums.count += len(ids)
                if self._query.deleted:
                    await self._add_deleted(sums, ids)
                else:
                    _add_entries(tx, sums, await tx.fetch(ENTRIES(space_id=tx.space_id, ids=ids)))
        return sums

    async def ids(self, order: ByDate | None = None) -> AsyncGenerator[list[UUID], None]:
        """The ids of all that fit, some at a time. No order: as they come. Whoever stops before the end must close it."""
        async with aclosing(self._matches(order)) as slices:
            async for matches in slices:
                yield [UUID(bytes=row_id) for _, row_id in matches]

    async def _add_deleted(self, sums: Sums, ids: Sequence[UUID]) -> None:
        """The entries of what is deleted hold nothing any more."""
        for row in await self._tx.fetch(BODIES(space_id=self._tx.space_id, ids=ids)):
            transaction = self._tx.open(TRANSACTION, row)
            for entry in transaction.entries:
                sums.add_entry(transaction.kind, entry.amount.currency, entry.amount.minor)

    async def _matches(self, order: ByDate | None) -> AsyncGenerator[list[Match], None]:
        call = scan_of(self._tx.space_id, self._query, self._filters, self._named_ids, order)
        async with aclosing(self._tx.slices(call, SLICE_ROWS)) as slices:
            async for rows in slices:
                if all(map(_GIST, rows)):
                    picked = self._pick(rows, self._tx.seal.open_many(TRANSACTION.gist_place, rows))
                    yield await self._with_currency(picked)
                    continue
                for start in range(0, len(rows), BODIES_ROWS):
                    some = rows[start : start + BODIES_ROWS]
                    yield await self._with_currency(self._pick(some, [self._open_gist(row) for row in some]))
                    await asyncio.sleep(0)

    def _pick(self, rows: Sequence[Row], gists: Sequence[bytes]) -> list[Match]:
        """Those that fit, in their order."""
        opened: Iterable[tuple[bytes, Row]] = zip(gists, rows, strict=True)
        if needle := self._query.sought.needle:
            # Quick looks come first: at all at once, then at each. They may see the needle in the bytes of an amount.
            if not self._named_ids and needle not in b"".join(gists):
                return []
            opened = [
                (plain, row)
                for plain, row in opened
                if row[2] or (needle in plain and plain.find(needle, AMOUNT_BYTES) >= 0)
            ]
        least, most = self._least, self._most + _BEHIND_WORDS
        found = [(plain[:AMOUNT_BYTES], row) for plain, row in opened if least <= plain <= most]
        return [
            (amount, mark[VERSION_BYTES:])
            for amount, (mark, _, _, body) in found
            if body is None or self._fits(self._open_body(mark, body))
        ]

    async def _with_currency(self, matches: list[Match]) -> list[Match]:
        """Those whose amounts are in the currency that was asked for: gists do not tell. Few are left to ask about."""
        currency = self._query.sought.currency
        if not currency or not matches or self._query.deleted:
            return matches
        ids = [UUID(bytes=row_id) for _, row_id in matches]
        rows = await self._tx.fetch(WITH_CURRENCY(space_id=self._tx.space_id, ids=ids, currency=currency))
        there = {
            mark[VERSION_BYTES:]
            for mark, body in rows
            if body is None or has_currency(self._open_body(mark, body), currency)
        }
        return [match for match in matches if match[1] in there]

    def _open_gist(self, row: Row) -> bytes:
        """A row from before gists were kept, or of what is deleted, has a body instead."""
        mark, gist, _, body = row
        if gist is None:
            return compose_gist(self._open_body(mark, body))
        return self._tx.seal.open_many(TRANSACTION.gist_place, [row])[0]

    def _open_body(self, mark: bytes, body: bytes | None) -> Transaction:
        assert body is not None, "a row without a gist comes with its body"
        return Transaction.FromString(self._tx.seal.open_many(TRANSACTION.place, [(mark, body)])[0])

    def _fits(self, transaction: Transaction) -> bool:
        """What neither the database nor the gist has told."""
        query = self._query
        if query.sought.currency and not has_currency(transaction, query.sought.currency):
            return False
        return not query.deleted or fits(transaction, query, self._filters.values.get("category_ids", ()))


async def sum_up_plain(tx: Snapshot, filters: Filters) -> Sums:
    """What all that fit come to, where the database can tell what fits."""
    sums = Sums()
    ((sums.count,),) = await tx.fetch(count_of(tx.space_id, filters))
    async with aclosing(tx.slices(entries_of(tx.space_id, filters), SLICE_ROWS)) as slices:
        async for rows in slices:
            _add_entries(tx, sums, rows)
    return sums


def _add_entries(tx: Snapshot, sums: Sums, rows: Sequence[EntryRow]) -> None:
    for (_, _, kind, currency), plain in zip(rows, tx.seal.open_many(ENTRY.place, rows), strict=True):
        sums.add_entry(kind, currency, int.from_bytes(plain, signed=True))


async def find_named(tx: Snapshot, needle: bytes) -> list[UUID]:
    """The payees whose names have the words."""
    if not needle:
        return []
    named: list[UUID] = []
    async with aclosing(tx.slices(PAYEES(space_id=tx.space_id), SLICE_ROWS)) as slices:
        async for rows in slices:
            named += [row[0] for row in rows if needle in folded(tx.open(PAYEE, row).name).encode()]
    return named
