"""How well does a book keep to its budgets? What budgets say of themselves, put beside each other."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tallystick.budgets.figures.queries import get_analysis
from tallystick.budgets.items.queries import get_with_budget
from tallystick.budgets.moves.rules import find_own_period
from tallystick.budgets.plans.queries import list_in_force
from tallystick.budgets.plans.rules import day_or_today
from tallystick.ledger.books.queries import get_book
from tallystick.ledger.templates.rules import today_in
from tallystick.reports.rules import average, basis_points, money
from tallystick.store.tx import ReadTx
from tallystick.v1.budget_analysis_pb2 import (
    BudgetFigures,
    GetBudgetAnalysisRequest,
    GetBudgetAnalysisResponse,
    PeriodAnalysis,
)
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.report_budgets_pb2 import (
    BudgetPerformance,
    GetBudgetPerformanceRequest,
    GetBudgetPerformanceResponse,
    ItemPerformance,
    PerformancePeriod,
)
from tallystick.v1.report_pb2 import ReportConversion, ReportDays

PERIODS_USUAL = 6


async def get_budget_performance(
    tx: ReadTx, request: GetBudgetPerformanceRequest, now: datetime
) -> GetBudgetPerformanceResponse:
    async with tx.snapshot() as snapshot:
        today = today_in((await get_book(snapshot)).time_zone, now)
        day = day_or_today("on", request.on, today)
        budget_ids = sorted({str(UUID(each)) for each in request.budget_ids}) or await _on_that_day(snapshot, day)
        before = (request.periods or PERIODS_USUAL) - 1
        performances = [await _look(snapshot, budget_id, day, before, now) for budget_id in budget_ids]
    return GetBudgetPerformanceResponse(budgets=performances, today_on=today.isoformat())


async def _on_that_day(tx: ReadTx, day: date) -> list[str]:
    return [budget.id for budget in await list_in_force(tx) if find_own_period(budget, day) is not None]


async def _look(tx: ReadTx, budget_id: str, day: date, before: int, now: datetime) -> BudgetPerformance:
    asked = GetBudgetAnalysisRequest(book_id=str(tx.space_id), budget_id=budget_id, on=day.isoformat(), before=before)
    budget, items = await get_with_budget(tx, asked)
    return _compose(budget.name, budget_id, items, await get_analysis(tx, asked, now))


def _compose(
    name: str, budget_id: str, items: Iterable[BudgetItem], analysis: GetBudgetAnalysisResponse
) -> BudgetPerformance:
    whole = _kept([_compose_period(each, each.whole, analysis) for each in analysis.periods])
    by_item = {
        figures.item_id: [_compose_period(each, each.items[place].figures, analysis) for each in analysis.periods]
        for place, figures in enumerate(analysis.periods[-1].items)
    }
    return BudgetPerformance(
        budget_id=budget_id,
        name=name,
        periods=whole.periods,
        periods_ended=whole.ended,
        periods_kept=whole.kept,
        items=[_compose_item(item, _kept(by_item[item.id]), analysis.currency) for item in items],
        conversion=ReportConversion(
            currency=analysis.currency,
            rates=analysis.rates,
            unconverted=analysis.unconverted,
            incomplete=analysis.incomplete,
        ),
    )


def _compose_period(
    period: PeriodAnalysis, figures: BudgetFigures, analysis: GetBudgetAnalysisResponse
) -> PerformancePeriod:
    currency = analysis.currency
    return PerformancePeriod(
        days=ReportDays(from_on=period.from_on, until_on=period.until_on),
        ended=period.until_on < analysis.today_on,
        planned=money(currency, figures.planned_minor),
        actual=money(currency, figures.actual_minor),
        left=money(currency, figures.left_minor),
        used_basis_points=basis_points(figures.actual_minor, figures.planned_minor),
    )


def _compose_item(item: BudgetItem, kept: "_Kept", currency: str) -> ItemPerformance:
    spent = [each.actual.minor for each in kept.periods if each.ended]
    return ItemPerformance(
        item_id=item.id,
        name=item.name,
        periods=kept.periods,
        periods_ended=kept.ended,
        periods_kept=kept.kept,
        average=money(currency, average(sum(spent), len(spent))) if spent else None,
    )


class _Kept(NamedTuple):
    """Periods, how many of them have ended, and in how many of those the plan was kept to."""

    periods: Sequence[PerformancePeriod]
    ended: int
    kept: int


def _kept(periods: Sequence[PerformancePeriod]) -> _Kept:
    ended = [each for each in periods if each.ended]
    return _Kept(periods, len(ended), sum(each.left.minor >= 0 for each in ended))
