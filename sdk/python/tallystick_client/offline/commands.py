"""What can wait in an outbox, and what is it about? Read off the contract: a command is called `<verb>_<kind>`."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from google.protobuf.message import Message

from tallystick_client.ids import new_id
from tallystick_client.offline.kinds import is_known
from tallystick_client.offline.refusals import WrongSpace
from tallystick_client.v1.sync_mutation_pb2 import Mutation

_FIELDS = Mutation.DESCRIPTOR.oneofs_by_name["command"].fields
_NAME_OF = {field.message_type.full_name: field.name for field in _FIELDS if field.message_type}
_SPACE_FIELDS = ("space_id", "book_id")
# Whose names say it otherwise.
_MANY = {
    "batch_create_transactions": ("transaction", "transactions"),
    "batch_update_transactions": ("transaction", "updates"),
    "batch_delete_transactions": ("transaction", "transaction_ids"),
    "reorder_categories": ("category", "category_ids"),
    "reorder_rules": ("rule", "rule_ids"),
}
_ABOUT = {
    "merge_categories": "category",
    "skip_occurrence": "template",
    "update_me": "profile",
    "set_rate": "",
}


class Target(NamedTuple):
    """An entity that a command is about."""

    kind: str
    id: str


def name_of(command: Message) -> str:
    """The field of `Mutation` that holds such a command."""
    name = command.DESCRIPTOR.full_name
    if name not in _NAME_OF:
        raise TypeError(f"{command.DESCRIPTOR.name} cannot wait in an outbox")
    return _NAME_OF[name]


def command_in(mutation: Mutation) -> Any:
    """The command, as its own call takes it."""
    name = mutation.WhichOneof("command")
    if name is None:
        raise ValueError("a mutation without a command")
    return getattr(mutation, name)


def wrap(command: Message) -> Mutation:
    """A mutation with a copy of the command."""
    mutation = Mutation()
    getattr(mutation, name_of(command)).CopyFrom(command)
    return mutation


def complete(command: Any, space_id: str) -> None:
    """Fills in what the device decides: the request's id, the space, and the ids of what is made."""
    command.request_id = command.request_id or new_id()
    for name in _SPACE_FIELDS:
        if name in command.DESCRIPTOR.fields_by_name:
            if getattr(command, name).lower() not in {"", space_id}:
                raise WrongSpace(f"the command is about {getattr(command, name)}, and this is a copy of {space_id}")
            setattr(command, name, space_id)
    name = name_of(command)
    if name == "batch_create_transactions":
        for draft in command.transactions:
            draft.transaction_id = draft.transaction_id or new_id()
    elif name.startswith("create_") or name == "reconcile_account":
        field = "reconciliation_id" if name == "reconcile_account" else f"{name.removeprefix('create_')}_id"
        setattr(command, field, getattr(command, field) or new_id())


def is_new(command: Message) -> bool:
    """Whether what the command is about was not there before it."""
    return name_of(command).startswith(("create_", "batch_create_"))


def targets_of(command: Any) -> Iterator[Target]:
    """The entities that a command is about. A user's own profile is named by no command: its id is empty."""
    name = name_of(command)
    if name in _MANY:
        kind, field = _MANY[name]
        for each in getattr(command, field):
            yield Target(kind, (each if isinstance(each, str) else each.transaction_id).lower())
        return
    kind = _ABOUT.get(name, name.partition("_")[2])
    if not kind:
        return
    assert is_known(kind), f"{name} is about no kind of entity: say about which one"
    if kind == "profile":
        yield Target(kind, "")
    elif kind == "book":
        yield Target(kind, command.book_id.lower())
    else:
        yield Target(kind, getattr(command, f"{kind}_id").lower())
