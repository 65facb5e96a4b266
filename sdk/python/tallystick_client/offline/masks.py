"""Which fields does an update change, and what is the entity after it? The same as on the server."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from tallystick_client.offline.refusals import CannotApply

M = TypeVar("M", bound=Message)

_ALL = "*"


def touched(paths: Sequence[str], values: Message, changeable: Sequence[str]) -> tuple[str, ...]:
    """The fields that a mask names. No mask: those of `values` that are not empty. "*": all."""
    if not paths:
        given = {field.name for field, _ in values.ListFields()}
        return tuple(name for name in changeable if name in given)
    if list(paths) == [_ALL]:
        return tuple(changeable)
    if not set(changeable).issuperset(paths):
        raise CannotApply
    return tuple(name for name in changeable if name in paths)


def overlay(before: M, values: Message, names: Iterable[str]) -> M:
    """`before` with the named fields as `values` has them."""
    after = copy_of(before)
    for name in names:
        take(after, values, name)
    return after


def take(onto: Any, values: Any, name: str) -> None:
    """Sets one field as another message has it."""
    onto.ClearField(name)
    field = values.DESCRIPTOR.fields_by_name[name]
    if field.is_repeated:
        getattr(onto, name).extend(getattr(values, name))
    elif field.message_type is None:
        setattr(onto, name, getattr(values, name))
    elif values.HasField(name):
        getattr(onto, name).CopyFrom(getattr(values, name))


def copy_of(message: M) -> M:
    copy = type(message)()
    copy.CopyFrom(message)
    return copy
