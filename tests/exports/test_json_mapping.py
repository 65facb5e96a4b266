"""Is our JSON the library's, whatever may be in an entity?"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import MessageToDict, Parse

from tallystick.exports.json_lines import compose_line
from tallystick.exports.json_mapping import to_json
from tallystick.v1.export_pb2 import ExportLine
from tallystick.v1.sync_pb2 import Change, Entity

DEPTH = 5
KINDS = [field.name for field in Entity.DESCRIPTOR.fields]


def filled(message: Any, dice: Random, depth: int = DEPTH) -> Any:
    """With something in every field that can be set at once, but for some."""
    for field in message.DESCRIPTOR.fields:
        if dice.random() < 0.2:
            continue
        if field.message_type is not None:
            if depth > 0:
                _fill_message(message, field, dice, depth)
        elif field.is_repeated:
            getattr(message, field.name).extend(_value(field, dice) for _ in range(2))
        else:
            setattr(message, field.name, _value(field, dice))
    return message


def _fill_message(message: Any, field: FieldDescriptor, dice: Random, depth: int) -> None:
    place, kind = getattr(message, field.name), field.message_type
    assert kind is not None
    for each in [place.add(), place.add()] if field.is_repeated else [place]:
        if kind.full_name == "google.protobuf.Timestamp":
            each.FromMilliseconds(dice.randrange(2_000_000_000_000))
        elif kind.full_name == "google.protobuf.FieldMask":
            each.paths.append("amount.minor")
        elif kind.full_name == "google.protobuf.Duration":
            each.FromMilliseconds(dice.randrange(100_000))
        else:
            each.SetInParent() if not field.is_repeated else None
            filled(each, dice, depth - 1)


def _value(field: FieldDescriptor, dice: Random) -> Any:
    if field.enum_type is not None:
        return dice.choice([each.number for each in field.enum_type.values])
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return dice.random() < 0.5
    if field.type == FieldDescriptor.TYPE_BYTES:
        return dice.randbytes(5)
    if field.type == FieldDescriptor.TYPE_STRING:
        return dice.choice(["", 'é"\\\n\u2028', "plain"])
    wide = field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)
    return dice.choice([0, 1, 2**63 - 1 if wide else 2**31 - 1])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_entity_is_written_as_the_library_writes_it(kind: str) -> None:
    dice = Random(kind)
    for _ in range(3):
        change = filled(Change(), dice, 0)
        filled(getattr(change.entity, kind), dice)
        getattr(change.entity, kind).SetInParent()
        line = ExportLine(change=change)
        assert to_json(line) == MessageToDict(line)
        assert Parse(compose_line(line), ExportLine()) == line


def test_no_entity_has_what_the_mapping_does_not_know() -> None:
    for descriptor in {each.full_name: each for each in _all_of(Entity.DESCRIPTOR, set())}.values():
        for field in descriptor.fields:
            assert field.cpp_type not in (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
            assert field.message_type is None or not field.message_type.GetOptions().map_entry


def _all_of(descriptor: Descriptor, seen: set[str]) -> Iterator[Descriptor]:
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    yield descriptor
    for field in descriptor.fields:
        if field.message_type is not None:
            yield from _all_of(field.message_type, seen)


def test_an_enum_of_tomorrow_is_a_number() -> None:
    line = ExportLine()
    line.change.entity.transaction.ParseFromString(b"\x18\x63")
    assert to_json(line) == MessageToDict(line)
