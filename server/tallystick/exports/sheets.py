"""How is a table written so that spreadsheets and our own imports read the same cells? Pure. RFC 4180.

A text that begins like a formula gets an apostrophe before it: a spreadsheet would run it, and quotes do not help. Numbers are written by
us and need none. Imports take the apostrophe away again.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tallystick.exports.numbers import plain
from tallystick.v1.export_pb2 import ExportDecimalMark, ExportSeparator
from tallystick.v1.export_service_pb2 import ExportTable
from tallystick.v1.money_pb2 import Money

BOM = b"\xef\xbb\xbf"
GUARD = "'"
GUARDED = ("=", "+", "-", "@", "\t", "\r")

_SEPARATORS = {ExportSeparator.EXPORT_SEPARATOR_SEMICOLON: ";", ExportSeparator.EXPORT_SEPARATOR_TAB: "\t"}
_MARKS = {ExportDecimalMark.EXPORT_DECIMAL_MARK_COMMA: ","}


def text(value: str) -> str:
    """A cell of words that somebody typed. Blanks alone are none."""
    if not value.strip():
        return ""
    return GUARD + value if value.startswith(GUARDED) else value


@dataclass(frozen=True, slots=True)
class Sheet:
    """How this table is written."""

    separator: str = ","
    mark: str = "."
    with_bom: bool = False

    def begin(self, names: Sequence[str]) -> bytes:
        return (BOM if self.with_bom else b"") + self.rows([names])

    def rows(self, rows: Iterable[Sequence[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=self.separator, lineterminator="\r\n").writerows(rows)
        return out.getvalue().encode()

    def number(self, minor: int, currency: str) -> str:
        return plain(minor, currency, self.mark)

    def amount(self, money: Money) -> str:
        return self.number(money.minor, money.currency) if money.currency else ""

    def decimal(self, digits: str) -> str:
        """A number that is no amount."""
        return digits.replace(".", self.mark)


def sheet_of(table: ExportTable) -> Sheet:
    return Sheet(_SEPARATORS.get(table.separator, ","), _MARKS.get(table.decimal_mark, "."), table.with_bom)
