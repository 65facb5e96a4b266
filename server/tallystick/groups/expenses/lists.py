"""Which expenses fit a list's filters? Dates are the database's to tell; what is sealed is opened, some at a time."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from uuid import UUID

from sqlalchemy import Boolean, Date, Integer, Uuid, bindparam, select, tuple_

from tallystick.groups.expenses.queries import SPACE_ID
from tallystick.groups.expenses.rules_lists import is_sealed, needle_of, picks
from tallystick.groups.tables import EXPENSE, expense
from tallystick.ledger.rules import require_date
from tallystick.spaces.queries import ID_MAX
from tallystick.store.pages import Page, page_of, page_size
from tallystick.store.statements import Call, prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.group_expenses_pb2 import Expense, ListExpensesRequest

# Opened at once, without a pause: a few milliseconds.
SLICE_ROWS = 100

_newest = (
    select(expense.c.id, expense.c.version, expense.c.body)
    .where(
        expense.c.space_id == SPACE_ID,
        expense.c.deleted_at.is_not(None) == bindparam("deleted", type_=Boolean),
        expense.c.booked_on >= bindparam("from_day", type_=Date),
        expense.c.booked_on <= bindparam("until_day", type_=Date),
        tuple_(expense.c.booked_on, expense.c.id)
        < tuple_(bindparam("before_day", type_=Date), bindparam("before_id", type_=Uuid)),
    )
    .order_by(expense.c.booked_on.desc(), expense.c.id.desc())
)
NEWEST = prepare(_newest)
NEWEST_FEW = prepare(_newest.limit(bindparam("limit", type_=Integer)))


async def list_expenses(tx: ReadTx, request: ListExpensesRequest, after: Sequence[str] | None) -> Page[Expense]:
    """A page, newest first. `after` is the date and id of the last one of the page before."""
    size = page_size(request.page_size)
    bounds = _bounds(request, after)
    if not is_sealed(request):
        rows = await tx.fetch(NEWEST_FEW(space_id=tx.space_id, limit=size + 1, **bounds))
        return page_of(tx, EXPENSE, rows, size, _position)
    found = await _scan(tx, request, size + 1, NEWEST(space_id=tx.space_id, **bounds))
    return Page(found[:size], _position(found[size - 1]) if len(found) > size else ())


async def _scan(tx: ReadTx, request: ListExpensesRequest, limit: int, query: Call[UUID, int, bytes]) -> list[Expense]:
    """The first ones that fit. Between slices other calls have their turn."""
    needle, found = needle_of(request), list[Expense]()
    async with tx.snapshot() as snapshot, aclosing(snapshot.slices(query, SLICE_ROWS)) as slices:
        async for rows in slices:
            found += [each for row in rows if picks(request, needle, each := snapshot.open(EXPENSE, row))]
            if len(found) >= limit:
                break
            await asyncio.sleep(0)
    return found[:limit]


def _bounds(request: ListExpensesRequest, after: Sequence[str] | None) -> dict[str, object]:
    from_day, until_day = getattr(request, "from"), request.until
    return {
        "deleted": request.deleted,
        "from_day": require_date("from", from_day) if from_day else date.min,
        "until_day": require_date("until", until_day) if until_day else date.max,
        "before_day": date.fromisoformat(after[0]) if after else date.max,
        "before_id": UUID(after[1]) if after else ID_MAX,
    }


def _position(expense: Expense) -> tuple[str, str]:
    return expense.booked_on, expense.id
