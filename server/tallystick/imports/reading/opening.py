"""How does a file become lines, in whatever format it is? Pure. What the file leaves open must have been chosen; nothing is guessed."""

from collections.abc import Callable
from dataclasses import dataclass

from tallystick.errors import InvalidInput
from tallystick.imports.reading.camt import read_camt
from tallystick.imports.reading.days import Order
from tallystick.imports.reading.decoding import decode
from tallystick.imports.reading.detecting import Format, format_of, said_encoding
from tallystick.imports.reading.firefly import read_firefly
from tallystick.imports.reading.known_exports import find_known, propose_known, without_parents
from tallystick.imports.reading.lines import Reading, refusal
from tallystick.imports.reading.mapping import Mapping, read_rows
from tallystick.imports.reading.mt940 import read_mt940
from tallystick.imports.reading.numbers import Mark
from tallystick.imports.reading.ofx import read_ofx
from tallystick.imports.reading.own_export import read_own_export
from tallystick.imports.reading.proposing import Proposal, Question, propose
from tallystick.imports.reading.qif import read_qif, what_fits
from tallystick.imports.reading.sheets import Sheet, read_sheet
from tallystick.imports.reading.splitwise import SharedReading, read_splitwise

# Formats that leave nothing open, with what reads them.
SAYING_ALL: dict[Format, Callable[[str], Reading]] = {
    Format.CAMT_053: read_camt,
    Format.MT940: read_mt940,
    Format.TALLYSTICK: read_own_export,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """By a person, or by a profile that remembers the last time. Empty: the file is asked."""

    encoding: str = ""
    delimiter: str = ""
    # That of lines for which the file names none.
    currency: str = ""
    # Of columns.
    mapping: Mapping | None = None
    # Of QIF, which has no columns.
    order: Order | None = None
    mark: Mark | None = None


def read_lines(data: bytes, format_: Format, chosen: Chosen) -> Reading:
    """All lines and all errors. Refused is what has to be chosen first, by the name of its field."""
    text = decode(data, chosen.encoding, said_encoding(data, format_))
    if read := SAYING_ALL.get(format_):
        return read(text)
    match format_:
        case Format.OFX:
            return read_ofx(text, chosen.currency)
        case Format.QIF:
            return _read_qif(text, chosen)
        case Format.FIREFLY:
            return read_firefly(_sheet(text, format_, chosen))
        case Format.SPLITWISE:
            raise InvalidInput.of_field("format", "holds what a group shares, and no lines of one account")
        case _:
            return _read_columns(_sheet(text, format_, chosen), chosen)


def read_shared(data: bytes, chosen: Chosen) -> SharedReading:
    """What a group shares, of Splitwise."""
    return read_splitwise(_sheet(decode(data, chosen.encoding), Format.SPLITWISE, chosen))


def propose_columns(data: bytes, format_: Format, chosen: Chosen) -> Proposal:
    """How the columns of a file might be read, and what has to be asked about them."""
    return _propose(_sheet(decode(data, chosen.encoding), format_, chosen), chosen)


def questions_of_qif(data: bytes, chosen: Chosen) -> tuple[Question, ...]:
    fits = what_fits(decode(data, chosen.encoding))
    # Where some row is wrong in every order, a person sees which rows.
    orders, marks = fits.orders or tuple(Order), fits.marks or tuple(Mark)
    found = (Question("order", tuple(map(str, orders))), Question("mark", tuple(map(str, marks))))
    return tuple(question for question in found if len(question.options) > 1)


def _sheet(text: str, format_: Format, chosen: Chosen) -> Sheet:
    sheet = read_sheet(text, chosen.delimiter)
    if format_ is not Format.CSV and format_of(sheet) is not format_:
        raise refusal(f"is no export of {format_}")
    return without_parents(sheet) if format_ is Format.ACTUAL else sheet


def _propose(sheet: Sheet, chosen: Chosen) -> Proposal:
    header = find_known(sheet)
    return propose_known(sheet, header, chosen.currency) if header else propose(sheet, chosen.currency)


def _read_columns(sheet: Sheet, chosen: Chosen) -> Reading:
    if chosen.mapping:
        return read_rows(sheet, chosen.mapping, chosen.currency)
    proposal = _propose(sheet, chosen)
    if proposal.questions:
        _require_chosen(proposal.questions[0], "mapping.")
    return read_rows(sheet, proposal.mapping, chosen.currency)


def _read_qif(text: str, chosen: Chosen) -> Reading:
    fits = what_fits(text)
    orders = (chosen.order,) if chosen.order else fits.orders or tuple(Order)
    marks = (chosen.mark,) if chosen.mark else fits.marks or tuple(Mark)
    for field, options in (("order", orders), ("mark", marks)):
        if len(options) > 1:
            _require_chosen(Question(field, tuple(map(str, options))))
    return read_qif(text, orders[0], marks[0], chosen.currency)


def _require_chosen(question: Question, within: str = "") -> None:
    options = ", ".join(question.options)
    raise InvalidInput.of_field(f"{within}{question.field}", f"must be chosen among {options}: the file leaves it open")
