"""Do lines come back from CSV whatever its dialect, and does a proposal claim only what the file says?"""

import csv
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.errors import InvalidInput
from tallystick.imports.reading.cells import COLUMNS_MAX, DELIMITERS, split_rows
from tallystick.imports.reading.days import Order
from tallystick.imports.reading.lines import TEXT_CHARS_MAX, Amount
from tallystick.imports.reading.mapping import Mapping, read_rows
from tallystick.imports.reading.numbers import Mark
from tallystick.imports.reading.proposing import Confidence, propose
from tallystick.imports.reading.sheets import read_sheet

FORMS = {Order.DAY_MONTH_YEAR: "%d/%m/%Y", Order.MONTH_DAY_YEAR: "%m/%d/%Y", Order.YEAR_MONTH_DAY: "%Y-%m-%d"}
HEADERS = [
    ("Buchungstag", "Empfänger", "Verwendungszweck", "Betrag"),
    ("Date", "Payee", "Memo", "Amount"),
    ("Fecha", "Concepto", "Notas", "Importe"),
    ("Date opération", "Libellé", "Détails", "Montant"),
    ("Data contabile", "Descrizione", "Causale", "Importo"),
    ("Datum", "Naam / Omschrijving", "Mededelingen", "Bedrag"),
    ("Data operacji", "Odbiorca", "Tytuł", "Kwota"),
    ("Data mov.", "Descrição", "Observações", "Montante"),
]
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)
payees = (texts | st.sampled_from(['say "hi"', "two\nlines", "a;b,c|d", "-"])).filter(
    lambda text: not text.startswith("'")
)


@dataclass(frozen=True)
class Told:
    day: date
    payee: str
    note: str
    minor: int


told = st.lists(
    st.builds(Told, st.dates(date(1970, 1, 1), date(2069, 12, 31)), payees, payees, st.integers(-(10**9), 10**9)),
    min_size=1,
    max_size=8,
)


@dataclass(frozen=True)
class Dialect:
    delimiter: str
    is_terse: bool
    line_end: str
    order: Order
    mark: Mark
    is_grouped: bool
    header: tuple[str, ...]
    titles: str


dialects = st.builds(
    Dialect,
    st.sampled_from(DELIMITERS),
    st.booleans(),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(Order),
    st.sampled_from(Mark),
    st.booleans(),
    st.sampled_from(HEADERS),
    st.sampled_from(["", "My bank\n\n", "Konto 123\nStand heute\n"]),
)


def write(lines: list[Told], dialect: Dialect) -> str:
    out = StringIO(newline="")
    out.write(dialect.titles)
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL if dialect.is_terse else csv.QUOTE_ALL
    writer = csv.writer(out, delimiter=dialect.delimiter, quoting=quoting, lineterminator=dialect.line_end)
    writer.writerow(dialect.header)
    for line in lines:
        writer.writerow([line.day.strftime(FORMS[dialect.order]), line.payee, line.note, _money(line.minor, dialect)])
    return out.getvalue()


def _money(minor: int, dialect: Dialect) -> str:
    whole, cents = divmod(abs(minor), 100)
    group = "." if dialect.mark is Mark.COMMA else ","
    text = f"{whole:,}".replace(",", group if dialect.is_grouped else "")
    return f"{'-' if minor < 0 else ''}{text}{dialect.mark}{cents:02}"


@settings(max_examples=50)
@given(told, dialects)
def test_lines_come_back_from_any_dialect(lines: list[Told], dialect: Dialect) -> None:
    sheet = read_sheet(write(lines, dialect), dialect.delimiter)
    assert sheet.names == dialect.header
    mapping = Mapping(
        dialect.header[0],
        dialect.order,
        dialect.mark,
        dialect.header[3],
        payee=dialect.header[1],
        note=dialect.header[2],
    )
    reading = read_rows(sheet, mapping, "EUR")
    assert not reading.errors
    assert [Told(line.day, line.payee, line.note, line.amount.minor) for line in reading.lines] == lines


