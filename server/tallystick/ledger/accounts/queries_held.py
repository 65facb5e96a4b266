"""What did many accounts hold on many days? From the months that are kept with each, and the entries of days that are in no whole one."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import date
from itertools import accumulate
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, any_, bindparam, func, select, true

from tallystick.ledger import tables
from tallystick.ledger.accounts.rules import Part, part_until
from tallystick.ledger.sums import Sums
from tallystick.ledger.tables import ENTRY
from tallystick.ledger.transactions.queries_scan import MARK_OF_ENTRY, id_bytes
from tallystick.ledger.transactions.references import open_sums
from tallystick.store.statements import prepare
from tallystick.store.tx import Snapshot

SLICE_ROWS = 1000

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ACCOUNTS = bindparam("accounts", type_=ARRAY(Uuid))
_balance, _entry = tables.balance, tables.entry

BALANCES = prepare(
    select(_balance.c.account_id, _balance.c.version, _balance.c.amount).where(
        _balance.c.space_id == _SPACE_ID, _balance.c.account_id == any_(_ACCOUNTS)
    )
)
# The subquery cannot be pulled up for its OFFSET, so that each account and span is looked up by the index; PostgreSQL would now and then
# rather read all entries of the book.
_wanted = (
    func.unnest(_ACCOUNTS, bindparam("firsts", type_=ARRAY(Date)), bindparam("lasts", type_=ARRAY(Date)))
    .table_valued("account_id", "first_on", "last_on", name="wanted")
    .render_derived()
)
_its = (
    select(
        MARK_OF_ENTRY.label("mark"), _entry.c.amount, id_bytes(_entry.c.account_id).label("account"), _entry.c.booked_on
    )
    .where(
        _entry.c.space_id == _SPACE_ID,
        _entry.c.account_id == _wanted.c.account_id,
        _entry.c.booked_on.between(_wanted.c.first_on, _wanted.c.last_on),
        _entry.c.live,
    )
    .offset(0)
    .lateral("its")
)
MOVED_ON = prepare(
    select(_its.c.mark, _its.c.amount, _its.c.account, _its.c.booked_on).select_from(_wanted.join(_its, true()))
)


async def get_held(tx: Snapshot, account_ids: Sequence[UUID], days: Sequence[date]) -> dict[UUID, list[int]]:
    """What each account held at the end of each of the days, in their order."""
    found = {row[0]: row for row in await tx.fetch(BALANCES(space_id=tx.space_id, accounts=list(account_ids)))}
    parts = [part_until(day) for day in days]
    moved = await _read_moved(tx, list(found), _joined(parts))
    held = {}
    for account_id in account_ids:
        if account_id in found:
            sums = await open_sums(tx, *found[account_id])
            held[account_id] = _held_on(sums, moved.get(account_id.bytes, {}), parts)
        else:
            held[account_id] = [0] * len(days)
    return held


async def _read_moved(
    tx: Snapshot, account_ids: Sequence[UUID], spans: Sequence[tuple[date, date]]
) -> dict[bytes, dict[date, int]]:
    """How far each account moved on each day of the spans."""
    moved: dict[bytes, dict[date, int]] = defaultdict(dict)
    if not account_ids or not spans:
        return moved
    pairs = [(account_id, *span) for account_id in account_ids for span in spans]
    accounts, firsts, lasts = zip(*pairs, strict=True)
    call = MOVED_ON(space_id=tx.space_id, accounts=list(accounts), firsts=list(firsts), lasts=list(lasts))
    async with aclosing(tx.slices(call, SLICE_ROWS)) as slices:
        async for rows in slices:
            for (_, _, account, day), plain in zip(rows, tx.seal.open_many(ENTRY.place, rows), strict=True):
                its = moved[account]
                its[day] = its.get(day, 0) + int.from_bytes(plain, signed=True)
    return moved


def _joined(parts: Iterable[Part]) -> list[tuple[date, date]]:
    """The days to read, each once."""
    joined: list[tuple[date, date]] = []
    for first, last in sorted((part.from_on, part.until_on) for part in parts if part.from_on <= part.until_on):
        if joined and (first - joined[-1][1]).days <= 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _held_on(sums: Sums, moved: Mapping[date, int], parts: Iterable[Part]) -> list[int]:
    months, days = sorted(sums.months), sorted(moved)
    by_month = [0, *accumulate(sums.months[month] for month in months)]
    by_day = [0, *accumulate(moved[day] for day in days)]
    held = []
    for part in parts:
        minor = by_month[bisect_left(months, part.month)]
        if part.from_on <= part.until_on:
            minor += part.sign * (by_day[bisect_right(days, part.until_on)] - by_day[bisect_left(days, part.from_on)])
        held.append(minor)
    return held
