"""Where is a copy of a space? A cursor says it, in a form that clients keep and do not read.

It holds no secret: whoever shows one is asked for their membership at every call.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.sync_pb2 import ResetReason

_FORMAT = 1
_FIELDS = struct.Struct("!B?16s16sQQ")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a space itself is."""

    epoch: UUID
    seq: int
    sight_revision: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a copy is. Two are equal exactly when their copies are."""

    space_id: UUID
    epoch: UUID
    seq: int
    sight_revision: int
    # Whether the copy is a new one that is not whole yet. It goes on as it began, with what is now: what was once might be hidden by now,
    # and nothing would ever take it out again.
    is_partial: bool = False

    @classmethod
    def at(cls, space_id: UUID, head: Head, seq: int, *, is_partial: bool = False) -> "Cursor":
        return cls(space_id, head.epoch, seq, head.sight_revision, is_partial)

    def text(self) -> str:
        numbers = (self.seq, self.sight_revision)
        raw = _FIELDS.pack(_FORMAT, self.is_partial, self.space_id.bytes, self.epoch.bytes, *numbers)
        return urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(field: str, text: str) -> Cursor:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        version, is_partial, space_id, epoch, seq, sight_revision = _FIELDS.unpack(raw)
    except (ValueError, struct.error) as unreadable:
        raise _unreadable(field) from unreadable
    if version != _FORMAT:
        raise _unreadable(field)
    return Cursor(UUID(bytes=space_id), UUID(bytes=epoch), seq, sight_revision, is_partial)


def find_reset(cursor: Cursor, head: Head) -> ResetReason.ValueType:
    """Why the copy cannot go on from there. Unspecified: it can."""
    if cursor.epoch != head.epoch:
        return ResetReason.RESET_REASON_EPOCH
    if cursor.seq > head.seq:
        return ResetReason.RESET_REASON_AHEAD
    if cursor.sight_revision != head.sight_revision:
        return ResetReason.RESET_REASON_ACCESS
    return ResetReason.RESET_REASON_UNSPECIFIED


def _unreadable(field: str) -> InvalidInput:
    return InvalidInput.of_field(field, "is no cursor", ErrorReason.ERROR_REASON_INVALID_CURSOR)
