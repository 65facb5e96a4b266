"""What does Firefly III's export of transactions say? Pure.

Each row names both sides. Whose account it is depends on the type: the source of what is spent, the destination of what is gained.
"""

from tallystick.imports.reading.cells import Row
from tallystick.imports.reading.days import Order, parse_day
from tallystick.imports.reading.lines import (
    Amount,
    Line,
    Reading,
    RowError,
    UnreadableError,
    require_currency,
    to_amount,
)
from tallystick.imports.reading.mapping import plain_text
from tallystick.imports.reading.numbers import Mark, parse_number
from tallystick.imports.reading.sheets import Sheet

FIREFLY = frozenset(
    {"journal_id", "type", "amount", "currency_code", "description", "date", "source_name", "destination_name"}
)

_SPENT, _GAINED, _MOVED = "withdrawal", "deposit", "transfer"
# What sets an account's balance right: no one was paid.
_SET = {"opening balance", "reconciliation"}
_OWN = "asset account"


def is_firefly(sheet: Sheet) -> bool:
    return set(sheet.names) >= FIREFLY


def read_firefly(sheet: Sheet) -> Reading:
    lines: list[Line] = []
    errors: list[RowError] = []
    for row in sheet.rows:
        try:
            lines.append(_line(row, dict(zip(sheet.names, row.cells, strict=False))))
        except UnreadableError as wrong:
            errors.append(wrong.at(row.line))
    return Reading(tuple(lines), tuple(errors))


def _line(row: Row, cells: dict[str, str]) -> Line:
    day = parse_day(cells.get("date", ""), Order.YEAR_MONTH_DAY)
    if day is None:
        raise UnreadableError("day", f"{cells.get('date', '')[:40]!r} is no day")
    kind = cells.get("type", "").strip().casefold()
    if kind not in {_SPENT, _GAINED, _MOVED, *_SET}:
        raise UnreadableError("type", f"{kind[:40]!r} is no type of transaction")
    leaves = kind in {_SPENT, _MOVED} or (kind in _SET and cells.get("source_type", "").strip().casefold() == _OWN)
    source, destination = plain_text(cells.get("source_name", "")), plain_text(cells.get("destination_name", ""))
    own, other = (source, destination) if leaves else (destination, source)
    return Line(
        row=row.line,
        day=day,
        amount=_amount(cells, "amount", "currency_code", leaves=leaves),
        payee=other if kind in {_SPENT, _GAINED} else "",
        note="\n".join(text for field in ("description", "notes") if (text := plain_text(cells.get(field, "")))),
        bank_id=cells.get("journal_id", "").strip(),
        category=plain_text(cells.get("category", "")),
        account=own,
        other_account=other if kind == _MOVED else "",
        foreign=_amount(cells, "foreign_amount", "foreign_currency_code", leaves=leaves)
        if cells.get("foreign_amount", "").strip()
        else None,
    )


def _amount(cells: dict[str, str], field: str, code: str, *, leaves: bool) -> Amount:
    """The type says which way it goes: the signs in the file have changed from version to version."""
    text = cells.get(field, "").strip()
    number = parse_number(text, Mark.POINT)
    if number is None:
        raise UnreadableError(field, f"{text[:40]!r} is no number" if text else "is missing")
    value = abs(number.value)
    return to_amount(-value if leaves and value else value, require_currency(cells.get(code, "")), field)
