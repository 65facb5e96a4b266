"""How do journal rows become changes on the wire? Their bodies are there already, as they travel: they are put together, never read.

Building a message for each change, and writing it out again, would cost several times what the database takes to hand over the rows.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from google.protobuf.message import Message

from tallystick.store.journal import Op
from tallystick.times import to_timestamp
from tallystick.v1.sync_pb2 import Change, Entity
from tallystick.v1.sync_service_pb2 import PullResponse, WatchChanges, WatchResponse

_LENGTH_DELIMITED = 2
_SEVEN_BITS = 0x7F
_VARINT = 0


def _tag(message: type[Message], field: str, wire_type: int) -> bytes:
    return varint(message.DESCRIPTOR.fields_by_name[field].number << 3 | wire_type)


def varint(number: int) -> bytes:
    parts = bytearray()
    while number > _SEVEN_BITS:
        parts.append((number & _SEVEN_BITS) | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


# What copies hold, by how the journal calls it. Other kinds stay on the server.
KINDS = {field.name: _tag(Entity, field.name, _LENGTH_DELIMITED) for field in Entity.DESCRIPTOR.fields}
_ENTITY = _tag(Change, "entity", _LENGTH_DELIMITED)
_DELETED = _tag(Change, "deleted", _VARINT) + b"\x01"
_VERSION = _tag(Change, "version", _VARINT)
_CHANGE_OF_PULL = _tag(PullResponse, "changes", _LENGTH_DELIMITED)
_CHANGE_OF_WATCH = _tag(WatchChanges, "changes", _LENGTH_DELIMITED)
_CHANGES = _tag(WatchResponse, "changes", _LENGTH_DELIMITED)


def compose_change(
    kind: str, seq: int, op: int, fields: Sequence[str], actor_id: UUID, at: datetime, body: bytes
) -> bytes:
    """A `Change`, from a journal row and its opened body."""
    length = varint(len(body))
    head = KINDS[kind]
    parts = [_ENTITY, varint(len(head) + len(length) + len(body)), head, length, body]
    if op == Op.DELETE:
        parts.append(_DELETED)
    parts += (_VERSION, varint(seq), _rest(tuple(fields), actor_id, at))
    return b"".join(parts)


@lru_cache(maxsize=4096)
def _rest(fields: tuple[str, ...], actor_id: UUID, at: datetime) -> bytes:
    """What the changes of one commit mostly share."""
    return Change(fields=fields, actor_id=str(actor_id), at=to_timestamp(at)).SerializeToString(deterministic=True)


def compose_page(changes: Iterable[bytes], page: PullResponse) -> bytes:
    """A `PullResponse` with these changes."""
    return b"".join(_repeated(_CHANGE_OF_PULL, changes)) + page.SerializeToString()


def compose_watched(changes: Iterable[bytes], event: WatchChanges) -> bytes:
    """A `WatchResponse` with these changes."""
    inner = b"".join(_repeated(_CHANGE_OF_WATCH, changes)) + event.SerializeToString()
    return _CHANGES + varint(len(inner)) + inner


def _repeated(tag: bytes, messages: Iterable[bytes]) -> Iterable[bytes]:
    for message in messages:
        yield tag
        yield varint(len(message))
        yield message
