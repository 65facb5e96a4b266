"""How is everything written, and read back? Pure. JSON Lines: an `ExportLine` of the contract in each, in protobuf's JSON mapping.

Lines need no memory of those before them, at either end; a file that was cut shows by its missing tail.
"""

import json
from collections.abc import Iterable, Iterator

from google.protobuf.json_format import Parse, ParseError
from google.protobuf.message import Message

from tallystick.exports.json_mapping import to_json
from tallystick.v1.export_pb2 import ExportLine

FORMAT_VERSION = 1


class ExportUnreadable(Exception):
    """It is none, it is of a later version, or it is not whole. Says which."""


def compose_line(line: Message) -> bytes:
    return json.dumps(to_json(line), separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def read_lines(lines: Iterable[bytes]) -> Iterator[ExportLine]:
    """Each line as it comes: the head, changes, and the tail. Whoever takes them all knows at the end that they were all."""
    entities, is_whole = 0, False
    for number, raw in enumerate(lines, 1):
        line = _read(number, raw)
        which = line.WhichOneof("line")
        if is_whole or (which == "head") != (number == 1):
            raise ExportUnreadable(f"line {number}: is not where it belongs")
        if which == "head" and line.head.format_version != FORMAT_VERSION:
            raise ExportUnreadable(
                f"is of version {line.head.format_version}, and {FORMAT_VERSION} is what is known here"
            )
        entities += which == "change"
        if which == "tail":
            is_whole = True
            if line.tail.entities != entities:
                raise ExportUnreadable(f"has {entities} entities of {line.tail.entities}")
        yield line
    if not is_whole:
        raise ExportUnreadable("was cut: its last line is missing")


def _read(number: int, raw: bytes) -> ExportLine:
    try:
        # What a later server tells besides is none of our business.
        return Parse(raw, ExportLine(), ignore_unknown_fields=True)
    except (ParseError, UnicodeDecodeError) as wrong:
        raise ExportUnreadable(f"line {number}: is no line of an export") from wrong
