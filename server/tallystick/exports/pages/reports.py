"""What stands on the pages of a report? Pure: what the reports of the API answered, written out and drawn."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from tallystick.exports.numbers import grouped, percent
from tallystick.exports.pages.charts import bar_chart, line_chart
from tallystick.exports.pages.days import long_day, month_of
from tallystick.v1.ledger_pb2 import Book
from tallystick.v1.money_pb2 import Money
from tallystick.v1.report_net_worth_pb2 import NetWorthReport
from tallystick.v1.report_spending_pb2 import CategoryBreakdown, CategoryNode, SpendingTrends

# A year of them fits below a chart with their years.
_MONTHS_LABELLED = 13
_BAR_WHOLE = 1000
_BASIS = 10_000


class Figures(NamedTuple):
    """A book over some days."""

    book: Book
    trends: SpendingTrends
    worth: NetWorthReport
    spent: CategoryBreakdown


def compose_report(figures: Figures, made_on: date) -> dict[str, Any]:
    book, trends, worth, spent = figures
    first, last = (date.fromisoformat(day) for day in (trends.days.from_on, trends.days.until_on))
    total, currency = trends.total, trends.total.spent.currency
    biggest = max((node.total.minor for node in spent.nodes), default=0)
    return {
        "title": f"{book.name}: {long_day(first)} to {long_day(last)}",
        "footer": f"{book.name}. Made on {long_day(made_on)}.",
        "book": book.name,
        "period": f"{long_day(first)} \u2013 {long_day(last)}",
        "currency": f"All amounts in {currency}",
        "figures": [
            _figure("Income", total.earned, tone="gained"),
            _figure("Spending", total.spent, tone="spent"),
            _figure("Saved", total.saved, note=_rate(total.saved.minor, total.earned.minor)),
            _figure("Net worth", worth.points[-1].net, note=long_day(last), strong=True),
        ],
        "months": bar_chart(
            [(month_of(step.days.from_on), step.sum.earned.minor, step.sum.spent.minor) for step in trends.steps],
            currency,
            _MONTHS_LABELLED,
        ),
        "worth": line_chart([(month_of(point.on), point.net.minor) for point in worth.points], currency),
        "categories": [row for node in spent.nodes for row in _rows(node, 0, biggest)],
        "spent": grouped(spent.total.minor, currency),
        "note": _note(figures),
    }


def _figure(label: str, money: Money, *, note: str = "", tone: str = "", strong: bool = False) -> dict[str, Any]:
    amount = grouped(money.minor, money.currency)
    return {"label": label, "amount": amount, "note": note, "tone": tone, "strong": strong}


def _rate(saved: int, earned: int) -> str:
    return f"{percent(saved * _BASIS // earned)}% of income" if earned > 0 else ""


def _rows(node: CategoryNode, depth: int, biggest: int) -> Iterator[dict[str, Any]]:
    """A category before those below it."""
    total = node.total
    yield {
        "name": "No category" if node.uncategorized else node.name,
        "depth": depth,
        "bar": max(0, total.minor) * _BAR_WHOLE // biggest if biggest > 0 else 0,
        "share": f"{percent(node.share_basis_points)}%",
        "amount": grouped(total.minor, total.currency),
    }
    for child in node.children:
        yield from _rows(child, depth + 1, biggest)


def _note(figures: Figures) -> str:
    """What is not in the figures must be said beside them."""
    conversions = (figures.trends.conversion, figures.worth.conversion, figures.spent.conversion)
    missing = sorted({each.amount.currency for one in conversions for each in one.unconverted})
    if missing:
        return f"Amounts in {', '.join(missing)} are not counted: no rate leads from there to {figures.trends.total.spent.currency}."
    if any(one.rates for one in conversions):
        return "Amounts in other currencies are converted at the rates of their days."
    return ""
