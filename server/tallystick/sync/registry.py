"""What may be pushed, and what is merged how? Every feature says it once; nothing in sync knows one by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from google.protobuf.message import Message

from tallystick.store.command import Command
from tallystick.store.entity import Entity
from tallystick.v1.sync_mutation_pb2 import Mutation

_DELETES, _CREATES = "delete_", "create_"
# What a command makes out of something else that it names.
_NEW = "new_"
# Every write names first itself, then its space, and then what it is about.
SPACE_FIELDS = ("space_id", "book_id", "group_id")


class Registry:
    """The commands that wait in outboxes, and the entities that copies hold."""

    def __init__(self) -> None:
        self.commands: dict[str, Command] = {}
        self.entities: dict[str, Entity[Any]] = {}

    def add(self, commands: Iterable[Command], entities: Iterable[Entity[Any]]) -> None:
        self.commands |= {command.request.DESCRIPTOR.full_name: command for command in commands}
        self.entities |= {entity.kind: entity for entity in entities}

    def require_complete(self) -> None:
        """A server that does not know a command of the contract does not start."""
        fields = Mutation.DESCRIPTOR.oneofs_by_name["command"].fields
        missing = [field.name for field in fields if getattr(field.message_type, "full_name", "") not in self.commands]
        if missing:
            raise AssertionError(f"nobody registered {missing}: name them where their feature names its commands")

    def command_of(self, request: Message) -> Command:
        return self.commands[request.DESCRIPTOR.full_name]

    def find_command(self, name: str) -> Command | None:
        """Such as "restore_account"."""
        return next((command for command in self.commands.values() if command.name == name), None)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a command is about, as its request says it."""

    is_new: bool
    is_deleted: bool
    ids: frozenset[str]
    # Everything else that it names, too.
    mentioned: frozenset[str]


def subject_of(command: Command, request: Message) -> Subject:
    return Subject(
        is_new=command.name.startswith((_CREATES, f"batch_{_CREATES}")) or command.about.startswith(_NEW),
        is_deleted=command.name.startswith((_DELETES, f"batch_{_DELETES}")),
        ids=frozenset(_ids_in(getattr(request, command.about)) if command.about else _first_ids(request)),
        mentioned=frozenset(_all_ids(request)),
    )


def space_of(request: Message, home_id: UUID) -> str:
    """The space that a command is of. One that names none is of the caller's home."""
    for name in SPACE_FIELDS:
        if name in request.DESCRIPTOR.fields_by_name:
            return str(getattr(request, name)).lower()
    return str(home_id)


def _ids_in(value: str) -> list[str]:
    return [value.lower()] if value else []


def _first_ids(request: Message) -> list[str]:
    """The ids in the first field that holds any."""
    for field in request.DESCRIPTOR.fields:
        if field.name == "request_id" or field.name in SPACE_FIELDS:
            continue
        value = getattr(request, field.name)
        if field.message_type is not None:
            found = [each_id for each in (value if field.is_repeated else [value]) for each_id in _first_ids(each)]
            if found or field.is_repeated:
                return found
        if field.name.endswith("_id"):
            return _ids_in(value)
        if field.name.endswith("_ids"):
            return [each.lower() for each in value]
    return []


def _all_ids(message: Message) -> list[str]:
    found: list[str] = []
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        if field.message_type is not None:
            found += [each_id for each in values if isinstance(each, Message) for each_id in _all_ids(each)]
        elif field.name.endswith(("_id", "_ids")) and field.name not in ("request_id", *SPACE_FIELDS):
            found += [str(each).lower() for each in values]
    return found
