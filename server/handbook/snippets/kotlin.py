"""Calls with the SDK for Kotlin. Messages are written by their builders."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from handbook.model import Call
from handbook.snippets.words import (
    REQUEST_ID,
    SHORT,
    camel,
    fields_of,
    lay_out,
    lower_first,
    pascal,
    push,
    quote,
    value_name,
    write_plain,
)


def write(call: Call, request: Message) -> str:
    function = f"client.{call.stub}.{lower_first(call.name)}"
    written = _write_message(request)
    if call.method.server_streaming:
        return f"{_called(function, written)}.collect {{ part ->\n    println(part)\n}}"
    return f"val answer = {_called(function, written)}"


def _called(function: str, written: str) -> str:
    return f"{function}({written})" if "\n" not in written else f"{function}(\n{push(written, '    ')}\n)"


def _write_message(message: Message) -> str:
    if message.DESCRIPTOR.name == "FieldMask":
        paths = "".join(f".addPaths({quote(path)})" for path in message.paths)  # type: ignore[attr-defined]  # a FieldMask has them
        return f"FieldMask.newBuilder(){paths}.build()"
    name = _type_name(message.DESCRIPTOR)
    lines = [_write_field(field, value) for field, value in fields_of(message)]
    if not lines:
        return f"{name}.getDefaultInstance()"
    line = "; ".join(lines)
    if len(line) <= SHORT - 20 and "\n" not in line:
        return f"{name}.newBuilder().build {{ {line} }}"
    inner = "".join(f"{push(each, '    ')}\n" for each in lines)
    return f"{name}.newBuilder().build {{\n{inner}}}"


def _type_name(descriptor: Any) -> str:
    outer = descriptor.containing_type
    return f"{_type_name(outer)}.{descriptor.name}" if outer is not None else str(descriptor.name)


def _write_field(field: FieldDescriptor, value: Any) -> str:
    if field.is_repeated:
        values = [_write_one(field, each) for each in value]
        if len(values) == 1:
            return f"add{pascal(field.name)}({values[0]})"
        return lay_out(f"addAll{pascal(field.name)}(listOf(", values, "))")
    return f"{camel(field.name)} = {_write_one(field, value)}"


def _write_one(field: FieldDescriptor, value: Any) -> str:
    if field.name == REQUEST_ID:
        return "newId()"
    if field.message_type is not None:
        return _write_message(value)
    if field.enum_type is not None:
        return f"{_type_name(field.enum_type)}.{value_name(field.enum_type, value)}"
    return write_plain(field, value, _quote, "ByteString.copyFromUtf8({})", "{}L")


def _quote(text: str) -> str:
    return quote(text).replace("$", "\\$")
