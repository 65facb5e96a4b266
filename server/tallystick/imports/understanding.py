"""What is a file, how is it read, and what does it leave open? Pure: bytes and answers go in, lines or questions come out.

What was answered counts only where the file leaves it open: an answer that was given about another file of the same kind cannot make
this one say what it does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tallystick.imports.reading.days import Order, find_orders
from tallystick.imports.reading.decoding import decode, possible_encodings
from tallystick.imports.reading.detecting import MARKS, Format, format_of, is_encoding_open, said_encoding
from tallystick.imports.reading.firefly import read_firefly
from tallystick.imports.reading.known_exports import find_known, propose_known, without_parents
from tallystick.imports.reading.lines import Reading
from tallystick.imports.reading.mapping import COLUMNS, Mapping, read_rows
from tallystick.imports.reading.numbers import Mark, find_marks
from tallystick.imports.reading.ofx import read_ofx
from tallystick.imports.reading.opening import SAYING_ALL
from tallystick.imports.reading.proposing import Proposal, Question, preview_of, propose
from tallystick.imports.reading.qif import read_qif, what_fits
from tallystick.imports.reading.sheets import Sheet, read_sheet
from tallystick.imports.reading.splitwise import SharedReading, read_splitwise
from tallystick.imports.transfers import with_transfers
from tallystick.imports.words import (
    DECIMAL_MARKS,
    MARK_NAMES,
    MARKS_BY_NUMBER,
    ORDER_NAMES,
    ORDERS,
    ORDERS_BY_NUMBER,
)
from tallystick.v1.import_pb2 import ImportChoices, ImportColumns, ImportQuestion

_NOTHING = Reading(())
_SAID_BY_COLUMNS = {Format.CSV, Format.YNAB, Format.MINT, Format.ACTUAL}
# Whose rows name no currency of their own, unless a column does.
_WITHOUT_CURRENCY = {*_SAID_BY_COLUMNS, Format.QIF}
_QUESTIONS = {
    "day": "columns.day",
    "amount": "columns.amount",
    "order": "date_order",
    "mark": "decimal_mark",
    "spent_is_positive": "spent_is_positive",
}


@dataclass(frozen=True, slots=True)
class Understood:
    """A file as it is read by some answers."""

    format: Format
    reading: ImportChoices
    questions: tuple[ImportQuestion, ...] = ()
    columns: tuple[str, ...] = ()
    # All of it, unless something is asked: then the first lines, as far as they can be read.
    lines: Reading = _NOTHING
    # By what the next file of this kind is known.
    fingerprint: str = ""
    # Of a file of what a group shares, in place of lines.
    shared: SharedReading | None = None
    # Its rows name no currency: they have that of their account.
    has_no_currency: bool = False


def understand(data: bytes, choices: ImportChoices, currency: str) -> Understood:
    """The currency is that of rows which name none."""
    format_, sheet, text = _open(data, choices)
    if text is None:
        samples = possible_encodings(data)
        asked = ImportQuestion(field="encoding", options=[each.encoding for each in samples])
        asked.samples.extend("\n".join(each.preview) for each in samples)
        return Understood(format_, _reading_of(choices), (asked,), fingerprint=str(format_))
    if sheet is not None:
        return _of_sheet(sheet, format_, choices, currency)
    found = Understood(format_, _reading_of(choices), fingerprint=str(format_))
    if read := SAYING_ALL.get(format_):
        return replace(found, lines=read(text))
    if format_ is Format.OFX:
        return replace(found, lines=read_ofx(text, currency))
    return _of_qif(text, choices, currency)


def _open(data: bytes, choices: ImportChoices) -> tuple[Format, Sheet | None, str | None]:
    """The format, and the columns if it has some. No text: its encoding has to be chosen."""
    rough = decode(data, said="iso-8859-1")
    format_ = next((each for each, is_it, _ in MARKS if is_it(rough)), Format.CSV)
    if not choices.encoding and is_encoding_open(data, format_):
        return (format_ if format_ is not Format.CSV else format_of(read_sheet(rough, choices.delimiter))), None, None
    text = decode(data, choices.encoding, said_encoding(data, format_))
    if format_ is not Format.CSV:
        return format_, None, text
    sheet = read_sheet(text, choices.delimiter)
    format_ = format_of(sheet)
    return format_, (without_parents(sheet) if format_ is Format.ACTUAL else sheet), text


def _of_sheet(sheet: Sheet, format_: Format, choices: ImportChoices, currency: str) -> Understood:
    head = "|".join((str(format_), *sheet.names)) if sheet.header_line else f"{format_}|{len(sheet.names)}"
    found = Understood(format_, _reading_of(choices, delimiter=sheet.delimiter), columns=sheet.names, fingerprint=head)
    if format_ is Format.FIREFLY:
        return replace(found, lines=read_firefly(sheet))
    if format_ is Format.SPLITWISE:
        return replace(found, shared=read_splitwise(sheet))
    mapping, questions = _answered(sheet, _propose(sheet, currency), choices)
    reading = _reading_of(choices, delimiter=sheet.delimiter, mapping=mapping)
    lines = preview_of(sheet, mapping, currency) if questions else read_rows(sheet, mapping, currency)
    return replace(
        found,
        reading=reading,
        questions=tuple(map(_as_asked, questions)),
        lines=with_transfers(format_, lines),
        has_no_currency=not mapping.currency,
    )


def _propose(sheet: Sheet, currency: str) -> Proposal:
    header = find_known(sheet)
    return propose_known(sheet, header, currency) if header else propose(sheet, currency)


def _answered(sheet: Sheet, proposal: Proposal, choices: ImportChoices) -> tuple[Mapping, list[Question]]:
    """The mapping by what was answered, and what is still open."""
    mapping, questions = proposal.mapping, list(proposal.questions)
    if choices.HasField("columns"):
        mapping, questions = _chosen_columns(sheet, choices)
    for asked in proposal.questions if not choices.HasField("columns") else list(questions):
        answer = _answer_to(asked, choices)
        if answer is not None:
            mapping = replace(mapping, **{asked.field: answer})
            questions.remove(asked)
    return mapping, questions


def _answer_to(asked: Question, choices: ImportChoices) -> Any:
    if asked.field == "order" and choices.date_order:
        return ORDERS_BY_NUMBER[choices.date_order]
    if asked.field == "mark" and choices.decimal_mark:
        return MARKS_BY_NUMBER[choices.decimal_mark]
    if asked.field == "spent_is_positive" and choices.HasField("spent_is_positive"):
        return choices.spent_is_positive
    return None


def _chosen_columns(sheet: Sheet, choices: ImportChoices) -> tuple[Mapping, list[Question]]:
    """Columns are as somebody says; how their days and numbers are written the file says, if it does."""
    named: dict[str, Any] = {name: getattr(choices.columns, name) for name in COLUMNS}
    mapping = Mapping(**named, debit_is_signed=choices.columns.debit_is_signed)
    mapping = replace(mapping, spent_is_positive=choices.spent_is_positive)
    days = [text for text in sheet.column(mapping.day) if text.strip()] if mapping.day in sheet.names else []
    amounts = [
        text
        for name in (mapping.amount, mapping.debit, mapping.credit)
        if name in sheet.names
        for text in sheet.column(name)
        if text.strip()
    ]
    questions = []
    orders, marks = find_orders(days) or tuple(Order), find_marks(amounts) or tuple(Mark)
    if len(orders) > 1 and days:
        questions.append(Question("order", tuple(map(str, orders))))
    if len(marks) > 1 and amounts:
        questions.append(Question("mark", tuple(map(str, marks))))
    return replace(mapping, order=orders[0], mark=marks[0]), questions


def _of_qif(text: str, choices: ImportChoices, currency: str) -> Understood:
    fits = what_fits(text)
    orders, marks = fits.orders or tuple(Order), fits.marks or tuple(Mark)
    questions = []
    order, mark = orders[0], marks[0]
    if len(orders) > 1:
        order = ORDERS_BY_NUMBER.get(choices.date_order, order)
        if not choices.date_order:
            questions.append(_as_asked(Question("order", tuple(map(str, orders)))))
    if len(marks) > 1:
        mark = MARKS_BY_NUMBER.get(choices.decimal_mark, mark)
        if not choices.decimal_mark:
            questions.append(_as_asked(Question("mark", tuple(map(str, marks)))))
    reading = _reading_of(choices)
    reading.date_order, reading.decimal_mark = ORDERS[order], DECIMAL_MARKS[mark]
    lines = read_qif(text, order, mark, currency)
    return Understood(
        Format.QIF, reading, tuple(questions), lines=lines, fingerprint=str(Format.QIF), has_no_currency=True
    )


def _as_asked(question: Question) -> ImportQuestion:
    options: Sequence[str] = question.options
    if question.field == "order":
        options = [ORDER_NAMES[Order(each)] for each in options]
    elif question.field == "mark":
        options = [MARK_NAMES[Mark(each)] for each in options]
    return ImportQuestion(field=_QUESTIONS[question.field], options=options)


def _reading_of(choices: ImportChoices, *, delimiter: str = "", mapping: Mapping | None = None) -> ImportChoices:
    """How it is read, whoever said so."""
    reading = ImportChoices()
    reading.CopyFrom(choices)
    reading.delimiter = delimiter
    if mapping is not None:
        columns = ImportColumns(debit_is_signed=mapping.debit_is_signed)
        for name in COLUMNS:
            setattr(columns, name, getattr(mapping, name))
        reading.columns.CopyFrom(columns)
        reading.date_order, reading.decimal_mark = ORDERS[mapping.order], DECIMAL_MARKS[mapping.mark]
        reading.spent_is_positive = mapping.spent_is_positive
    return reading
