"""Calls with the SDK for Swift."""

import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from handbook.model import Call
from handbook.snippets.words import (
    REQUEST_ID,
    SHORT,
    camel,
    fields_of,
    lower_first,
    push,
    quote,
    short_value_name,
    write_plain,
)

# Words that the generator writes in capitals.
INITIALISM = re.compile(r"(?<=[a-z0-9])(Id|Url|Http|Https)(?=[A-Z]|s?$)")


def write(call: Call, request: Message) -> str:
    function = f"client.{call.stub}.{lower_first(call.name)}"
    written = f"let request = {_write_message(request)}"
    if call.method.server_streaming:
        return f"{written}\nfor try await part in answers(of: {function}(), to: request) {{\n    print(part)\n}}"
    return f"{written}\nlet answer = try await {function}(request: request).answer()"


def _write_message(message: Message) -> str:
    name = _type_name(message.DESCRIPTOR)
    lines = [f"$0.{_field_name(field.name)} = {_write_value(field, value)}" for field, value in fields_of(message)]
    if not lines:
        return f"{name}()"
    line = "; ".join(lines)
    if len(line) <= SHORT - 14 and "\n" not in line:
        return f"{name}.with {{ {line} }}"
    return f"{name}.with {{\n" + "".join(f"{push(each, '    ')}\n" for each in lines) + "}"


def _type_name(descriptor: Any) -> str:
    outer = descriptor.containing_type
    if outer is not None:
        return f"{_type_name(outer)}.{descriptor.name}"
    prefix = "Tallystick_V1_" if descriptor.file.package.startswith("tallystick") else "Google_Protobuf_"
    return f"{prefix}{descriptor.name}"


def _field_name(name: str) -> str:
    return "url" if name == "url" else INITIALISM.sub(lambda match: match[1].upper(), camel(name))


def _write_value(field: FieldDescriptor, value: Any) -> str:
    if field.is_repeated:
        return f"[{', '.join(_write_one(field, each) for each in value)}]"
    return _write_one(field, value)


def _write_one(field: FieldDescriptor, value: Any) -> str:
    if field.name == REQUEST_ID:
        return "newID()"
    if field.message_type is not None:
        return _write_message(value)
    if field.enum_type is not None:
        return f".{camel(short_value_name(field.enum_type, value).lower())}"
    return write_plain(field, value, quote, "Data({}.utf8)", "{}")
