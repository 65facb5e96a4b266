"""What does a message look like that has something in every field? The same each time, so that its bytes can be compared between languages.

`python -m sdk_python.filled` writes sdk/vectors/entities.json and commands.json anew, after the contract has grown.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from sdk_python.required import required_in
from sdk_python.vectors import VECTORS
from tallystick_client.v1.sync_mutation_pb2 import Mutation
from tallystick_client.v1.sync_pb2 import Entity

_ABOUT_COMMANDS = (
    "One mutation of every kind of command, twice: with something in every field, and in every oneof its first field; and with nothing but "
    "what the server asks for. In the JSON of the contract, and as the bytes of a Mutation, written with fields in the order of their "
    "numbers. Who reads and writes the bytes loses nothing."
)
_ABOUT_ENTITIES = (
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


def compose_entities() -> str:
    entities = []
    for field in Entity.DESCRIPTOR.fields:
        entity = Entity()
        fill(getattr(entity, field.name), 0)
        entities.append({"kind": field.name, **_told(entity)})
    return _write({"about": _ABOUT_ENTITIES, "entities": entities})


def compose_commands() -> str:
    commands = []
    for field in Mutation.DESCRIPTOR.oneofs_by_name["command"].fields:
        whole, least = Mutation(), Mutation()
        fill(getattr(whole, field.name), 0)
        fill(whole, 0)
        getattr(least, field.name).SetInParent()
        for path in required_in(field.name):
            _fill_path(getattr(least, field.name), path)
        commands.append({"kind": field.name, **_told(whole)})
        commands.append({"kind": field.name, "least": True, **_told(least)})
    return _write({"about": _ABOUT_COMMANDS, "commands": commands})


# What each file has to say now.
COMPOSED: dict[str, Callable[[], str]] = {"entities": compose_entities, "commands": compose_commands}


def _told(message: Message) -> dict[str, Any]:
    return {"json": MessageToDict(message), "hex": message.SerializeToString(deterministic=True).hex()}


def _write(vectors: dict[str, Any]) -> str:
    """A line for each message."""
    about, (name, messages) = vectors["about"], list(vectors.items())[1]
    lines = ",\n".join(f"    {json.dumps(each, ensure_ascii=False)}" for each in messages)
    return f'{{\n  "about": {json.dumps(about)},\n  "{name}": [\n{lines}\n  ]\n}}\n'


def _fill_path(message: Any, path: tuple[str, ...]) -> None:
    """Says something in one field, whose surroundings are there; a message is only made."""
    for name in path[:-1]:
        inner = getattr(message, name)
        message = inner[0] if message.DESCRIPTOR.fields_by_name[name].is_repeated else inner
    field = message.DESCRIPTOR.fields_by_name[path[-1]]
    if field.message_type is not None and field.is_repeated:
        getattr(message, field.name).add()
    elif field.message_type is not None:
        getattr(message, field.name).SetInParent()
    elif field.is_repeated:
        getattr(message, field.name).append(_value(field, 1))
    else:
        setattr(message, field.name, _value(field, 1))


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
    for each, compose in COMPOSED.items():
        (VECTORS / f"{each}.json").write_text(compose())
