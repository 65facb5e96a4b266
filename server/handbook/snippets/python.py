"""Calls with the SDK for Python."""

from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from handbook.model import Call, kind_of
from handbook.snippets.words import REQUEST_ID, fields_of, lay_out, push, quote, stem_of, value_name


def write(call: Call, request: Message) -> str:
    imports: dict[str, set[str]] = {}
    written = _write_message(request, imports)
    if "new_id()" in written:
        imports["tallystick_client"] = {"new_id"}
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())]
    function = f"client.{call.stub}.{call.name}"
    if call.method.client_streaming:
        return "\n".join([*lines, "", f"answer = {function}(iter([{written}]))"])
    if call.method.server_streaming:
        return "\n".join([*lines, "", f"request = {written}", f"for part in {function}(request):", "    print(part)"])
    if "\n" in written:
        written = f"\n{push(written, '    ')}\n"
    return "\n".join([*lines, "", f"answer = {function}({written})"])


def _write_message(message: Message, imports: dict[str, set[str]]) -> str:
    descriptor = kind_of(message)
    own = descriptor.file.package.startswith("tallystick")
    module = stem_of(descriptor.file.name)
    package = "tallystick_client.v1" if own else "google.protobuf"
    imports.setdefault(f"{package}.{module}_pb2", set()).add(_outermost(descriptor).name)
    name = descriptor.full_name.removeprefix(f"{descriptor.file.package}.")
    parts = [f"{field.name}={_write_value(field, value, imports)}" for field, value in fields_of(message)]
    return lay_out(f"{name}(", parts, ")")


def _write_value(field: FieldDescriptor, value: Any, imports: dict[str, set[str]]) -> str:
    if field.is_repeated:
        return lay_out("[", [_write_one(field, each, imports) for each in value], "]")
    return _write_one(field, value, imports)


def _write_one(field: FieldDescriptor, value: Any, imports: dict[str, set[str]]) -> str:
    if field.name == REQUEST_ID:
        return "new_id()"
    if field.message_type is not None:
        return _write_message(value, imports)
    if field.enum_type is not None:
        kind = field.enum_type
        module = f"tallystick_client.v1.{stem_of(kind.file.name)}_pb2"
        imports.setdefault(module, set()).add(_outermost(kind).name)
        name = kind.full_name.removeprefix(f"{kind.file.package}.")
        return f"{name}.{value_name(field.enum_type, value)}"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bytes):
        return f"b{quote(value.decode())}"
    return repr(value)


def _outermost(kind: Descriptor | EnumDescriptor) -> Descriptor | EnumDescriptor:
    """What a module can be asked for."""
    return kind if kind.containing_type is None else _outermost(kind.containing_type)
