"""Whose export is a sheet, by its header, and which mapping fits it? Pure. YNAB, Mint and Actual; the rest of theirs is read as any CSV."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tallystick.imports.reading.days import Order, find_orders
from tallystick.imports.reading.mapping import COLUMNS, Mapping
from tallystick.imports.reading.numbers import Mark, find_marks, parse_number
from tallystick.imports.reading.proposing import Confidence, Part, Proposal, Question, preview_of
from tallystick.imports.reading.sheets import Sheet
from tallystick.ledger.folding import folded

YNAB = frozenset({"account", "date", "payee", "memo", "outflow", "inflow"})
MINT = frozenset(
    {"date", "description", "original description", "amount", "transaction type", "category", "account name"}
)
ACTUAL = frozenset({"account", "date", "payee", "notes", "category", "amount", "split_amount"})

_MAPPINGS = {
    YNAB: Mapping("Date", debit="Outflow", credit="Inflow", payee="Payee", note="Memo", account="Account"),
    MINT: Mapping(
        "Date",
        amount="Amount",
        sign="Transaction Type",
        payee="Description",
        category="Category",
        account="Account Name",
    ),
    ACTUAL: Mapping("Date", amount="Amount", payee="Payee", note="Notes", category="Category", account="Account"),
}
# In the order in which one likes them; older exports lack some.
_FURTHER: dict[frozenset[str], dict[str, tuple[str, ...]]] = {
    YNAB: {"category": ("Category Group/Category", "Category", "Master Category")},
    MINT: {"note": ("Notes",)},
    ACTUAL: {},
}


def find_known(sheet: Sheet) -> frozenset[str] | None:
    """The header that every export of that program has. None: it is of another, or none that is known."""
    names = {folded(name) for name in sheet.names}
    return next((header for header in _MAPPINGS if header <= names), None)


def propose_known(sheet: Sheet, header: frozenset[str], currency: str = "") -> Proposal:
    """Columns are certain. How days and numbers are written is up to the settings of whoever exported."""
    mapping = _named_as_there(sheet, _MAPPINGS[header])
    further: dict[str, Any] = {
        field: next((name for name in names if name in sheet.names), "") for field, names in _FURTHER[header].items()
    }
    mapping = replace(mapping, **further)
    orders = find_orders(text for text in sheet.column(mapping.day) if text) or tuple(Order)
    marks = find_marks(_amounts(sheet, mapping)) or tuple(Mark)
    mapping = replace(mapping, order=orders[0], mark=marks[0])
    if mapping.debit:
        mapping = replace(mapping, debit_is_signed=_is_signed(sheet, mapping))
    parts, questions = _tell(sheet, {"order": orders, "mark": marks})
    columns = Part("columns", Confidence.CERTAIN, "the header is that of a known program")
    return Proposal(mapping, (columns, *parts), questions, preview_of(sheet, mapping, currency))


def without_parents(sheet: Sheet) -> Sheet:
    """Actual exports a split twice: as a whole with the amount beside, and in parts. The parts are what counts."""
    names = [folded(name) for name in sheet.names]
    at, whole = names.index("amount"), names.index("split_amount")
    return replace(sheet, rows=tuple(row for row in sheet.rows if not _is_parent(row.cells, at, whole)))


def _is_parent(cells: Sequence[str], at: int, whole: int) -> bool:
    if len(cells) <= max(at, whole):
        return False
    amount, total = (parse_number(cells[index], Mark.POINT) for index in (at, whole))
    return bool(amount and total and not amount.value and total.value)


def _named_as_there(sheet: Sheet, mapping: Mapping) -> Mapping:
    there = {folded(name): name for name in reversed(sheet.names)}
    named: dict[str, Any] = {field: there[folded(name)] for field in COLUMNS if (name := getattr(mapping, field))}
    return replace(mapping, **named)


def _amounts(sheet: Sheet, mapping: Mapping) -> list[str]:
    names = [name for name in (mapping.amount, mapping.debit, mapping.credit) if name]
    return [text for name in names for text in sheet.column(name) if text.strip()]


def _is_signed(sheet: Sheet, mapping: Mapping) -> bool:
    numbers = [parse_number(text, mapping.mark) for text in sheet.column(mapping.debit)]
    values = [number.value for number in numbers if number and number.value]
    return bool(values) and max(values) < 0


def _tell(sheet: Sheet, found: dict[str, tuple[str, ...]]) -> tuple[list[Part], tuple[Question, ...]]:
    is_open = {field for field, options in found.items() if len(options) > 1 and sheet.rows}
    parts = [
        Part(field, Confidence.UNKNOWN if field in is_open else Confidence.CERTAIN, "as all rows agree on it")
        for field in found
    ]
    return parts, tuple(Question(field, tuple(map(str, found[field]))) for field in found if field in is_open)
