"""Calls with the SDK for Go."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from handbook.model import Call
from handbook.snippets.words import REQUEST_ID, SHORT, fields_of, pascal, push, quote, value_name, write_plain

POINTERS = {
    FieldDescriptor.CPPTYPE_STRING: "proto.String",
    FieldDescriptor.CPPTYPE_BOOL: "proto.Bool",
    FieldDescriptor.CPPTYPE_INT32: "proto.Int32",
    FieldDescriptor.CPPTYPE_INT64: "proto.Int64",
}


def write(call: Call, request: Message) -> str:
    function = f"client.{pascal(call.stub)}.{call.name}"
    written = f"&{_write_message(request)}"
    if not call.method.server_streaming:
        return f"answer, err := {function}(ctx, {written})\nif err != nil {{\n\treturn err\n}}\nfmt.Println(answer)"
    loop = [
        "for {",
        "\tpart, err := stream.Recv()",
        "\tif errors.Is(err, io.EOF) {",
        "\t\tbreak",
        "\t}",
        "\tif err != nil {",
        "\t\treturn err",
        "\t}",
        "\tfmt.Println(part)",
        "}",
    ]
    return "\n".join([f"stream, err := {function}(ctx, {written})", "if err != nil {", "\treturn err", "}", *loop])


def _write_message(message: Message) -> str:
    package = (
        "v1" if message.DESCRIPTOR.file.package.startswith("tallystick") else message.DESCRIPTOR.name.lower() + "pb"
    )
    parts = [_write_field(field, value) for field, value in fields_of(message)]
    return f"{package}.{_type_name(message.DESCRIPTOR)}{_braces(parts)}"


def _braces(parts: list[str]) -> str:
    line = ", ".join(parts)
    if len(line) <= SHORT - 10 and "\n" not in line:
        return f"{{{line}}}"
    return "{\n" + "".join(f"{push(each, chr(9))},\n" for each in _aligned(parts)) + "}"


def _aligned(parts: list[str]) -> Iterator[str]:
    """As gofmt does it: the values of neighbours that are a line each stand below each other."""
    for is_line, run in groupby(parts, lambda part: "\n" not in part and ": " in part):
        neighbours = list(run)
        widest = max(len(part.partition(": ")[0]) for part in neighbours)
        for part in neighbours:
            key, colon, value = part.partition(": ")
            yield f"{key}{colon}{' ' * (widest - len(key))}{value}" if is_line else part


def _type_name(descriptor: Any) -> str:
    outer = descriptor.containing_type
    return f"{_type_name(outer)}_{descriptor.name}" if outer is not None else str(descriptor.name)


def _write_field(field: FieldDescriptor, value: Any) -> str:
    oneof = field.containing_oneof
    name = pascal(field.name)
    if oneof is not None and len(oneof.fields) > 1:
        wrapper = f"{_type_name(field.containing_type)}_{name}"
        return f"{pascal(oneof.name)}: &v1.{wrapper}{_braces([f'{name}: {_write_one(field, value)}'])}"
    if field.is_repeated:
        return f"{name}: []{_element_type(field)}{_braces([_write_one(field, each) for each in value])}"
    written = _write_one(field, value)
    if field.has_presence and field.message_type is None:
        written = f"{written}.Enum()" if field.enum_type is not None else f"{POINTERS[field.cpp_type]}({written})"
    return f"{name}: {written}"


def _element_type(field: FieldDescriptor) -> str:
    if field.message_type is not None:
        return f"*v1.{_type_name(field.message_type)}"
    if field.enum_type is not None:
        return f"v1.{_type_name(field.enum_type)}"
    return "string" if field.cpp_type == FieldDescriptor.CPPTYPE_STRING else "int32"


def _write_one(field: FieldDescriptor, value: Any) -> str:
    if field.name == REQUEST_ID:
        return "tallystick.NewID()"
    if field.message_type is not None:
        return f"&{_write_message(value)}"
    if field.enum_type is not None:
        outer = field.enum_type.containing_type
        scope = _type_name(outer) if outer is not None else field.enum_type.name
        return f"v1.{scope}_{value_name(field.enum_type, value)}"
    return write_plain(field, value, quote, "[]byte({})", "{}")
