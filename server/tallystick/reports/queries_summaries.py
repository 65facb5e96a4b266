"""What was earned, spent and saved in a month or a year, and on what and with whom most of it?"""

from collections.abc import Sequence
from datetime import datetime

from tallystick.budgets.periods import Span
from tallystick.ledger.rules import require_date
from tallystick.ledger.spending.queries_payees import get_payee_names, sum_up_payees
from tallystick.ledger.spending.rules import Side
from tallystick.reports.queries import Ground, get_ground
from tallystick.reports.queries_spending import compose_category
from tallystick.reports.rules import Counted, basis_points, biggest_of, money
from tallystick.reports.rules_days import MONTH, YEAR, compose_days
from tallystick.reports.rules_tree import grow
from tallystick.store.tx import ReadTx
from tallystick.v1.report_pb2 import ReportStep
from tallystick.v1.report_summaries_pb2 import (
    GetMonthlySummaryRequest,
    GetMonthlySummaryResponse,
    GetYearlySummaryRequest,
    GetYearlySummaryResponse,
    PayeeSum,
    Summary,
)


async def get_monthly_summary(
    tx: ReadTx, request: GetMonthlySummaryRequest, now: datetime
) -> GetMonthlySummaryResponse:
    report, previous = await _get_summaries(tx, request, MONTH, now)
    return GetMonthlySummaryResponse(report=report, previous=previous)


async def get_yearly_summary(tx: ReadTx, request: GetYearlySummaryRequest, now: datetime) -> GetYearlySummaryResponse:
    report, previous = await _get_summaries(tx, request, YEAR, now)
    return GetYearlySummaryResponse(report=report, previous=previous)


async def _get_summaries(
    tx: ReadTx,
    request: GetMonthlySummaryRequest | GetYearlySummaryRequest,
    step: ReportStep.ValueType,
    now: datetime,
) -> tuple[Summary, Summary | None]:
    async with tx.snapshot() as snapshot:
        ground = await get_ground(snapshot, request.currency, request.filter, now)
        day = require_date("on", request.on) if request.on else ground.today
        days, most = ground.calendar.period(step, day), biggest_of(request.biggest)
        before = ground.calendar.compared(days, request.compare_with, step)
        report = await _summarize(ground, days, most)
        return report, await _summarize(ground, before, most) if before else None


async def _summarize(ground: Ground, days: Span, most: int) -> Summary:
    summary = compose_summary(ground, await ground.count([days]), [0], days, most)
    summary.biggest_payees.extend(await _list_payees(ground, days, most))
    return summary


def compose_summary(ground: Ground, counted: Counted, spans: Sequence[int], days: Span, most: int) -> Summary:
    """Of some of the spans that were counted, which are these days together."""
    currency = ground.currency
    income, spending = counted.minor(Side.EARNED, spans), counted.minor(Side.SPENT, spans)
    tops = [node for node in grow(ground.sight.parents, counted.own(Side.SPENT, spans)) if node.total > 0]
    return Summary(
        days=compose_days(days),
        income=money(currency, income),
        spending=money(currency, spending),
        saved=money(currency, income - spending),
        saving_rate_basis_points=basis_points(income - spending, income),
        biggest_categories=[compose_category(ground, node, Side.SPENT) for node in tops[:most]],
        conversion=counted.compose_conversion(spans=spans),
    )


async def _list_payees(ground: Ground, days: Span, most: int) -> list[PayeeSum]:
    paid = await sum_up_payees(ground.tx, ground.wanted([days]), ground.narrowed)
    converter = await ground.converter_for(*paid.sums.values())
    spent = {payee: converter.convert(its).minor for payee, its in paid.sums.items()}
    # Alike sums in an order of their own, so that the same book gives the same answer.
    ranked = sorted(spent, key=lambda payee: (-spent[payee], str(payee.id), payee.folded_name))
    biggest = [payee for payee in ranked[:most] if spent[payee] > 0]
    names = await get_payee_names(ground.tx, [payee.id for payee in biggest if payee.id])
    return [
        PayeeSum(
            payee_id=str(payee.id or ""),
            name=names.get(payee.id, "") if payee.id else paid.names[payee],
            spent=money(ground.currency, spent[payee]),
        )
        for payee in biggest
    ]
