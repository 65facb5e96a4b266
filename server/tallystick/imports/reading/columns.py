"""What does one column hold, as far as its header and all of its cells tell? Pure."""

from collections.abc import Sequence
from functools import cached_property

from tallystick.currencies import EXPONENTS
from tallystick.imports.reading.days import Order, find_orders, parse_day
from tallystick.imports.reading.header_words import WAYS, Field, is_known, place_of
from tallystick.imports.reading.numbers import Mark, find_marks, parse_number
from tallystick.imports.reading.sheets import Sheet
from tallystick.ledger.folding import folded


class Column:
    """Cells that are empty say nothing; a column without any others holds whatever its header says."""

    def __init__(self, name: str, cells: Sequence[str]) -> None:
        self.name = name
        self.texts = tuple(text for cell in cells if (text := cell.strip()))
        self.is_full = bool(cells) and len(self.texts) == len(cells)
        self.filled = tuple(bool(cell.strip()) for cell in cells)

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        return find_orders(self.texts)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        return () if self.orders and self._are_written_as_days else find_marks(self.texts)

    def marks_by_rows(self) -> tuple[Mark, ...]:
        """Both, that with which most of the texts are numbers first."""
        return tuple(sorted(Mark, key=lambda mark: -sum(parse_number(text, mark) is not None for text in self.texts)))

    @cached_property
    def may_be_amounts(self) -> bool:
        """All or most of its texts are numbers: a wrong row is an error of that row, and none of the column."""
        mark = self.marks_by_rows()[0]
        return sum(parse_number(text, mark) is not None for text in self.texts) * 2 >= len(self.texts)

    @property
    def is_empty(self) -> bool:
        return not self.texts

    @property
    def is_known(self) -> bool:
        return is_known(self.name)

    @cached_property
    def is_text(self) -> bool:
        return bool(self.texts) and not self.orders and not self.marks and not self.are_currencies

    @cached_property
    def are_currencies(self) -> bool:
        return bool(self.texts) and all(text.upper() in EXPONENTS for text in self.texts)

    @cached_property
    def ways(self) -> frozenset[int]:
        """Which ways its words say. None at all if one of them says nothing."""
        found = set()
        for text in self.texts:
            way = WAYS.get(folded(text))
            if way is None:
                return frozenset()
            found.add(way)
        return frozenset(found)

    @cached_property
    def is_distinct(self) -> bool:
        return len(set(self.texts)) == len(self.texts)

    @cached_property
    def has_decimals(self) -> bool:
        return any("," in text or "." in text for text in self.texts)

    def orders_by_rows(self) -> tuple[Order, ...]:
        """All of them, that in which most of the texts are days first."""
        return tuple(sorted(Order, key=lambda order: -sum(parse_day(text, order) is not None for text in self.texts)))

    def signs(self) -> frozenset[int]:
        """-1 if there is a number below zero, 1 if there is one above."""
        mark = self.marks[0] if self.marks else Mark.POINT
        numbers = (parse_number(text, mark) for text in self.texts)
        return frozenset(1 if number.value > 0 else -1 for number in numbers if number and number.value)

    def place(self, field: Field) -> int | None:
        return place_of(field, self.name)

    @property
    def _are_written_as_days(self) -> bool:
        """Eight digits may be a number as well, 31.12.2024 may not."""
        return not all(text.isdecimal() for text in self.texts)


def columns_of(sheet: Sheet) -> list[Column]:
    return [Column(name, sheet.column(name)) for name in sheet.names]


def best_named(columns: Sequence[Column], field: Field) -> Column | None:
    """The one whose header says the field best; of equals the first."""
    named = [(place, at) for at, column in enumerate(columns) if (place := column.place(field)) is not None]
    return columns[min(named)[1]] if named else None
