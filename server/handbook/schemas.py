"""What do messages look like as JSON? JSON Schemas (OpenAPI 3.1) of all that travels over REST, as Envoy writes and reads it.

64-bit integers are strings, enums are names, bytes are base64, names are in camelCase, and what has its zero value is left out. A field
is `required` only where a message is sent and never answered with.
"""

from collections.abc import Collection, Iterator
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from handbook.model import Contract, is_map
from handbook.samples import rules_of
from handbook.wording import must_be_given
from tallystick.v1.validate_pb2 import IGNORE_IF_ZERO_VALUE

Schema = dict[str, Any]

WELL_KNOWN: dict[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?s$"},
    "google.protobuf.FieldMask": {
        "type": "string",
        "description": "Names of fields in camelCase, with commas between them.",
    },
    "google.protobuf.Struct": {"type": "object"},
    "google.protobuf.Empty": {"type": "object"},
}
INTEGER_AS_TEXT = {"type": "string", "pattern": "^-?[0-9]+$", "format": "int64"}
SCALARS: dict[int, Schema] = {
    FieldDescriptor.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptor.TYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.TYPE_UINT32: {"type": "integer", "minimum": 0},
    FieldDescriptor.TYPE_INT64: INTEGER_AS_TEXT,
    FieldDescriptor.TYPE_UINT64: INTEGER_AS_TEXT,
    FieldDescriptor.TYPE_FIXED64: INTEGER_AS_TEXT,
    FieldDescriptor.TYPE_DOUBLE: {"type": "number"},
    FieldDescriptor.TYPE_STRING: {"type": "string"},
    FieldDescriptor.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
BOUNDS = {"gte": "minimum", "gt": "exclusiveMinimum", "lte": "maximum", "lt": "exclusiveMaximum"}


class Schemas:
    """Gathers the schemas of whatever is referred to."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._answered = {each.full_name for call in contract.calls for each in _closure(call.method.output_type)}
        self._found: dict[str, Schema] = {}

    def components(self) -> dict[str, Schema]:
        return {name: self._found[name] for name in sorted(self._found)}

    def refer(self, kind: Descriptor | EnumDescriptor) -> Schema:
        if kind.full_name in WELL_KNOWN:
            return dict(WELL_KNOWN[kind.full_name])
        name = _short(kind)
        if name not in self._found:
            self._found[name] = {}
            self._found[name] = self._enum(kind) if isinstance(kind, EnumDescriptor) else self.object_of(kind)
        return {"$ref": f"#/components/schemas/{name}"}

    def refer_to_body(self, request: Descriptor, in_path: set[str]) -> Schema:
        """What is sent beside the path. A schema of its own, also where the message comes back in answers, as mutations do."""
        if not in_path:
            return self.refer(request)
        name = f"{_short(request).removesuffix('Request')}Body"
        self._found[name] = self.object_of(request, in_path)
        return {"$ref": f"#/components/schemas/{name}"}

    def object_of(self, message: Descriptor, without: Collection[str] = ()) -> Schema:
        fields = [field for field in message.fields if field.name not in without]
        properties = {field.json_name: self.field(field) for field in fields}
        schema: Schema = {"type": "object", **self._description(message.full_name), "properties": properties}
        if without or message.full_name not in self._answered:
            required = [field.json_name for field in fields if must_be_given(field)]
            schema |= {"required": required} if required else {}
        return schema

    def field(self, field: FieldDescriptor) -> Schema:
        if is_map(field) and field.message_type is not None:
            values = self.value(field.message_type.fields_by_name["value"])
            return {"type": "object", "additionalProperties": values} | self._description(field.full_name)
        value = self.value(field)
        if field.is_repeated:
            rules = rules_of(field).repeated
            value = {"type": "array", "items": value}
            value |= {"maxItems": rules.max_items} if rules.max_items else {}
            value |= {"minItems": rules.min_items} if rules.min_items and not self._is_answered(field) else {}
        return value | self._description(field.full_name)

    def _is_answered(self, field: FieldDescriptor) -> bool:
        return field.containing_type is not None and field.containing_type.full_name in self._answered

    def value(self, field: FieldDescriptor) -> Schema:
        rules = rules_of(field)
        rules = rules.repeated.items if field.is_repeated else rules
        if field.message_type is not None:
            return self.refer(field.message_type)
        if field.enum_type is not None:
            return self.refer(field.enum_type)
        kind = rules.WhichOneof("type")
        may_be_empty = rules.ignore == IGNORE_IF_ZERO_VALUE
        schema = dict(SCALARS[field.type])
        if kind == "string":
            schema |= _text_rules(rules.string, may_be_empty=may_be_empty)
        elif kind == "int32":
            schema |= _bounds(rules.int32, may_be_empty=may_be_empty)
        return schema

    def _enum(self, enum: EnumDescriptor) -> Schema:
        lines = [
            f"- `{value.name}`: {self._contract.comment_of(f'{enum.full_name}.{value.name}')}" for value in enum.values
        ]
        description = "\n".join([self._contract.comment_of(enum.full_name), "", *lines])
        return {"type": "string", "description": description, "enum": [value.name for value in enum.values]}

    def _description(self, name: str) -> Schema:
        comment = self._contract.comment_of(name)
        return {"description": comment} if comment else {}


def _text_rules(rules: Any, *, may_be_empty: bool) -> Schema:
    schema: Schema = {}
    if rules.HasField("pattern"):
        schema["pattern"] = f"^$|{rules.pattern}" if may_be_empty else rules.pattern
    if rules.uuid and not may_be_empty:
        schema["format"] = "uuid"
    if rules.HasField("max_len"):
        schema["maxLength"] = rules.max_len
    if rules.HasField("min_len") and not may_be_empty:
        schema["minLength"] = rules.min_len
    return schema


def _bounds(rules: Any, *, may_be_empty: bool) -> Schema:
    return (
        {}
        if may_be_empty
        else {keyword: getattr(rules, name) for name, keyword in BOUNDS.items() if rules.HasField(name)}
    )


def _short(kind: Descriptor | EnumDescriptor) -> str:
    return str(kind.full_name.removeprefix(f"{kind.file.package}."))


def _closure(message: Descriptor) -> Iterator[Descriptor]:
    seen: dict[str, Descriptor] = {}
    waiting = [message]
    while waiting:
        each = waiting.pop()
        if each.full_name not in seen:
            seen[each.full_name] = each
            waiting += [field.message_type for field in each.fields if field.message_type is not None]
    yield from seen.values()
