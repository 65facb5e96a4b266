"""Which fields does an update touch, and were they changed since the version that it was made on?"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from tallystick.errors import InvalidInput
from tallystick.v1.error_reason_pb2 import ErrorReason

M = TypeVar("M", bound=Message)

_ALL = "*"
# No version is above it: whoever names no base version has seen everything.
VERSION_MAX = 2**63 - 1


def touched(paths: Sequence[str], values: Message, changeable: Sequence[str]) -> tuple[str, ...]:
    """The fields that a mask names. No mask: those of `values` that are not empty. "*": all."""
    if not paths:
        given = {field.name for field, _ in values.ListFields()}
        return tuple(name for name in changeable if name in given)
    if list(paths) == [_ALL]:
        return tuple(changeable)
    unknown = [path for path in paths if path not in changeable]
    if unknown:
        raise InvalidInput.of_field(
            "update_mask", f"cannot change {unknown[0]!r}", ErrorReason.ERROR_REASON_INVALID_UPDATE_MASK
        )
    return tuple(name for name in changeable if name in paths)


def overlay(before: M, values: Message, names: Iterable[str]) -> M:
    """`before` with the named fields as `values` has them."""
    after = type(before)()
    after.CopyFrom(before)
    for name in names:
        after.ClearField(name)
        field = values.DESCRIPTOR.fields_by_name[name]
        if field.is_repeated:
            getattr(after, name).extend(getattr(values, name))
        elif field.message_type is not None:
            if values.HasField(name):
                getattr(after, name).CopyFrom(getattr(values, name))
        else:
            setattr(after, name, getattr(values, name))
    return after


def base_version(request: Any) -> int:
    """The version that an update was made on."""
    return request.base_version if request.HasField("base_version") else VERSION_MAX


def is_stale(changing: Iterable[str], changed_since: Iterable[Sequence[str]]) -> bool:
    """Whether one of the fields about to change was changed since the version that the change was made on."""
    return not set(changing).isdisjoint(name for fields in changed_since for name in fields)
