"""What did many accounts hold on many days? From the months that are kept with each, and the entries of days that are in no whole one."""

import asyncio
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from tallystick.ledger import tables
from tallystick.ledger.accounts.rules import Part, part_until
from tallystick.ledger.spending.queries_packed import MOVED, days_of
from tallystick.ledger.spending.records import account_in, entries_in
from tallystick.ledger.sums import Sums
from tallystick.ledger.transactions.references import open_sums
from tallystick.store.connection import Row
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx

_SPACE_ID = bindparam("space_id", type_=Uuid)
_ACCOUNTS = bindparam("accounts", type_=ARRAY(Uuid))
_balance = tables.balance

BALANCES = prepare(
    select(_balance.c.account_id, _balance.c.version, _balance.c.amount).where(
        _balance.c.space_id == _SPACE_ID, _balance.c.account_id == any_(_ACCOUNTS)
    )
)


async def get_held(tx: ReadTx, account_ids: Sequence[UUID], days: Sequence[date]) -> dict[UUID, list[int]]:
    """What each account held at the end of each of the days, in their order."""
    parts, accounts = [part_until(day) for day in days], list(account_ids)
    balances, rows = await tx.fetch_all(
        BALANCES(space_id=tx.space_id, accounts=accounts),
        MOVED(space_id=tx.space_id, accounts=accounts, **days_of(_joined(parts))),
    )
    found, moved = {row[0]: row for row in balances}, await _open_moved(tx, rows)
    held = {}
    for account_id in account_ids:
        if account_id in found:
            sums = await open_sums(tx, *found[account_id])
            held[account_id] = _held_on(sums, moved.get(account_id.bytes, {}), parts)
        else:
            held[account_id] = [0] * len(days)
    return held


async def _open_moved(tx: ReadTx, rows: Sequence[Row]) -> dict[bytes, dict[int, int]]:
    """How far each account moved on each day. Accounts are bytes, and days ordinals."""
    moved: dict[bytes, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for _, digits, records in rows:
        for pair, day, minor in entries_in(tx.seal, digits, records):
            moved[account_in(pair)][day] += minor
        await asyncio.sleep(0)
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


def _held_on(sums: Sums, moved: Mapping[int, int], parts: Iterable[Part]) -> list[int]:
    months, days = sorted(sums.months), sorted(moved)
    by_month = [0, *accumulate(sums.months[month] for month in months)]
    by_day = [0, *accumulate(moved[day] for day in days)]
    held = []
    for part in parts:
        minor = by_month[bisect_left(months, part.month)]
        if part.from_on <= part.until_on:
            first, last = part.from_on.toordinal(), part.until_on.toordinal()
            minor += part.sign * (by_day[bisect_right(days, last)] - by_day[bisect_left(days, first)])
        held.append(minor)
    return held
