"""What has a message that says only what it has to? What the server's rules miss in an empty one, down to the messages in it."""

from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from protovalidate import Validator

from tallystick.v1.sync_mutation_pb2 import Mutation

_VALIDATOR = Validator()


def required_in(command: str) -> list[tuple[str, ...]]:
    """Of a command in an outbox: the paths of its fields that may not be empty, those around before those within."""
    message = getattr(Mutation(), command).__class__()
    found: list[tuple[str, ...]] = []
    _look(message, (), found)
    return found


def _look(message: Any, path: tuple[str, ...], found: list[tuple[str, ...]]) -> None:
    for name in _missing(message):
        field = message.DESCRIPTOR.fields_by_name[name]
        found.append((*path, name))
        if field.message_type is not None:
            _look(_new(message, field), (*path, name), found)


def _missing(message: Message) -> list[str]:
    """The fields of this message that are at fault while it is empty; of a oneof, the first of its fields."""
    names = []
    for violation in _VALIDATOR.collect_violations(message):
        path = violation.proto.field
        if path is None or not path.elements:
            continue
        name = path.elements[0].field_name
        oneof = message.DESCRIPTOR.oneofs_by_name.get(name)
        names.append(oneof.fields[0].name if oneof is not None else name)
    return sorted(set(names), key=lambda name: message.DESCRIPTOR.fields_by_name[name].number)


def _new(message: Any, field: FieldDescriptor) -> Any:
    return getattr(message, field.name).add() if field.is_repeated else getattr(message, field.name).__class__()
