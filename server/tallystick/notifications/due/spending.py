"""Has somebody spent more than they wanted to, or than they usually do? Each member of a book is told what they see of it.

A book is looked at a little after it changed, however much changed meanwhile, and what is found again is told only once. Whoever sees
other accounts may see other sums: so the book is read as each of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, bindparam, select

from tallystick.budgets.alerts import Reached
from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.jobs.due.job import NO_HOME, Leased
from tallystick.ledger.books.queries import BOOK_OF_SPACE
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.ledger.tables import BOOK, CATEGORY, TOTAL, account, total
from tallystick.ledger.templates.rules import today_in
from tallystick.notifications import writes
from tallystick.notifications.due.audience import find_users
from tallystick.notifications.due.looking import Looking
from tallystick.notifications.notices import Notice, Place, compose_notice, id_of_threshold, id_of_unusual
from tallystick.notifications.raising import Raising
from tallystick.notifications.telling.unusual import Total, Unusual, find_unusual, first_month
from tallystick.store.apart import Apart
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_books_pb2 import GetBookRequest
from tallystick.v1.ledger_pb2 import Category, CategoryKind
from tallystick.v1.money_pb2 import Money
from tallystick.v1.notification_details_pb2 import BudgetReached, UnusualSpending
from tallystick.v1.notification_pb2 import NotificationKind

_SPACE_ID = bindparam("space_id", type_=Uuid)
_recent = total.alias("recent")
# Of the accounts that the reader sees, because totals themselves are hidden from no member; and of the categories that have something this
# month, because the others are not in question.
TOTALS_SINCE = prepare(
    select(total.c.account_id, total.c.category_id, total.c.currency, total.c.month, total.c.version, total.c.amount)
    .select_from(total.join(account, and_(account.c.space_id == _SPACE_ID, account.c.id == total.c.account_id)))
    .where(
        total.c.space_id == _SPACE_ID,
        account.c.deleted_at.is_(None),
        total.c.month >= bindparam("since", type_=Date),
        total.c.category_id.in_(
            select(_recent.c.category_id).where(
                _recent.c.space_id == _SPACE_ID,
                _recent.c.month >= bindparam("this_month", type_=Date),
                _recent.c.category_id != NO_CATEGORY,
            )
        ),
    )
)
# So many are opened before others have their turn.
SLICE_ROWS = 500


# Everything that is reached now, as the reader sees it.
FindReached = Callable[[ReadTx, date], Awaitable[Sequence[Reached]]]


class Spending(Looking):
    """Looks at the spending of books that changed."""

    noun = "spending"
    dues = writes.SPENDING_DUES

    def __init__(self, store: Store, apart: Apart, raising: Raising, find_reached: FindReached) -> None:
        super().__init__(store, apart)
        self._raising = raising
        self._find_reached = find_reached

    async def _look(self, leased: Leased) -> datetime | None:
        notices = list[Notice]()
        for user_id in await find_users(self._store, leased.space_id):
            try:
                notices += await self._read_as(user_id, leased.space_id)
            except NotVisible:
                # They left just now.
                continue
        await self._raising.raise_notices(notices)
        return None

    async def _read_as(self, user_id: UUID, book_id: UUID) -> list[Notice]:
        asked = GetBookRequest(book_id=str(book_id))
        tx = self._store.reader(Caller(user_id, NO_HOME, None, ""), book_id, asked)
        now = self._store.clock.now()
        # Nowhere on earth is it an earlier month.
        earliest = (now - timedelta(days=1)).date().replace(day=1)
        books, rows = await tx.fetch_all(
            BOOK_OF_SPACE(space_id=book_id),
            TOTALS_SINCE(space_id=book_id, since=first_month(earliest), this_month=earliest),
        )
        book = tx.require(BOOK, [(row[0], row[1], row[2]) for row in books])
        place, today = Place(book_id, book.name), today_in(book.time_zone, now)
        unusual = find_unusual(await _open_all(tx, rows), today.replace(day=1), book.base_currency)
        reached = await self._find_reached(tx, today)
        return [
            *(_of_unusual(user_id, place, today.replace(day=1), *one) for one in await _with_categories(tx, unusual)),
            *(_of_reached(user_id, place, one) for one in reached),
        ]


async def _open_all(tx: ReadTx, rows: Sequence[Sequence[Any]]) -> list[Total]:
    found: list[Total] = []
    for start in range(0, len(rows), SLICE_ROWS):
        found += [_open(tx, row) for row in rows[start : start + SLICE_ROWS]]
        await asyncio.sleep(0)
    return found


def _open(tx: ReadTx, row: Sequence[Any]) -> Total:
    account_id, category_id, currency, month, version, cell = row
    key = {"account_id": account_id, "category_id": category_id, "currency": currency, "month": month}
    return Total(category_id, currency, month, tx.open_number(TOTAL, [(version, cell)], **key))


async def _with_categories(tx: ReadTx, unusual: Sequence[Unusual]) -> list[tuple[Category, Unusual]]:
    """Those in categories of spending. What is earned is never spent unusually."""
    if not unusual:
        return []
    rows = await tx.fetch(CATEGORIES.by_ids(space_id=tx.space_id, ids=[each.category_id for each in unusual]))
    found = {row[0]: tx.open(CATEGORY, row) for row in rows}
    paired = [(found[each.category_id], each) for each in unusual if each.category_id in found]
    return [(one, each) for one, each in paired if one.kind == CategoryKind.CATEGORY_KIND_EXPENSE]


def _of_unusual(user_id: UUID, place: Place, month: date, category: Category, unusual: Unusual) -> Notice:
    assert place.id is not None, "a book is a space"
    details = UnusualSpending(
        category_id=category.id,
        category_name=category.name,
        month=month.isoformat(),
        spent=Money(currency=unusual.currency, minor=unusual.spent_minor),
        usual=Money(currency=unusual.currency, minor=unusual.usual_minor),
    )
    notice_id = id_of_unusual(place.id, unusual.category_id, month, user_id)
    return compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_UNUSUAL_SPENDING, place, details)


def _of_reached(user_id: UUID, place: Place, reached: Reached) -> Notice:
    assert place.id is not None, "a book is a space"
    details = BudgetReached(
        budget_id=str(reached.budget_id),
        budget_name=reached.budget_name,
        item_id=str(reached.item_id),
        item_name=reached.item_name,
        from_on=reached.from_on.isoformat(),
        threshold_bp=reached.threshold_bp,
        planned=reached.planned,
        actual=reached.actual,
    )
    notice_id = id_of_threshold(place.id, reached.item_id, reached.from_on, reached.threshold_bp, user_id)
    return compose_notice(user_id, notice_id, NotificationKind.NOTIFICATION_KIND_BUDGET_REACHED, place, details)