@settings(max_examples=50)
@given(told, dialects)
def test_the_proposal_is_right_or_asks(lines: list[Told], dialect: Dialect) -> None:
    sheet = read_sheet(write(lines, dialect))
    assert sheet.delimiter == dialect.delimiter
    proposal = propose(sheet, "EUR")
    asked = {question.field for question in proposal.questions}
    mapping = proposal.mapping
    assert (mapping.day, mapping.amount) == (dialect.header[0], dialect.header[3])
    reading = read_rows(sheet, mapping, "EUR")
    assert "order" in asked or [line.day for line in reading.lines] == [line.day for line in lines]
    assert "mark" not in asked
    assert [line.amount.minor for line in reading.lines] == [line.minor for line in lines]
    assert ("spent_is_positive" in asked) == (
        all(line.minor >= 0 for line in lines) and any(line.minor for line in lines)
    )
    assert {part.field for part in proposal.parts if part.confidence is Confidence.UNKNOWN} == asked


def test_headers_that_repeat_are_told_apart() -> None:
    sheet = read_sheet("Date;Text;Text;;Amount\n2024-01-01;a;b;c;1,00\n")
    assert sheet.names == ("Date", "Text", "Text (2)", "#4", "Amount")
    assert sheet.column("Text (2)") == ["b"]


def test_a_wrong_row_does_not_hide_its_column() -> None:
    proposal = propose(
        read_sheet("Date;Amount;Balance\n2024-01-01;-1,50;7\n2024-01-02;-x;8\n2024-01-03;-2,50;9\n"), "EUR"
    )
    assert (proposal.mapping.amount, proposal.mapping.mark) == ("Amount", Mark.COMMA)
    assert [question.field for question in proposal.questions] == ["mark"]
    assert [(error.row, error.field) for error in proposal.preview.errors] == [(3, "amount")]


def test_an_id_that_repeats_is_no_id() -> None:
    """T10: two purchases alike are two."""
    text = "Date;Payee;Reference;Amount\n2024-01-01;Bar;NOTPROVIDED;-3,00\n2024-01-01;Bar;NOTPROVIDED;-3,00\n"
    sheet = read_sheet(text)
    mapping = propose(sheet, "EUR").mapping
    assert not mapping.bank_id
    assert len(read_rows(sheet, mapping, "EUR").lines) == 2


def test_two_columns_of_amounts_and_their_signs() -> None:
    for debit in ("5.00", "-5.00"):
        sheet = read_sheet(
            f"Date,Paid out,Paid in\n2024-01-01,{debit},\n2024-01-02,,7.00\n2024-01-03,0.00,1.00\n2024-01-04,2.00-,0\n"
        )
        lines = read_rows(
            sheet, Mapping("Date", debit="Paid out", credit="Paid in", debit_is_signed=debit < "0"), "EUR"
        ).lines
        assert [line.amount.minor for line in lines] == [-500, 700, 100, 200 if debit == "5.00" else -200]


def test_a_balance_closes_what_amounts_leave_open() -> None:
    proposal = propose(read_sheet("Datum;Betrag;Saldo\n31.01.2024;-1.234;5.000,50\n"), "EUR")
    assert not proposal.questions
    assert proposal.preview.lines[0].amount == Amount("EUR", -123400)


def test_what_no_header_says_is_asked() -> None:
    proposal = propose(read_sheet("2024-01-01;5,00;7,00\n2024-01-02;6,00;13,00\n"), "EUR")
    assert ("amount", ("#2", "#3")) in proposal.questions
    assert propose(read_sheet("Date;Amount\n"), "EUR").mapping == Mapping("Date", Order.DAY_MONTH_YEAR, amount="Amount")


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        (Mapping(""), "mapping.day"),
        (Mapping("Date"), "mapping.amount"),
        (Mapping("Date", amount="Amount", debit="Text"), "mapping.amount"),
        (Mapping("Date", amount="Gone"), "mapping.amount"),
        (Mapping("Date", debit="Amount", sign="Text"), "mapping.sign"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(mapping: Mapping, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_rows(read_sheet("Date;Text;Amount\n2024-01-01;a;1\n"), mapping)
    assert refused.value.violations[0].field == field


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Date;Amount\n2024-01-01;" + "9" * (TEXT_CHARS_MAX + 1), 2),
        ("Date;Amount\n2024-01-01;" + "9" * 1_000_000, 2),
        ("Date;Amount\n2024-01-01;1\n" + ";" * COLUMNS_MAX, 3),
        ('Date;Amount\n2024-01-01;1\n2024-01-02;"2\n', 3),
    ],
)
def test_what_no_program_writes_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(InvalidInput, match=f"line {line}"):
        split_rows(text)


@pytest.mark.parametrize("text", ["one column\nno more\n", "a;b\nc;d\n", '"'])
def test_what_is_no_table_of_money_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_sheet(text)
