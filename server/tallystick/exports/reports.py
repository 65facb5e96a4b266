"""How do reports become rows? Pure: what the reports answered, line by line."""

from collections.abc import Iterator

from tallystick.exports.numbers import percent
from tallystick.exports.sheets import Sheet, text
from tallystick.v1.report_budgets_pb2 import BudgetPerformance, GetBudgetPerformanceResponse, PerformancePeriod
from tallystick.v1.report_net_worth_pb2 import GetNetWorthResponse
from tallystick.v1.report_spending_pb2 import CategoryNode, GetCategoryBreakdownResponse

BREAKDOWN = ("Category", "Category group", "Own", "Total", "Currency", "Percent")
NET_WORTH = ("Date", "Assets", "Liabilities", "Net worth", "Currency", "Complete")
BUDGETS = ("Budget", "Item", "From", "Until", "Planned", "Actual", "Left", "Currency", "Used percent")

Row = tuple[str, ...]


def breakdown_rows(answer: GetCategoryBreakdownResponse, sheet: Sheet) -> Iterator[Row]:
    """Each category before those below it. Own adds up to the whole; totals have what is below in them."""
    for node in answer.report.nodes:
        yield from _node_rows(node, (), sheet)


def _node_rows(node: CategoryNode, above: tuple[str, ...], sheet: Sheet) -> Iterator[Row]:
    share = sheet.decimal(percent(node.share_basis_points))
    name = "" if node.uncategorized else node.name
    money = (sheet.amount(node.own), sheet.amount(node.total), node.total.currency)
    yield (text(name), text(" / ".join(above)), *money, share)
    for child in node.children:
        yield from _node_rows(child, (*above, name), sheet)


def net_worth_rows(answer: GetNetWorthResponse, sheet: Sheet) -> Iterator[Row]:
    for point in answer.report.points:
        worth = (sheet.amount(point.assets), sheet.amount(point.liabilities), sheet.amount(point.net))
        yield (point.on, *worth, point.net.currency, "no" if point.incomplete else "yes")


def budget_rows(answer: GetBudgetPerformanceResponse, sheet: Sheet) -> Iterator[Row]:
    """Of each budget its periods as a whole, and then by items."""
    for budget in answer.budgets:
        yield from (_period_row(budget, "", period, sheet) for period in budget.periods)
        for item in budget.items:
            yield from (_period_row(budget, item.name, period, sheet) for period in item.periods)


def _period_row(budget: BudgetPerformance, item: str, period: PerformancePeriod, sheet: Sheet) -> Row:
    has_plan = period.HasField("used_basis_points")
    return (
        text(budget.name),
        text(item),
        period.days.from_on,
        period.days.until_on,
        sheet.amount(period.planned),
        sheet.amount(period.actual),
        sheet.amount(period.left),
        period.actual.currency or period.planned.currency,
        sheet.decimal(percent(period.used_basis_points)) if has_plan else "",
    )
