"""Calls with the SDK for Dart."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from handbook.model import Call
from handbook.snippets.words import REQUEST_ID, camel, fields_of, lay_out, lower_first, value_name, write_plain


def write(call: Call, request: Message) -> str:
    function = f"client.{call.stub}.{lower_first(call.name)}"
    written = _write_message(request)
    if call.method.server_streaming:
        return f"await for (final part in {_called(function, written)}) {{\n  print(part);\n}}"
    return f"final answer = await {_called(function, written)};"


def _called(function: str, written: str) -> str:
    if "\n" not in written:
        return f"{function}({written})"
    return f"{function}(\n  {written.replace(chr(10), chr(10) + '  ')},\n)"


def _write_message(message: Message) -> str:
    prefix = "v1." if message.DESCRIPTOR.file.package.startswith("tallystick") else ""
    parts = [f"{camel(field.name)}: {_write_value(field, value)}" for field, value in fields_of(message)]
    return lay_out(f"{prefix}{_type_name(message.DESCRIPTOR)}(", parts, ")", "  ")


def _type_name(descriptor: Any) -> str:
    outer = descriptor.containing_type
    return f"{_type_name(outer)}_{descriptor.name}" if outer is not None else str(descriptor.name)


def _write_value(field: FieldDescriptor, value: Any) -> str:
    if field.is_repeated:
        return lay_out("[", [_write_one(field, each) for each in value], "]", "  ")
    return _write_one(field, value)


def _write_one(field: FieldDescriptor, value: Any) -> str:
    if field.name == REQUEST_ID:
        return "newId()"
    if field.message_type is not None:
        return _write_message(value)
    if field.enum_type is not None:
        return f"v1.{_type_name(field.enum_type)}.{value_name(field.enum_type, value)}"
    return write_plain(field, value, _quote, "utf8.encode({})", "Int64({})")


def _quote(text: str) -> str:
    if "'" in text:
        return f'"{text}"'
    return "'" + text.replace("\\", "\\\\").replace("$", "\\$") + "'"
