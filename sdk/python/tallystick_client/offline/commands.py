"""What can wait in an outbox, and what is it about? Read off the contract: a command is called `<verb>_<kind>`."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from google.protobuf.message import Message

from tallystick_client.ids import new_id
from tallystick_client.offline.kinds import is_known
from tallystick_client.offline.naming import client_value_id, display_id, notification_preferences_id, preferences_id
from tallystick_client.offline.refusals import WrongSpace
from tallystick_client.v1.sync_mutation_pb2 import Mutation


class Target(NamedTuple):
    """An entity that a command is about."""

    kind: str
    id: str


_FIELDS = Mutation.DESCRIPTOR.oneofs_by_name["command"].fields
_NAME_OF = {field.message_type.full_name: field.name for field in _FIELDS if field.message_type}
# The first that a command has is its space.
_SPACE_FIELDS = ("space_id", "book_id", "group_id")
# Whose names say it otherwise. Empty: of no kind that has an id before it is sent.
_ABOUT = {
    "set_rate": "",
    "link_group_to_book": "",
    "leave_group": "member",
    "unlink_group": "group_link",
    # It makes as many moves as it takes, and they have no ids before.
    "copy_forward": "",
}
_NOUNS = {
    # Which it is about besides, only the server knows.
    "all_read": "notification",
    "categories": "category",
    "comment": "expense_comment",
    "group": "expense_group",
    "guest": "member",
    "me": "profile",
    "money": "budget_move",
    "occurrence": "template",
    "period": "expense_group",
}
# The field with the id, where it is not called after the kind.
_ID_FIELDS = {
    "budget_item": "item_id",
    "budget_move": "move_id",
    "expense_comment": "comment_id",
    "expense_group": "group_id",
    "group_link": "link_id",
    "recurring_expense": "recurring_id",
    "settlement_plan": "plan_id",
}
# What is about several: the kind, where they are, and the id in each. No field: they are ids.
_MANY = {
    "batch_create_transactions": ("transaction", "transactions", "transaction_id"),
    "batch_update_transactions": ("transaction", "updates", "transaction_id"),
    "batch_delete_transactions": ("transaction", "transaction_ids", ""),
    "reorder_categories": ("category", "category_ids", ""),
    "mark_read": ("notification", "notification_ids", ""),
    "reorder_rules": ("rule", "rule_ids", ""),
    "batch_create_expenses": ("expense", "expenses", "expense_id"),
}
# In a home: ids that follow from what the command is about.
_OF_HOME: dict[str, Callable[[Any, str], list[Target]]] = {
    "update_settings": lambda _, home_id: [Target("preferences", preferences_id(home_id)), Target("profile", "")],
    "update_notification_preferences": lambda _, home_id: [
        Target("notification_preferences", notification_preferences_id(home_id))
    ],
    **dict.fromkeys(
        ("update_display", "reset_display"),
        lambda command, home_id: [Target("display", display_id(home_id, command.thing))],
    ),
    **dict.fromkeys(
        ("put_client_value", "delete_client_value"),
        lambda command, home_id: [Target("client_value", client_value_id(home_id, command.key))],
    ),
}
_MAKES = ("create_", "batch_create_", "add_", "record_", "copy_budget", "assign_money", "move_money")


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
    space_field = next((name for name in _SPACE_FIELDS if name in command.DESCRIPTOR.fields_by_name), None)
    if space_field is not None:
        if getattr(command, space_field).lower() not in {"", space_id}:
            named = getattr(command, space_field)
            raise WrongSpace(f"the command is about {named}, and this is a copy of {space_id}")
        setattr(command, space_field, space_id)
    if is_new(command):
        for holder, field in _ids_in(command):
            setattr(holder, field, getattr(holder, field) or new_id())
    elif name_of(command) == "reconcile_account":
        command.reconciliation_id = command.reconciliation_id or new_id()


def is_new(command: Message) -> bool:
    """Whether what the command is about was not there before it."""
    return name_of(command).startswith(_MAKES)


def is_named(command: Any) -> bool:
    """Whether it names what it is about by an id. Only of such does the server see that one stands behind another."""
    name = name_of(command)
    if name in _OF_HOME:
        return "thing" in command.DESCRIPTOR.fields_by_name
    return name in _MANY or any(field not in _SPACE_FIELDS and getattr(each, field) for each, field in _ids_in(command))


def changes_more(command: Message) -> bool:
    """Whether it changes more than what it is about, such as all that a link has made."""
    return name_of(command) == "unlink_group"


def targets_of(command: Any, space_id: str) -> Iterator[Target]:
    """The entities that a command is about. A user's own profile is named by no command: its id is empty."""
    name = name_of(command)
    if name in _OF_HOME:
        yield from _OF_HOME[name](command, space_id)
        return
    if name in _MANY and not _MANY[name][2]:
        kind, field, _ = _MANY[name]
        yield from (Target(kind, entity_id.lower()) for entity_id in getattr(command, field))
        return
    kind = _kind_of(name)
    if kind == "profile":
        yield Target(kind, "")
    for holder, field in _ids_in(command):
        # Whoever leaves may be the caller, whom the command does not name; and what is read may be all until a moment.
        if getattr(holder, field):
            yield Target(kind, getattr(holder, field).lower())
    if name == "record_settlement" and command.plan_id:
        yield Target("settlement_plan", command.plan_id.lower())


def _ids_in(command: Any) -> Iterator[tuple[Any, str]]:
    """Where a command names what it is about: the messages that hold the ids, and the field of each."""
    name = name_of(command)
    kind = _kind_of(name)
    if name in _MANY:
        _, field, id_field = _MANY[name]
        yield from ((each, id_field) for each in getattr(command, field))
    elif name == "create_expense":
        yield command.expense, "expense_id"
    elif name == "copy_budget":
        yield command, "new_budget_id"
    elif kind not in {"", "profile"}:
        yield command, _ID_FIELDS.get(kind, f"{kind}_id")


def _kind_of(name: str) -> str:
    """Of which kind the things are that a command is about."""
    noun = name.partition("_")[2]
    kind = _MANY[name][0] if name in _MANY else _ABOUT.get(name, _NOUNS.get(noun, noun))
    assert not kind or is_known(kind), f"{name} is about no kind of entity: say about which one"
    return kind
