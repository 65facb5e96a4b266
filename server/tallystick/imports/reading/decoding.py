"""Which text do these bytes hold? Pure. An encoding is known from the bytes, said by the file, or chosen by a person; never guessed."""

import re
from typing import NamedTuple

from tallystick.errors import InvalidInput
from tallystick.imports.reading.lines import refusal

FILE_BYTES_MAX = 25_000_000
# What may be chosen, with what is most frequent first.
ENCODINGS = (
    *("windows-1252", "iso-8859-15", "iso-8859-1", "windows-1250", "iso-8859-2", "windows-1251"),
    *("cp850", "cp852", "cp437", "mac-roman"),
)

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_UTF_32 = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
# Files that people take for text because their computer opens them.
_BINARY = (
    (b"PK\x03\x04", "is a spreadsheet or an archive: save it as CSV, or unpack it"),
    (b"%PDF", "is a PDF: ask the bank for CSV, OFX, QIF, CAMT.053 or MT940"),
    (b"\xd0\xcf\x11\xe0", "is a spreadsheet: save it as CSV"),
    (b"\x1f\x8b", "is compressed: unpack it"),
)
_SAMPLE_BYTES = 4096
_PREVIEW_LINES = 3
_PREVIEW_CHARS = 200
# C1 control characters: no bank writes them, and most one-byte encodings hide mistakes behind them.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_NO_ASCII = re.compile(rb"[\x80-\xff]")


class Choice(NamedTuple):
    """An encoding in which the bytes make sense, and lines of which one sees whether it is the right one."""

    encoding: str
    preview: tuple[str, ...]


def decode(data: bytes, chosen: str = "", said: str = "") -> str:
    """The whole text, without the mark at its beginning.

    `said` is the encoding that the file names, `chosen` what a person did. Neither is asked where the bytes speak for themselves."""
    _require_readable(data)
    mark, encoding = _known(data)
    if not encoding:
        encoding = _require_named(said if said in ENCODINGS else chosen)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as wrong:
        where = data.count(b"\n", 0, len(mark) + wrong.start) + 1
        raise refusal(f"is no {encoding}", where) from wrong
    if (nul := text.find("\0")) >= 0:
        raise refusal("holds a NUL character", text.count("\n", 0, nul) + 1)
    return text


def must_choose(data: bytes) -> bool:
    """The bytes alone do not say how they are to be read."""
    return not _known(data)[1]


def possible_encodings(data: bytes) -> tuple[Choice, ...]:
    """What a person may choose among. One of each outcome: encodings that read these bytes alike are one choice."""
    shown = b"\n".join(_telling_lines(data))
    found: dict[str, Choice] = {}
    for encoding in ENCODINGS:
        try:
            text, whole = shown.decode(encoding), data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _CONTROLS.search(whole):
            found.setdefault(whole, Choice(encoding, tuple(line[:_PREVIEW_CHARS] for line in text.split("\n"))))
    return tuple(found.values())


def _require_readable(data: bytes) -> None:
    if not data.strip():
        raise refusal("is empty")
    if len(data) > FILE_BYTES_MAX:
        raise refusal(f"is longer than {FILE_BYTES_MAX} bytes")
    for magic, description in _BINARY:
        if data.startswith(magic):
            raise refusal(description)
    if data.startswith(_UTF_32):
        raise refusal("is UTF-32: save it as UTF-8")


def _known(data: bytes) -> tuple[bytes, str]:
    """The mark at the beginning, and the encoding. Without a name: the bytes do not say."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return mark, encoding
    # Before UTF-8, in which every other character of such a text would be a NUL.
    if encoding := _utf_16(data[:_SAMPLE_BYTES]):
        return b"", encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"", ""
    return b"", "utf-8"


def _utf_16(sample: bytes) -> str:
    """Of Latin text every other byte is a NUL: the second of each pair, or the first."""
    pairs = len(sample) // 2
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if pairs and second * 2 > pairs and not first:
        return "utf-16-le"
    return "utf-16-be" if pairs and first * 2 > pairs and not second else ""


def _require_named(encoding: str) -> str:
    if not encoding:
        raise InvalidInput.of_field("encoding", "must be chosen: the file does not say it")
    if encoding not in ENCODINGS:
        raise InvalidInput.of_field("encoding", f"must be one of {', '.join(ENCODINGS)}")
    return encoding


def _telling_lines(data: bytes) -> list[bytes]:
    lines = (line for line in data.splitlines() if _NO_ASCII.search(line))
    return [line for line, _ in zip(lines, range(_PREVIEW_LINES), strict=False)]
