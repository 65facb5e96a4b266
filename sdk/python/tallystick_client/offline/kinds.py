"""What kinds of entities does a copy hold, and how do they travel? One field of `Entity` each; what is not known yet is kept as bytes."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from tallystick_client.v1.sync_pb2 import Entity

_FIELDS = {field.name: field for field in Entity.DESCRIPTOR.fields}
_KIND_OF_MESSAGE = {field.message_type.full_name: name for name, field in _FIELDS.items() if field.message_type}
# A kind of a newer contract is called by the number of its field until this package knows its name.
_UNNAMED = "field:"
_LENGTH_DELIMITED = 2
_ID_FIELD = 1


class Wrapped(NamedTuple):
    """An entity as it is kept."""

    kind: str
    id: str
    body: bytes


def kind_of(message_type: type[Message]) -> str:
    """The kind of entities that are such messages: `kind_of(PaymentMethod)` is `payment_method`."""
    name = message_type.DESCRIPTOR.full_name
    if name not in _KIND_OF_MESSAGE:
        raise TypeError(f"{message_type.__name__} is no entity")
    return _KIND_OF_MESSAGE[name]


def is_known(kind: str) -> bool:
    return kind in _FIELDS


def parse(kind: str, body: bytes) -> Any:
    """The message of a known kind."""
    message = _new(kind)
    message.MergeFromString(body)
    return message


def _new(kind: str) -> Any:
    return getattr(Entity(), kind).__class__()


def unwrap(entity: Entity) -> Wrapped:
    """Whatever is in the envelope. What this package does not know keeps its bytes."""
    kind = entity.WhichOneof("kind")
    if kind is not None:
        message = getattr(entity, kind)
        return Wrapped(kind, message.id.lower(), message.SerializeToString(deterministic=True))
    for unknown in _unknown_in(entity):
        if unknown.wire_type == _LENGTH_DELIMITED:
            return Wrapped(f"{_UNNAMED}{unknown.field_number}", _id_in(unknown.data), bytes(unknown.data))
    raise ValueError("an entity of no kind")


def _id_in(body: bytes) -> str:
    """Every entity has its id in the first field."""
    for unknown in _unknown_in(Empty.FromString(body)):
        if unknown.field_number == _ID_FIELD:
            return bytes(unknown.data).decode().lower()
    raise ValueError("an entity without an id")


def _unknown_in(message: Message) -> Iterable[Any]:
    return UnknownFieldSet(message)  # type: ignore[return-value]  # it can be iterated over, which its types do not say


def name_of(kind: str) -> str:
    """What a kind that was kept by its number is called by now, or the same again."""
    if not kind.startswith(_UNNAMED):
        return kind
    number = int(kind.removeprefix(_UNNAMED))
    return next((name for name, field in _FIELDS.items() if field.number == number), kind)
