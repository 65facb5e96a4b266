"""Calls with the SDK for TypeScript. Messages are plain objects; only enums are imported."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from handbook.model import Call
from handbook.snippets.words import (
    REQUEST_ID,
    camel,
    fields_of,
    lay_out,
    lower_first,
    quote,
    short_value_name,
    stem_of,
    write_plain,
)


def write(call: Call, request: Message) -> str:
    imports: dict[str, set[str]] = {}
    written = _write_message(request, imports)
    lines = ['import { newId } from "@tallystick/client";'] if "newId()" in written else []
    lines += [
        f'import {{ {", ".join(sorted(names))} }} from "@tallystick/client/v1/{module}";'
        for module, names in sorted(imports.items())
    ]
    lines += [""] if lines else []
    function = f"tallystick.{call.stub}.{lower_first(call.name)}"
    if call.method.server_streaming:
        lines += [f"for await (const part of {function}({written})) {{", "  console.log(part);", "}"]
    else:
        lines.append(f"const answer = await {function}({written});")
    return "\n".join(lines)


def _write_message(message: Message, imports: dict[str, set[str]]) -> str:
    parts = [_write_field(field, value, imports) for field, value in fields_of(message)]
    return lay_out("{ ", parts, " }", "  ") if parts else "{}"


def _write_field(field: FieldDescriptor, value: Any, imports: dict[str, set[str]]) -> str:
    name = camel(field.name)
    written = _write_value(field, value, imports)
    oneof = field.containing_oneof
    if oneof is not None and len(oneof.fields) > 1:
        return f'{camel(oneof.name)}: {{ case: "{name}", value: {written} }}'
    return f"{name}: {written}"


def _write_value(field: FieldDescriptor, value: Any, imports: dict[str, set[str]]) -> str:
    if field.is_repeated:
        return lay_out("[", [_write_one(field, each, imports) for each in value], "]", "  ")
    return _write_one(field, value, imports)


def _write_one(field: FieldDescriptor, value: Any, imports: dict[str, set[str]]) -> str:
    if field.name == REQUEST_ID:
        return "newId()"
    if field.message_type is not None:
        return _write_message(value, imports)
    if field.enum_type is not None:
        imports.setdefault(stem_of(field.enum_type.file.name), set()).add(field.enum_type.name)
        return f"{field.enum_type.name}.{short_value_name(field.enum_type, value)}"
    return write_plain(field, value, quote, "new TextEncoder().encode({})", "{}n")
