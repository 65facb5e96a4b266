"""What does Splitwise's export of a group say? Pure.

Its header is in the language of whoever exported, so columns are known by their place: day, description, category, cost, currency, then
one for each member, with what the member paid less what they bear.
"""

from dataclasses import dataclass
from datetime import date

from tallystick.imports.reading.cells import Row
from tallystick.imports.reading.days import Order, parse_day
from tallystick.imports.reading.lines import Amount, RowError, UnreadableError, require_currency, to_amount
from tallystick.imports.reading.mapping import plain_text
from tallystick.imports.reading.numbers import Mark, parse_number
from tallystick.imports.reading.sheets import Sheet
from tallystick.ledger.folding import folded

_SLOTS = 5
_MEMBERS_LEAST = 2
_WORDS = tuple(
    frozenset(folded(word) for word in words.split())
    for words in (
        "Date Datum Fecha Data",
        "Description Beschreibung Descripción Descrizione Beschrijving Omschrijving Opis Descrição",
        "Category Kategorie Categoría Catégorie Categoria Categorie Kategoria",
        "Cost Kosten Costo Coste Coût Koszt Custo",
        "Currency Währung Moneda Divisa Devise Valuta Waluta Moeda",
    )
)
_PAYMENTS = {
    folded(word)
    for word in [
        "Payment",
        "Zahlung",
        "Pago",
        "Paiement",
        "Remboursement",
        "Pagamento",
        "Betaling",
        "Płatność",
        "Settle-up",
    ]
}


@dataclass(frozen=True, slots=True)
class SharedLine:
    """An expense, or a payment from one member to another."""

    row: int
    day: date
    description: str
    category: str
    cost: Amount
    # In the order of members: above zero who gets back, below who owes. Zero together, but for a cent each that Splitwise rounds away.
    nets_minor: tuple[int, ...]
    is_payment: bool


@dataclass(frozen=True, slots=True)
class SharedReading:
    """Members are as the header names them, whoever left the group included; two of the same name are told apart by a number."""

    members: tuple[str, ...]
    lines: tuple[SharedLine, ...]
    errors: tuple[RowError, ...]
    # What the file says that is open in the end, by currency, in the order of members.
    totals: tuple[tuple[str, tuple[int, ...]], ...] = ()


def is_splitwise(sheet: Sheet) -> bool:
    if len(sheet.names) < _SLOTS + _MEMBERS_LEAST or not sheet.header_line:
        return False
    return all(folded(name) in words for name, words in zip(sheet.names, _WORDS, strict=False))


def read_splitwise(sheet: Sheet) -> SharedReading:
    slots = [at for at in range(_SLOTS, len(sheet.names)) if sheet.names[at] != f"#{at + 1}"]
    lines: list[SharedLine] = []
    errors: list[RowError] = []
    totals: dict[str, tuple[int, ...]] = {}
    for row in sheet.rows:
        # The balances at the end have a day and a text, but no cost.
        if len(row.cells) < _SLOTS or not row.cells[3].strip():
            totals |= _total(row, slots)
            continue
        try:
            lines.append(_line(row, slots))
        except UnreadableError as wrong:
            errors.append(wrong.at(row.line))
    return SharedReading(tuple(sheet.names[at] for at in slots), tuple(lines), tuple(errors), tuple(totals.items()))


def _line(row: Row, slots: list[int]) -> SharedLine:
    on, description, category, cost, currency = (cell.strip() for cell in row.cells[:_SLOTS])
    day = parse_day(on, Order.YEAR_MONTH_DAY)
    if day is None:
        raise UnreadableError("day", f"{on[:40]!r} is no day")
    code = require_currency(currency)
    nets = tuple(_minor(row.cells[at] if at < len(row.cells) else "", code, "member") for at in slots)
    if abs(sum(nets)) > len(nets):
        raise UnreadableError("member", "members do not add up to zero")
    return SharedLine(
        row.line,
        day,
        plain_text(description),
        plain_text(category),
        Amount(code, _minor(cost, code, "cost")),
        nets,
        folded(category) in _PAYMENTS,
    )


def _total(row: Row, slots: list[int]) -> dict[str, tuple[int, ...]]:
    """What cannot be read as one is left out: it is only there to check the rest."""
    try:
        code = require_currency(row.cells[4].strip() if len(row.cells) >= _SLOTS else "")
        return {code: tuple(_minor(row.cells[at] if at < len(row.cells) else "", code, "member") for at in slots)}
    except UnreadableError:
        return {}


def _minor(text: str, currency: str, field: str) -> int:
    """An empty cell of a member is nothing paid and nothing borne."""
    number = parse_number(text.strip() or "0", Mark.POINT)
    if number is None:
        raise UnreadableError(field, f"{text[:40]!r} is no number")
    return to_amount(number.value, currency, field).minor
