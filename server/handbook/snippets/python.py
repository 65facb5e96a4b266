"""Calls with the SDK for Python."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from handbook.model import Call
from handbook.snippets.words import REQUEST_ID, fields_of, lay_out, quote, stem_of, value_name


def write(call: Call, request: Message) -> str:
    imports: dict[str, set[str]] = {}
    written = _write_message(request, imports)
    lines = ["from tallystick_client import new_id", ""] if "new_id()" in written else []
    modules = sorted(imports, key=lambda module: (not module.startswith("google"), module))
    lines[:0] = [f"from {module} import {', '.join(sorted(imports[module]))}" for module in modules if module.startswith("google")]
    ours = [f"from {module} import {', '.join(sorted(imports[module]))}" for module in modules if not module.startswith("google")]
    if lines and lines[-1] == "":
        lines.pop()
    lines += [*ours, ""]
    function = f"client.{call.stub}.{call.name}"
    if call.method.client_streaming:
        lines.append(f"answer = {function}(iter([{written}]))")
    elif call.method.server_streaming:
        lines += [f"for part in {function}({written}):" if "\n" not in written else f"request = {written}\nfor part in {function}(request):"]
        lines.append("    print(part)")
    else:
        lines.append(f"answer = {function}({written})" if "\n" not in written else f"answer = {function}(\n    {written.replace(chr(10), chr(10) + '    ')}\n)")
    return "\n".join(lines)


def _write_message(message: Message, imports: dict[str, set[str]]) -> str:
    descriptor = message.DESCRIPTOR
    own = descriptor.file.package.startswith("tallystick")
    module = stem_of(descriptor.file.name)
    outermost = descriptor
    while outermost.containing_type is not None:
        outermost = outermost.containing_type
    imports.setdefault(f"tallystick_client.v1.{module}_pb2" if own else f"google.protobuf.{module}_pb2", set()).add(outermost.name)
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
        outer = field.enum_type.containing_type
        name = f"{outer.name}.{field.enum_type.name}" if outer is not None else field.enum_type.name
        imports.setdefault(f"tallystick_client.v1.{stem_of(field.enum_type.file.name)}_pb2", set()).add(name.partition(".")[0])
        return f"{name}.{value_name(field.enum_type, value)}"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, bytes):
        return f"b{quote(value.decode())}"
    return repr(value)
