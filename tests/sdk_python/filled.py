"""What does a message look like that has something in every field? The same each time, so that its bytes can be compared between languages.

`python -m sdk_python.filled` writes sdk/vectors/entities.json anew, after the contract has grown.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from sdk_python.vectors import VECTORS
from tallystick_client.v1.sync_pb2 import Entity

PATH = VECTORS / "entities.json"
_ABOUT = (
    "One entity of every kind with something in every field, and in every oneof its first field: in the JSON of the contract, and as the "
    "bytes of an Entity, written with fields in the order of their numbers. Who reads and writes the bytes loses nothing."
)
# Beyond what a floating point number holds.
_LARGE = 2**53
_DEPTH_MAX = 4
_SECONDS = 1_770_112_800
_FIRST_ID = 0x01900000_0000_7000_8000_000000000000
# By the number of the field, and the number of the value in it.
_NUMBERS: dict[int, Callable[[int, int], Any]] = {
    FieldDescriptor.CPPTYPE_BOOL: lambda _field, _number: True,
    FieldDescriptor.CPPTYPE_INT64: lambda field, number: _LARGE + field * 2 + number,
    FieldDescriptor.CPPTYPE_UINT64: lambda field, number: _LARGE + field * 2 + number,
    FieldDescriptor.CPPTYPE_INT32: lambda field, number: field * 256 + number,
    FieldDescriptor.CPPTYPE_UINT32: lambda field, number: field * 256 + number,
    FieldDescriptor.CPPTYPE_DOUBLE: lambda field, _number: field + 0.5,
}


def compose_vectors() -> dict[str, Any]:
    entities = []
    for field in Entity.DESCRIPTOR.fields:
        entity = Entity()
        fill(getattr(entity, field.name), 0)
        told = {
            "kind": field.name,
            "json": MessageToDict(entity),
            "hex": entity.SerializeToString(deterministic=True).hex(),
        }
        entities.append(told)
    return {"about": _ABOUT, "entities": entities}


def compose_text() -> str:
    """A line for each entity."""
    vectors = compose_vectors()
    lines = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in vectors["entities"])
    return f'{{\n  "about": {json.dumps(vectors["about"])},\n  "entities": [\n{lines}\n  ]\n}}\n'


def fill(message: Any, depth: int) -> None:
    """Says something in every field, down to a depth that ends messages within messages of the same kind."""
    message.SetInParent()
    for field in message.DESCRIPTOR.fields:
        if depth >= _DEPTH_MAX and field.message_type is not None:
            continue
        if field.containing_oneof is not None and message.WhichOneof(field.containing_oneof.name) is not None:
            continue
        _fill_field(message, field, depth)


def _fill_field(message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _fill_map(message, field, depth)
    elif field.message_type is not None and field.is_repeated:
        for _ in range(2):
            _fill_message(getattr(message, field.name).add(), depth)
    elif field.message_type is not None:
        _fill_message(getattr(message, field.name), depth)
    elif field.is_repeated:
        getattr(message, field.name).extend(_value(field, number) for number in (1, 2))
    else:
        setattr(message, field.name, _value(field, 1))


def _fill_message(inner: Message, depth: int) -> None:
    if inner.DESCRIPTOR.full_name in {"google.protobuf.Timestamp", "google.protobuf.Duration"}:
        times: Any = inner
        times.seconds, times.nanos = _SECONDS, 500_000_000
    elif inner.DESCRIPTOR.full_name == "google.protobuf.FieldMask":
        mask: Any = inner
        mask.paths.extend(["note", "category_id"])
    else:
        fill(inner, depth + 1)


def _fill_map(message: Any, field: FieldDescriptor, depth: int) -> None:
    assert field.message_type is not None
    key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
    entries = getattr(message, field.name)
    if value.message_type is None:
        entries[_value(key, 1)] = _value(value, 1)
    else:
        _fill_message(entries[_value(key, 1)], depth)


def _value(field: FieldDescriptor, number: int) -> Any:
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes([0, 255, number])
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return _text(field, number)
    return _NUMBERS[field.cpp_type](field.number, number)


def _text(field: FieldDescriptor, number: int) -> str:
    if field.name == "id" or field.name.endswith(("_id", "_ids")):
        return str(UUID(int=_FIRST_ID + field.number * 256 + number))
    return f"{field.name} ä {number}"


if __name__ == "__main__":
    PATH.write_text(compose_text())
