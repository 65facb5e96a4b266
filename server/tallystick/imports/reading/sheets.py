"""Which of the rows is the header, and what are the columns called? Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.imports.reading.cells import Row, common_width, split_rows
from tallystick.imports.reading.days import is_day
from tallystick.imports.reading.header_words import is_known
from tallystick.imports.reading.lines import refusal
from tallystick.imports.reading.numbers import is_number

_KNOWN_LEAST = 2
# Titles are a few lines, and a statement that begins with so many rows without a day or an amount is none.
_TITLES_MAX = 100


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns with names, and the rows below them. Rows may be shorter or longer than the names."""

    delimiter: str
    # The line of the header, 0 if the file has none: then columns are called by their number.
    header_line: int
    # Each once: a second `Date` is `Date (2)`.
    names: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, name: str) -> list[str]:
        at = self.names.index(name)
        return [row.cells[at] if at < len(row.cells) else "" for row in self.rows]


def read_sheet(text: str, delimiter: str = "") -> Sheet:
    """Lines of titles before the header are left out; so are blank ones."""
    rows, delimiter = split_rows(text, delimiter)
    first = next((index for index, row in enumerate(rows[:_TITLES_MAX]) if row.is_typed), None)
    at = _find_header(rows, min(len(rows), _TITLES_MAX) if first is None else first)
    if at is None:
        if first is None:
            raise refusal("has no header that is known, and no row with a day and an amount")
        width = max(len(row.cells) for row in rows[first:])
        return Sheet(delimiter, 0, tuple(f"#{number + 1}" for number in range(width)), tuple(rows[first:]))
    return Sheet(delimiter, rows[at].line, _distinct(rows[at].cells), tuple(rows[at + 1 :]))


def _find_header(rows: Sequence[Row], first: int) -> int | None:
    """Of the rows before the first typed one, that with the most known words; of equals the last."""
    width = common_width([*rows[first:]])
    best, most = None, 0
    for index, row in enumerate(rows[:first]):
        known = sum(map(is_known, row.cells))
        # A row of titles is narrower; a header without one known word must be as wide as what it heads.
        fits = known >= _KNOWN_LEAST or (width and abs(len(row.cells) - width) <= 1)
        if fits and known >= most and not any(is_day(cell) or is_number(cell) for cell in row.cells):
            best, most = index, known
    return best


def _distinct(cells: Sequence[str]) -> tuple[str, ...]:
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, 1):
        name = base = " ".join(cell.split()) or f"#{number}"
        again = 2
        while name in taken:
            name, again = f"{base} ({again})", again + 1
        taken.add(name)
        names.append(name)
    return tuple(names)
