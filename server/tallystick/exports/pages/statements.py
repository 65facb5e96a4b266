"""What stands on the pages of a statement? Pure: a statement and its lines, written out."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tallystick.exports.numbers import grouped
from tallystick.exports.pages.charts import line_chart
from tallystick.exports.pages.days import long_day, short_day
from tallystick.exports.rules import too_large
from tallystick.exports.statement import Line, Statement

LINES_MAX = 2_000
# A line through more points than a printer has dots is no better.
POINTS_MAX = 400
DETAILS_CHARS_MAX = 240


def require_fits(count: int) -> None:
    if count > LINES_MAX:
        raise too_large(LINES_MAX)


def compose_statement(statement: Statement, lines: Sequence[Line], made_on: date) -> dict[str, Any]:
    currency = statement.account.currency
    first = statement.from_on or (date.fromisoformat(lines[0].transaction.booked_on) if lines else statement.until_on)
    moved = [line.moved for line in lines]
    spent, gained = [each for each in moved if each < 0], [each for each in moved if each > 0]
    return {
        "title": f"{statement.account.name}: {long_day(first)} to {long_day(statement.until_on)}",
        "footer": f"{statement.book.name}, {statement.account.name}. Made on {long_day(made_on)}.",
        "account": statement.account.name,
        "book": statement.book.name,
        "currency": f"All amounts in {currency}",
        "period": f"{long_day(first)} \u2013 {long_day(statement.until_on)}",
        "figures": [
            _figure("Opening balance", statement.opening, currency, long_day(first)),
            _figure("Money in", sum(gained), currency, _times(gained), tone="gained"),
            _figure("Money out", sum(spent), currency, _times(spent)),
            _figure("Closing balance", statement.closing, currency, long_day(statement.until_on), strong=True),
        ],
        "chart": _chart(statement, lines, first),
        "opened": long_day(first),
        "opening": grouped(statement.opening, currency),
        "closed": long_day(statement.until_on),
        "closing": grouped(statement.closing, currency),
        "lines": [_line(line, currency) for line in lines],
    }


def _figure(
    label: str, minor: int, currency: str, note: str, *, tone: str = "", strong: bool = False
) -> dict[str, Any]:
    return {"label": label, "amount": grouped(minor, currency), "note": note, "tone": tone, "strong": strong}


def _times(moved: Sequence[int]) -> str:
    return f"{len(moved)} transaction{'' if len(moved) == 1 else 's'}"


def _line(line: Line, currency: str) -> dict[str, Any]:
    transaction = line.transaction
    of_what = ", ".join(filter(None, (*line.categories, *line.others)))
    payee = line.payee or of_what or transaction.note
    further = (of_what if payee != of_what else "", transaction.note if payee != transaction.note else "")
    return {
        "day": long_day(date.fromisoformat(transaction.booked_on)),
        "payee": payee,
        "details": _cut(" \u00b7 ".join(" ".join(each.split()) for each in further if each)),
        "amount": grouped(line.moved, currency),
        "balance": grouped(line.balance, currency),
        "gained": line.moved > 0,
    }


def _cut(words: str) -> str:
    """A note may be a page long; the other formats have all of it."""
    return words if len(words) <= DETAILS_CHARS_MAX else f"{words[:DETAILS_CHARS_MAX]}\u2026"


def _chart(statement: Statement, lines: Sequence[Line], first: date) -> dict[str, Any] | None:
    """The balance at the end of each day, or of every so many days."""
    days = (statement.until_on - first).days
    if days < 1:
        return None
    by_day = {line.transaction.booked_on: line.balance for line in lines}
    stride = max(1, -(-days // POINTS_MAX))
    values, balance = [], statement.opening
    for number in range(days + 1):
        day = first + timedelta(days=number)
        balance = by_day.get(day.isoformat(), balance)
        if number % stride == 0 or number == days:
            values.append((short_day(day, days), balance))
    return line_chart(values, statement.account.currency)
