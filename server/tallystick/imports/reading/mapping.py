"""Which column is what, and how do rows become lines by it? Pure."""

from dataclasses import dataclass, fields, replace
from datetime import date

from tallystick.errors import InvalidInput
from tallystick.imports.reading.cells import Row
from tallystick.imports.reading.days import Order, parse_day
from tallystick.imports.reading.header_words import WAYS, Field
from tallystick.imports.reading.lines import (
    Amount,
    Line,
    Reading,
    RowError,
    UnreadableError,
    require_currency,
    to_amount,
)
from tallystick.imports.reading.numbers import Mark, Number, parse_number
from tallystick.imports.reading.sheets import Sheet
from tallystick.ledger.folding import folded

# What our own exports put before a text that a spreadsheet would take for a formula.
_GUARD = "'"
_GUARDED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Mapping:
    """Names of columns; an empty one is not there. The amount is in one column, or what is spent and gained in two."""

    day: str
    order: Order = Order.YEAR_MONTH_DAY
    mark: Mark = Mark.POINT
    amount: str = ""
    debit: str = ""
    credit: str = ""
    # Says which way the money goes. Where there is one, the signs of amounts say nothing.
    sign: str = ""
    currency: str = ""
    payee: str = ""
    note: str = ""
    bank_id: str = ""
    category: str = ""
    account: str = ""
    # What is spent stands above zero in the column of amounts, as many card statements have it.
    spent_is_positive: bool = False
    # What is spent stands below zero in its own column.
    debit_is_signed: bool = False


# The fields that name columns.
_OPTIONS = {"order", "mark", "spent_is_positive", "debit_is_signed"}
COLUMNS = tuple(each.name for each in fields(Mapping) if each.name not in _OPTIONS)


def require_mapping(sheet: Sheet, mapping: Mapping) -> None:
    for field in COLUMNS:
        name = getattr(mapping, field)
        if name and name not in sheet.names:
            raise InvalidInput.of_field(f"mapping.{field}", "is no column of the file")
    if not mapping.day:
        raise InvalidInput.of_field("mapping.day", "must be set")
    if bool(mapping.amount) == bool(mapping.debit or mapping.credit):
        raise InvalidInput.of_field("mapping.amount", "must be set, or else debit and credit")
    if mapping.sign and not mapping.amount:
        raise InvalidInput.of_field("mapping.sign", "needs a column of amounts")


def read_rows(sheet: Sheet, mapping: Mapping, currency: str = "") -> Reading:
    """Every row is a line or an error. The currency is that of rows which tell none, empty if there is no such."""
    require_mapping(sheet, mapping)
    reader = _Rows(sheet, mapping, currency)
    lines: list[Line] = []
    errors: list[RowError] = []
    for row in sheet.rows:
        try:
            lines.append(reader.read(row))
        except UnreadableError as wrong:
            errors.append(wrong.at(row.line))
    return Reading(tuple(lines), tuple(errors))


def first_rows(sheet: Sheet, count: int) -> Sheet:
    return replace(sheet, rows=sheet.rows[:count])


def plain_text(cell: str) -> str:
    """The text, without the guard of our own exports."""
    text = cell.strip()
    return text[1:] if text.startswith(_GUARD) and text[1:].startswith(_GUARDED) else text


class _Rows:
    """The columns found once, not for each row."""

    def __init__(self, sheet: Sheet, mapping: Mapping, currency: str) -> None:
        self._mapping = mapping
        self._currency = currency
        self._at = {field: sheet.names.index(getattr(mapping, field)) for field in COLUMNS if getattr(mapping, field)}

    def read(self, row: Row) -> Line:
        return Line(
            row=row.line,
            day=self._day(row),
            amount=self._amount(row),
            payee=self._text(row, "payee"),
            note=self._text(row, "note"),
            bank_id=self._text(row, "bank_id"),
            category=self._text(row, "category"),
            account=self._text(row, "account"),
        )

    def _cell(self, row: Row, field: str) -> str:
        at = self._at.get(field)
        return row.cells[at].strip() if at is not None and at < len(row.cells) else ""

    def _text(self, row: Row, field: str) -> str:
        return plain_text(self._cell(row, field))

    def _day(self, row: Row) -> date:
        text = self._cell(row, Field.DAY)
        day = parse_day(text, self._mapping.order)
        if day is None:
            raise UnreadableError("day", f"{text[:40]!r} is no day" if text else "is missing")
        return day

    def _amount(self, row: Row) -> Amount:
        number = self._single(row) if self._mapping.amount else self._of_two(row)
        return to_amount(number.value, self._currency_of(row, number))

    def _currency_of(self, row: Row, number: Number) -> str:
        said = self._cell(row, Field.CURRENCY)
        code = require_currency(said) if said else ""
        if number.currency and code and number.currency != code:
            raise UnreadableError("currency", f"is {code}, and its amount is in {number.currency}")
        return require_currency(code or number.currency or self._currency)

    def _single(self, row: Row) -> Number:
        number = self._number(row, Field.AMOUNT)
        if number is None:
            raise UnreadableError("amount", "is missing")
        if self._mapping.sign:
            number = number._replace(value=abs(number.value) * self._way(row))
        return number._replace(value=-number.value) if self._mapping.spent_is_positive else number

    def _way(self, row: Row) -> int:
        text = self._cell(row, Field.SIGN)
        way = WAYS.get(folded(text))
        if way is None:
            raise UnreadableError("sign", f"{text[:40]!r} does not say which way the money goes")
        return way

    def _of_two(self, row: Row) -> Number:
        debit, credit = self._number(row, Field.DEBIT), self._number(row, Field.CREDIT)
        if debit and credit and debit.value and credit.value:
            raise UnreadableError("credit", "is set, and so is debit")
        if credit and (credit.value or not debit):
            return credit
        if debit is None:
            raise UnreadableError("amount", "is missing")
        return debit if self._mapping.debit_is_signed else debit._replace(value=-debit.value)

    def _number(self, row: Row, field: str) -> Number | None:
        text = self._cell(row, field)
        number = parse_number(text, self._mapping.mark)
        if text and number is None:
            raise UnreadableError(field, f"{text[:40]!r} is no number")
        return number
