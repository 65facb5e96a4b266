"""Does every spreadsheet read the cells that were written, and does none of them run one?"""

import csv
import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick.exports.numbers import grouped, percent, plain
from tallystick.exports.sheets import GUARDED, Sheet, text
from tallystick.imports.reading.mapping import plain_text

SHEETS = st.builds(Sheet, st.sampled_from([",", ";", "\t"]), st.sampled_from([".", ","]), st.booleans())
# What the contract lets through: text without NUL and halves of characters.
PLAIN = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
# Left to chance, a formula would hardly ever be among them.
TEXTS = PLAIN | st.tuples(st.sampled_from(GUARDED), PLAIN).map("".join)
AMOUNTS = st.integers(-(2**63) + 1, 2**63 - 1)
CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@given(SHEETS, st.lists(st.tuples(TEXTS, TEXTS), max_size=5))
def test_cells_come_back_as_they_were_written(sheet: Sheet, rows: list[tuple[str, str]]) -> None:
    written = sheet.begin(("a", "b")) + sheet.rows(rows)
    read = csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=sheet.separator, strict=True)
    assert [tuple(row) for row in read] == [("a", "b"), *rows]


@given(TEXTS)
def test_no_text_begins_like_a_formula_and_imports_read_what_was_typed(typed: str) -> None:
    cell = text(typed)
    assert not cell.startswith(GUARDED)
    # An apostrophe that somebody typed before a formula cannot be told from ours.
    if not typed.startswith("'"):
        assert plain_text(cell).strip() == typed.strip()


@given(AMOUNTS, CURRENCIES)
def test_an_amount_is_written_exactly(minor: int, currency: str) -> None:
    assert Decimal(plain(minor, currency)) == Decimal(minor).scaleb(-EXPONENTS[currency])
    assert plain(minor, currency, ",").replace(",", ".") == plain(minor, currency)
    assert grouped(minor, currency).replace(",", "").replace("\u2212", "-") == plain(minor, currency)


@given(st.integers(-(10**9), 10**9))
def test_a_share_is_written_exactly(basis_points: int) -> None:
    assert Decimal(percent(basis_points)) == Decimal(basis_points).scaleb(-2)
