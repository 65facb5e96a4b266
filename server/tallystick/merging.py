"""In which parts do two states of an entity differ, and which of these do two people change without getting in each other's way?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

Groups = Callable[[Any, Any], frozenset[str]]


def changed_fields(before: Message, after: Message) -> tuple[str, ...]:
    """The names of the fields whose values differ, but for the version, which always does."""
    names = (field.name for field in after.DESCRIPTOR.fields)
    return tuple(name for name in names if name != "version" and getattr(before, name) != getattr(after, name))


def changed_names(before: Any, after: Any) -> frozenset[str]:
    """Each field is a group of its own."""
    return frozenset(changed_fields(before, after))


@dataclass(frozen=True, slots=True)
class Merging:
    """`groups` says in which groups of fields two states differ. Of the groups of `money` nothing is ever overwritten silently; of
    the others the later arrival wins."""

    groups: Groups = changed_names
    money: frozenset[str] = frozenset()
    # Whether even a delete is done though others changed the entity meanwhile.
    deletes_changed: bool = False


BY_FIELD = Merging()
# What is one user's own, and of no weight: nobody is to be asked which of their devices was right.
LATER_WINS = Merging(deletes_changed=True)


def money_in(*names: str) -> Merging:
    """Each field is a group of its own, and these are about money."""
    return Merging(money=frozenset(names))
