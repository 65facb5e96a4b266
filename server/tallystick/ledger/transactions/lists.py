"""What is on a page of transactions? Asked of the database where it can tell, found by a scan where only opened rows can."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from tallystick.ledger.gist import AMOUNT_BYTES, comparable, magnitude_of
from tallystick.ledger.tables import TRANSACTION
from tallystick.ledger.transactions.queries_lists import BY_INDEX, ByDate, find_filters, page_of
from tallystick.ledger.transactions.queries_scan import BODIES
from tallystick.ledger.transactions.rules_lists import Query, read_query
from tallystick.ledger.transactions.scan import Scan, find_named, sum_up_plain
from tallystick.store.pages import page_size
from tallystick.store.tx import ReadTx, Snapshot
from tallystick.v1.ledger_pb2 import Transaction
from tallystick.v1.ledger_service_pb2 import ListTransactionsRequest, TransactionTotals


@dataclass(frozen=True, slots=True)
class Found:
    """A page, and where it ends if more follow."""

    items: list[Transaction]
    last: tuple[str, ...]
    totals: TransactionTotals | None = None


async def list_transactions(tx: ReadTx, request: ListTransactionsRequest, position: Sequence[str] | None) -> Found:
    """A page of what fits. `position` is the end of the page before: the date or the comparable amount of its last item, and its id."""
    query, size = read_query(request), page_size(request.page_size)
    if query.is_plain:
        return await _list_plain(tx, query, size, position)
    async with tx.snapshot() as snapshot:
        return await _search(snapshot, query, size, position)


async def list_ids(tx: Snapshot, request: ListTransactionsRequest) -> list[UUID]:
    """Of all that fits, by date. Whoever goes through them all reads the rest as they go."""
    query = read_query(request)
    filters = await find_filters(tx, query)
    scan = Scan(tx, query, filters, await find_named(tx, query.sought.needle))
    found: list[UUID] = []
    async with aclosing(scan.ids(_by_date(query, None))) as slices:
        async for ids in slices:
            found += ids
    return found


async def _list_plain(tx: ReadTx, query: Query, size: int, position: Sequence[str] | None) -> Found:
    filters, order, limit = await find_filters(tx, query), _by_date(query, position), size + 1
    items: list[Transaction] = []
    while True:
        _, rows = await tx.fetch_all(BY_INDEX(), page_of(tx.space_id, filters, order, limit))
        items += [tx.open(TRANSACTION, (row[0], row[1], row[2])) for row in rows if row[2] is not None]
        if len(items) > size or len(rows) < limit:
            return _found(items, query, size)
        # Some were for another member only.
        order, limit = replace(order, after=(rows[-1][3], rows[-1][0])), limit * 2


async def _search(tx: Snapshot, query: Query, size: int, position: Sequence[str] | None) -> Found:
    filters = await find_filters(tx, query)
    if not query.opens_gists:
        page = await _list_plain(tx, query, size, position)
        return replace(page, totals=(await sum_up_plain(tx, filters)).compose())
    named_ids = await find_named(tx, query.sought.needle)
    scan = Scan(tx, query, filters, named_ids)
    if query.by_amount:
        ids = await scan.first_by_amount(_by_amount(position), size + 1)
    else:
        ids = await scan.first_by_date(_by_date(query, position), size + 1)
    rows = {row[0]: row for row in await tx.fetch(BODIES(space_id=tx.space_id, ids=ids))}
    page = _found([tx.open(TRANSACTION, rows[row_id]) for row_id in ids], query, size)
    if query.with_totals:
        sums = await Scan(tx, query, filters, named_ids).sum_up()
        page = replace(page, totals=sums.compose())
    return page


def _by_date(query: Query, position: Sequence[str] | None) -> ByDate:
    after = (date.fromisoformat(position[0]), UUID(position[1])) if position else None
    return ByDate(query.ascending, after)


def _by_amount(position: Sequence[str] | None) -> tuple[bytes, bytes] | None:
    return (int(position[0]).to_bytes(AMOUNT_BYTES), UUID(position[1]).bytes) if position else None


def _found(items: list[Transaction], query: Query, size: int) -> Found:
    """A page from one item more than it shows: that one says whether more follow."""
    if len(items) <= size:
        return Found(items, ())
    last = items[size - 1]
    key = str(comparable(magnitude_of(last))) if query.by_amount else last.booked_on
    return Found(items[:size], (key, last.id))
