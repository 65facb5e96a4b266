"""Which format is a file in? Pure. By its content; the name only confirms, for banks give names as they like."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from tallystick.errors import InvalidInput
from tallystick.imports.reading import ofx
from tallystick.imports.reading.camt import is_camt
from tallystick.imports.reading.decoding import decode, must_choose
from tallystick.imports.reading.firefly import is_firefly
from tallystick.imports.reading.known_exports import ACTUAL, MINT, YNAB, find_known
from tallystick.imports.reading.mt940 import is_mt940
from tallystick.imports.reading.own_export import is_own_export
from tallystick.imports.reading.proposing import Confidence
from tallystick.imports.reading.qif import is_qif
from tallystick.imports.reading.sheets import Sheet, read_sheet
from tallystick.imports.reading.splitwise import is_splitwise


class Format(StrEnum):
    CSV = "csv"
    OFX = "ofx"
    QIF = "qif"
    CAMT_053 = "camt053"
    MT940 = "mt940"
    SPLITWISE = "splitwise"
    YNAB = "ynab"
    MINT = "mint"
    ACTUAL = "actual"
    FIREFLY = "firefly"
    TALLYSTICK = "tallystick"


class Detected(NamedTuple):
    format: Format
    confidence: Confidence
    reasons: tuple[str, ...]


MARKS: tuple[tuple[Format, Callable[[str], bool], str], ...] = (
    (Format.OFX, ofx.is_ofx, "it begins as OFX"),
    (Format.CAMT_053, is_camt, "it is XML of CAMT.053"),
    (Format.QIF, is_qif, "it begins with a type of QIF"),
    (Format.MT940, is_mt940, "it has the fields of MT940"),
    (Format.TALLYSTICK, is_own_export, "it begins as an export of ours"),
)
_PROGRAMS = {YNAB: Format.YNAB, MINT: Format.MINT, ACTUAL: Format.ACTUAL}
_ENDINGS = {
    Format.OFX: (".ofx", ".qfx"),
    Format.CAMT_053: (".xml", ".camt", ".053", ".c53"),
    Format.QIF: (".qif",),
    Format.TALLYSTICK: (".jsonl", ".ndjson", ".json"),
    Format.MT940: (".sta", ".mt940", ".940", ".swi", ".txt"),
}
_OF_SHEETS = (".csv", ".tsv", ".txt")


def detect(data: bytes, name: str = "") -> Detected:
    """Refused is what is none of these: a file without columns, or without a day and an amount."""
    text = _text(data)
    for format_, is_it, reason in MARKS:
        if is_it(text):
            return Detected(format_, Confidence.CERTAIN, (reason, *_by_name(name, _ENDINGS[format_])))
    sheet = read_sheet(text)
    format_ = format_of(sheet)
    if format_ is not Format.CSV:
        return Detected(format_, Confidence.CERTAIN, ("it has the header of this program", *_by_name(name, _OF_SHEETS)))
    confidence = Confidence.CERTAIN if sheet.header_line else Confidence.LIKELY
    reason = "it has columns" if sheet.header_line else "it has columns without a header"
    return Detected(format_, confidence, (reason, *_by_name(name, _OF_SHEETS)))


def _text(data: bytes) -> str:
    """What tells formats apart is ASCII, which all encodings to choose from have in common."""
    return decode(data, said="iso-8859-1" if must_choose(data) else "")


def format_of(sheet: Sheet) -> Format:
    """The program whose header this is, or CSV of anyone."""
    if header := find_known(sheet):
        return _PROGRAMS[header]
    if is_firefly(sheet):
        return Format.FIREFLY
    return Format.SPLITWISE if is_splitwise(sheet) else Format.CSV


def _by_name(name: str, endings: tuple[str, ...]) -> tuple[str, ...]:
    if not name:
        return ()
    return ("its name says so too",) if name.casefold().endswith(endings) else ("its name says something else",)


def said_encoding(data: bytes, format_: Format) -> str:
    """The encoding that the file itself names, if its format has a place for it."""
    return ofx.said_encoding(data) if format_ is Format.OFX else ""


def is_encoding_open(data: bytes, format_: Format) -> bool:
    """A person has to choose one of `possible_encodings` before the file can be read."""
    try:
        decode(data, said=said_encoding(data, format_))
    except InvalidInput as refused:
        return refused.violations[0].field == "encoding"
    return False
