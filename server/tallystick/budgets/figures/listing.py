"""Which periods does a budget have? A page of them at a time."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tallystick.budgets.periods import Listed, Period, Scheme, find_period, first_period, period_at
from tallystick.budgets.plans.queries import BUDGETS
from tallystick.budgets.plans.rules import day_or_today, first_of, scheme_of
from tallystick.budgets.tables import BUDGET
from tallystick.ledger.books.queries import BOOK_OF_SPACE, open_book
from tallystick.ledger.rules import require_date
from tallystick.ledger.templates.rules import today_in
from tallystick.store.pages import Page, page_size
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_analysis_pb2 import BudgetPeriod, ListBudgetPeriodsRequest

PAGE_MAX = 60


async def list_periods(
    tx: ReadTx, request: ListBudgetPeriodsRequest, now: datetime, after: Sequence[str] | None
) -> Page[BudgetPeriod]:
    """A page, the earliest first. `after` is the number of the last one of the page before."""
    budgets, books = await tx.fetch_all(
        BUDGETS.by_id(space_id=tx.space_id, id=UUID(request.budget_id)), BOOK_OF_SPACE(space_id=tx.space_id)
    )
    budget = tx.require(BUDGET, [(row[0], row[1], row[2]) for row in budgets])
    today = today_in(open_book(tx, books).time_zone, now)
    scheme, first = scheme_of(budget.periods), first_of(budget)
    last_on = date.max if isinstance(scheme, Listed) else today
    until_on = day_or_today("until_on", request.until_on, last_on)
    start = first.number
    if request.from_on:
        start = max(start, _number_from(scheme, require_date("from_on", request.from_on), start))
    if after:
        start = int(after[0]) + 1
    size = min(page_size(request.page_size), PAGE_MAX)
    found = _from(scheme, start, until_on, size + 1)
    periods = [_compose(period, today) for period in found[:size]]
    return Page(periods, (str(found[size - 1].number),) if len(found) > size else ())


def _number_from(scheme: Scheme, day: date, otherwise: int) -> int:
    """The first period with that day, or one after it."""
    period = find_period(scheme, day) or first_period(scheme, day)
    if period is not None:
        return period.number
    return otherwise + len(scheme.spans) if isinstance(scheme, Listed) else otherwise


def _from(scheme: Scheme, start: int, until_on: date, limit: int) -> list[Period]:
    found: list[Period] = []
    while len(found) < limit:
        period = period_at(scheme, start + len(found))
        if period is None or period.from_on > until_on:
            break
        found.append(period)
    return found


def _compose(period: Period, today: date) -> BudgetPeriod:
    return BudgetPeriod(
        from_on=period.from_on.isoformat(),
        until_on=period.until_on.isoformat(),
        current=period.from_on <= today <= period.until_on,
    )
