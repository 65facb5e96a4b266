"""What was spent or earned in which categories, and how do they stand below each other?"""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from tallystick.budgets.periods import Span
from tallystick.errors import NotVisible
from tallystick.ledger.categories.rules import require_same_kind
from tallystick.ledger.spending.rules import Side, side_of_category, with_below
from tallystick.reports.queries import Ground, get_ground
from tallystick.reports.rules import basis_points, money
from tallystick.reports.rules_days import MONTH, compose_days, require_days
from tallystick.reports.rules_tree import Node, find, grow
from tallystick.store.tx import ReadTx
from tallystick.v1.report_spending_pb2 import (
    CategoryBreakdown,
    CategoryNode,
    GetCategoryBreakdownRequest,
    GetCategoryBreakdownResponse,
)


async def get_category_breakdown(
    tx: ReadTx, request: GetCategoryBreakdownRequest, now: datetime
) -> GetCategoryBreakdownResponse:
    async with tx.snapshot() as snapshot:
        ground = await get_ground(snapshot, request.currency, request.filter, now)
        parent_id = UUID(request.parent_id) if request.parent_id else None
        side = _side_of(ground, request, parent_id)
        if parent_id:
            ground = _drill(ground, parent_id)

        def month_of(day: date) -> Span:
            return ground.calendar.period(MONTH, day)

        days = require_days(
            request.from_on, request.until_on, month_of(ground.today).until_on, lambda last: month_of(last).from_on
        )
        response = GetCategoryBreakdownResponse(report=await _report(ground, days, side, parent_id))
        before = ground.calendar.compared(days, request.compare_with, MONTH)
        if before is not None:
            response.previous.CopyFrom(await _report(ground, before, side, parent_id))
    return response


def _side_of(ground: Ground, request: GetCategoryBreakdownRequest, parent_id: UUID | None) -> Side:
    if parent_id is None:
        return side_of_category(request.kind)
    if parent_id not in ground.sight.parents:
        raise NotVisible
    parent = ground.sight.open_category(ground.tx, parent_id)
    if request.kind:
        require_same_kind("parent_id", parent, request.kind)
    return side_of_category(parent.kind)


def _drill(ground: Ground, parent_id: UUID) -> Ground:
    below = with_below(ground.sight.parents, [parent_id])
    return replace(ground, category_ids=below & ground.category_ids)


async def _report(ground: Ground, days: Span, side: Side, parent_id: UUID | None) -> CategoryBreakdown:
    counted = await ground.count([days])
    own = counted.own(side, [0])
    nodes, total = grow(ground.sight.parents, own), sum(own.values())
    if parent_id:
        found = find(nodes, parent_id)
        nodes = [found] if found else []
    return CategoryBreakdown(
        days=compose_days(days),
        total=money(ground.currency, total),
        nodes=[_compose_node(ground, node, total) for node in nodes],
        conversion=counted.compose_conversion([side]),
    )


def _compose_node(ground: Ground, node: Node, total: int) -> CategoryNode:
    return CategoryNode(
        **ground.fields_of(node.category_id),
        own=money(ground.currency, node.own),
        total=money(ground.currency, node.total),
        share_basis_points=basis_points(node.total, total) or 0,
        children=[_compose_node(ground, child, total) for child in node.children],
    )
