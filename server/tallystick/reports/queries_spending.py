"""What was spent and earned, step by step?"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime

from tallystick.budgets.periods import Span
from tallystick.ledger.spending.rules import Side
from tallystick.reports.queries import Ground, get_ground
from tallystick.reports.rules import Counted, average, compose_sum, money
from tallystick.reports.rules_days import compose_days, require_steps
from tallystick.reports.rules_tree import Node, flatten, grow
from tallystick.store.tx import ReadTx
from tallystick.v1.ledger_pb2 import CategoryKind
from tallystick.v1.report_pb2 import CategorySum
from tallystick.v1.report_spending_pb2 import (
    GetSpendingTrendsRequest,
    GetSpendingTrendsResponse,
    SpendingStep,
    SpendingTrends,
)

KINDS = {Side.SPENT: CategoryKind.CATEGORY_KIND_EXPENSE, Side.EARNED: CategoryKind.CATEGORY_KIND_INCOME}


async def get_spending_trends(
    tx: ReadTx, request: GetSpendingTrendsRequest, now: datetime
) -> GetSpendingTrendsResponse:
    async with tx.snapshot() as snapshot:
        ground = await get_ground(snapshot, request.currency, request.filter, now)
        step, days = require_steps(ground.calendar, request, ground.today)
        response = GetSpendingTrendsResponse(
            report=await _report(ground, ground.calendar.steps(step, days), by_category=request.by_category)
        )
        before = ground.calendar.compared(days, request.compare_with, step)
        if before is not None:
            steps = ground.calendar.steps(step, before)
            response.previous.CopyFrom(await _report(ground, steps, by_category=request.by_category))
    return response


async def _report(ground: Ground, steps: Sequence[Span], *, by_category: bool) -> SpendingTrends:
    counted, currency, everything = await ground.count(steps), ground.currency, range(len(steps))
    spent, earned = ([counted.minor(side, [number]) for number in everything] for side in Side)
    report = SpendingTrends(
        days=compose_days(Span(steps[0].from_on, steps[-1].until_on)),
        total=compose_sum(currency, sum(spent), sum(earned)),
        average=compose_sum(currency, average(sum(spent), len(steps)), average(sum(earned), len(steps))),
        conversion=counted.compose_conversion(),
    )
    for number, days in enumerate(steps):
        step = SpendingStep(days=compose_days(days), sum=compose_sum(currency, spent[number], earned[number]))
        if by_category:
            step.categories.extend(_categories_in(ground, counted, [number]))
            await asyncio.sleep(0)
        report.steps.append(step)
    if by_category:
        report.category_averages.extend(_categories_in(ground, counted, everything, over=len(steps)))
    return report


def _categories_in(ground: Ground, counted: Counted, spans: Sequence[int], *, over: int = 1) -> Iterator[CategorySum]:
    """Spending before earning, each category before those below it."""
    for side in Side:
        for node in flatten(grow(ground.sight.parents, counted.own(side, spans))):
            yield compose_category(ground, node, side, over=over)


def compose_category(ground: Ground, node: Node, side: Side, *, over: int = 1) -> CategorySum:
    return CategorySum(
        **ground.fields_of(node.category_id),
        kind=KINDS[side],
        own=money(ground.currency, average(node.own, over)),
        total=money(ground.currency, average(node.total, over)),
    )
