"""How is a text with columns cut into cells: which delimiter, and where do the rows begin? Pure."""

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from itertools import islice
from typing import NamedTuple

from tallystick.errors import InvalidInput
from tallystick.imports.reading.days import is_day
from tallystick.imports.reading.lines import TEXT_CHARS_MAX, refusal, require_few
from tallystick.imports.reading.numbers import is_number

DELIMITERS = (";", ",", "\t", "|")
COLUMNS_MAX = 200

_SAMPLE_ROWS = 100
_SEP = "sep="


class Row(NamedTuple):
    """The line of the file in which it begins, from 1. Quoted cells may go on over several."""

    line: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.cells)

    @property
    def is_typed(self) -> bool:
        """It holds a day and a number, as what is bought or earned does."""
        return any(map(is_day, self.cells)) and any(is_number(cell) and not is_day(cell) for cell in self.cells)


def split_rows(text: str, delimiter: str = "") -> tuple[list[Row], str]:
    """All rows that are not blank, and the delimiter: the given one, else what the text says in its first line, else the likeliest."""
    if delimiter and delimiter not in DELIMITERS:
        raise InvalidInput.of_field("delimiter", "must be a semicolon, a comma, a tab or a bar")
    delimiter = delimiter or _said(text) or _find_delimiter(text)
    rows = []
    for count, row in enumerate(_rows(text, delimiter), 1):
        require_few(count, row.line)
        if not row.is_blank:
            rows.append(row)
    return rows, delimiter


def common_width(rows: list[Row]) -> int:
    """How many cells most of the rows have."""
    return Counter(len(row.cells) for row in rows).most_common(1)[0][0] if rows else 0


def _said(text: str) -> str:
    """Spreadsheets write `sep=;` in the first line, for each other."""
    first = text[: len(_SEP) + 1]
    return first[-1] if first.casefold().startswith(_SEP) and first[-1] in DELIMITERS else ""


def _find_delimiter(text: str) -> str:
    """The one that gives the most rows of the same width, of those that hold a day and a number."""
    scores = {delimiter: score for delimiter in DELIMITERS if (score := _score(text, delimiter))}
    if not scores:
        raise refusal("has no columns: it was cut at semicolons, commas, tabs and bars")
    return max(scores, key=lambda delimiter: scores[delimiter])


def _score(text: str, delimiter: str) -> tuple[int, int, int] | None:
    try:
        rows = [row for row in islice(_rows(text, delimiter), _SAMPLE_ROWS) if not row.is_blank]
    except InvalidInput:
        # Quotes that close nowhere with this one close with another; if with none, the text is refused for it below.
        rows = []
    wide = [row for row in rows if len(row.cells) > 1]
    if not wide:
        return None if rows or delimiter not in text else (0, 0, 0)
    width = common_width(wide)
    alike = [row for row in wide if len(row.cells) == width]
    return sum(row.is_typed for row in alike), len(alike), width


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as wrong:
            raise refusal(f"its quotes or cells are not whole: {wrong}", line) from wrong
        if cells is None:
            return
        if len(cells) > COLUMNS_MAX:
            raise refusal(f"has more than {COLUMNS_MAX} columns", line)
        if (chars := max(map(len, cells), default=0)) > TEXT_CHARS_MAX:
            column = next(number for number, cell in enumerate(cells, 1) if len(cell) == chars)
            raise refusal(f"has a text of more than {TEXT_CHARS_MAX} characters in column {column}", line)
        yield Row(line, tuple(cells))
