"""What is right for files? Pure: what they may be called, how large they may be, and into which parts they come."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from tallystick.errors import Duplicate, InvalidInput, RuleBroken
from tallystick.files.rules_types import ARCHIVE
from tallystick.v1.error_reason_pb2 import ErrorReason

# As the contract has it. An upload keeps the size that it began with.
PART_BYTES = 1024 * 1024
UPLOAD_LASTS = timedelta(days=1)
DELETED_KEPT = timedelta(days=30)
NAME_BYTES_MAX = 255
# What stands behind the last dot is an ending up to here.
ENDING_BYTES_MAX = 20
MISSING_NAME = "file"

# What separates folders, here or on the machine that the name came from.
_SEPARATORS = re.compile(r"[/\\]")
# Letters that no name shows: controls, and those that turn the direction of writing, so that "exe.pdf" is not read backwards.
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
# Joiners that scripts and emoji need.
_SEEN = "\u200c\u200d"
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Names that a machine takes for its devices, with any ending.
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE)


class Limits(NamedTuple):
    """How much a file, and all files of a user, may have."""

    file_bytes_max: int
    user_bytes_max: int


class Part(NamedTuple):
    """A part of a content: its number, and which of its bytes are wanted."""

    number: int
    begin: int
    end: int


def clean_name(name: str) -> str:
    """A label that any machine takes for the name of a file. Nothing here ever uses it as one."""
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name).rstrip("/\\"))[-1]
    seen = "".join(each for each in last if each in _SEEN or unicodedata.category(each) not in _UNSEEN)
    cleaned = _shorten(_FORBIDDEN.sub("_", seen).strip().rstrip(". "))
    if not cleaned.strip("._ "):
        return MISSING_NAME
    return f"_{cleaned}" if _RESERVED.fullmatch(cleaned) else cleaned


def _shorten(name: str) -> str:
    """Cut in front of its ending, which says what it is."""
    if len(name.encode()) < NAME_BYTES_MAX:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > ENDING_BYTES_MAX:
        stem, dot, ending = name, "", ""
    kept = stem.encode()[: NAME_BYTES_MAX - 1 - len((dot + ending).encode())].decode(errors="ignore")
    return kept.rstrip(". ") + dot + ending


def require_size(size_bytes: int, limits: Limits, *, may_be_backup: bool = False) -> None:
    """A backup that is brought to be restored may be as large as all files together. Its content has to say that it is one."""
    bytes_max = limits.user_bytes_max if may_be_backup else limits.file_bytes_max
    if size_bytes > bytes_max:
        raise _too_large("size_bytes", bytes_max)


def require_content(size_bytes: int, content_type: str, limits: Limits) -> None:
    """What is larger than files may be is a backup."""
    if size_bytes > limits.file_bytes_max and content_type != ARCHIVE:
        raise _too_large("data", limits.file_bytes_max)


def _too_large(field: str, bytes_max: int) -> InvalidInput:
    refusal = InvalidInput.of_field(field, f"is more than {bytes_max}", ErrorReason.ERROR_REASON_FILE_TOO_LARGE)
    refusal.metadata["bytes_max"] = str(bytes_max)
    return refusal


def require_room(held_bytes: int, size_bytes: int, limits: Limits) -> None:
    if held_bytes + size_bytes > limits.user_bytes_max:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_FILES_FULL,
            "Your files would have more bytes than they may; delete some for good first.",
            metadata={"bytes": str(held_bytes), "bytes_max": str(limits.user_bytes_max)},
        )


def count_parts(size_bytes: int, part_bytes: int) -> int:
    return -(-size_bytes // part_bytes)


def length_of_part(number: int, size_bytes: int, part_bytes: int) -> int:
    return min(part_bytes, size_bytes - number * part_bytes)


def require_part(number: int, length: int, size_bytes: int, part_bytes: int) -> None:
    """What comes is what was said: nobody brings more than they began with."""
    if number >= count_parts(size_bytes, part_bytes):
        raise InvalidInput.of_field("number", "is behind the last part")
    expected = length_of_part(number, size_bytes, part_bytes)
    if length != expected:
        raise InvalidInput.of_field("data", f"must have {expected} bytes")


def require_all_parts(there: set[int], size_bytes: int, part_bytes: int) -> None:
    missing = [number for number in range(count_parts(size_bytes, part_bytes)) if number not in there]
    if missing:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_PARTS_MISSING,
            "Some parts have not come yet.",
            metadata={"count": str(len(missing)), "first": str(missing[0])},
        )


def parts_of_range(offset: int, limit: int, size_bytes: int, part_bytes: int) -> Iterator[Part]:
    """The parts that hold these bytes. A limit of 0 is none."""
    end = size_bytes if limit == 0 else min(size_bytes, offset + limit)
    while offset < end:
        number, begin = divmod(offset, part_bytes)
        taken = min(part_bytes - begin, end - offset)
        yield Part(number, begin, begin + taken)
        offset += taken


def require_offset(offset: int, size_bytes: int) -> None:
    if offset > size_bytes:
        raise InvalidInput.of_field("offset", "is behind the end")


def checksum_mismatch() -> InvalidInput:
    return InvalidInput.of_field("sha256", "is that of other bytes", ErrorReason.ERROR_REASON_CHECKSUM_MISMATCH)


def part_differs() -> Duplicate:
    return Duplicate(ErrorReason.ERROR_REASON_PART_DIFFERS, "The part is there with another content.")


def content_gone() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_CONTENT_GONE, "The file's content is not kept any more.")
