"""What do the languages have in common? Which fields are set, what names become, and how nested things are laid out."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

# What is shorter stays on a line.
SHORT = 70
# What every SDK writes as a call of its own that makes an id.
REQUEST_ID = "request_id"


def fields_of(message: Message) -> Iterator[tuple[FieldDescriptor, Any]]:
    """The fields that are set, as the contract has them in order."""
    yield from sorted(message.ListFields(), key=lambda pair: pair[0].index)


def camel(name: str) -> str:
    """bookId, of book_id."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)


def pascal(name: str) -> str:
    """BookId, of book_id."""
    return camel(f"_{name}")


def lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def value_name(enum: EnumDescriptor, number: int) -> str:
    return str(enum.values_by_number[number].name)


def short_value_name(enum: EnumDescriptor, number: int) -> str:
    """EXPENSE, of TRANSACTION_KIND_EXPENSE: what languages call it whose enums are a scope."""
    return value_name(enum, number).removeprefix(f"{snake(enum.name)}_")


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def lay_out(opening: str, parts: Iterable[str], closing: str, indent: str = "    ") -> str:
    """On one line if it fits, or each part on a line of its own."""
    parts = list(parts)
    line = f"{opening}{', '.join(parts)}{closing}"
    if len(line) <= SHORT and "\n" not in line:
        return line
    inner = "".join(f"{push(part, indent)},\n" for part in parts)
    return f"{opening.rstrip()}\n{inner}{closing.lstrip()}"


def push(text: str, indent: str) -> str:
    return "\n".join(f"{indent}{line}" if line else line for line in text.split("\n"))


def is_long(field: FieldDescriptor) -> bool:
    return bool(field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64))


def write_plain(field: FieldDescriptor, value: Any, text: Callable[[str], str], blob: str, long: str) -> str:
    """What is neither a message nor a name of an enum. `blob` and `long` are how bytes and large numbers are written, around {}."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return blob.format(text(value.decode()))
    if isinstance(value, str):
        return text(value)
    return long.format(value) if is_long(field) else str(value)


def stem_of(file_name: str) -> str:
    """ledger_service, of tallystick/v1/ledger_service.proto."""
    return file_name.rpartition("/")[2].removesuffix(".proto")
