"""What changes when two categories become one? Whatever has the one gets the other.

What stands on accounts that the user does not see is for the server to know: it refuses to merge a category that is in use there.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from google.protobuf.message import Message

from tallystick_client.offline.making import Making, Rule
from tallystick_client.offline.masks import copy_of
from tallystick_client.offline.refusals import CannotApply
from tallystick_client.offline.rows import Row
from tallystick_client.v1.budget_items_pb2 import BudgetItem
from tallystick_client.v1.ledger_categories_pb2 import MergeCategoriesRequest
from tallystick_client.v1.ledger_labels_pb2 import Payee
from tallystick_client.v1.ledger_links_pb2 import GroupLink, GroupLinkState
from tallystick_client.v1.ledger_pb2 import Category, Transaction
from tallystick_client.v1.ledger_rules_pb2 import Rule as FillingRule
from tallystick_client.v1.ledger_templates_pb2 import Template

M = TypeVar("M", bound=Message)

_DEPTH_MAX = 10
_KINDS = ("transaction", "category", "template", "rule", "payee", "group_link", "budget_item")


def _merge(making: Making, command: MergeCategoriesRequest) -> Iterator[Row]:
    source: Category = making.require("category", command.category_id)
    target: Category = making.require("category", command.into_category_id)
    _require_merge(making, source, target)
    for kind in _KINDS:
        for row in making.view.rows(kind):
            if not row.deleted and _is_named(row.message, source.id):
                yield row._replace(message=_with_other_category(row.message, source.id, target.id))
    yield Row("category", source.id, source, deleted=True)


def _is_named(message: Message, category_id: str) -> bool:
    if isinstance(message, BudgetItem):
        return category_id in message.category_ids
    return any(getattr(holder, field) == category_id for holder, field in _places(message))


def _with_other_category(message: M, category_id: str, other_id: str) -> M:
    """The same with another category wherever it has this one."""
    changed = copy_of(message)
    if isinstance(changed, BudgetItem):
        # One that names both counts the same entries as before, once.
        changed.category_ids[:] = sorted({other_id if each == category_id else each for each in changed.category_ids})
    for holder, field in _places(changed):
        if getattr(holder, field) == category_id:
            setattr(holder, field, other_id)
    return changed


def _places(message: Message) -> Iterator[tuple[Any, str]]:
    match message:
        case Transaction():
            yield from ((entry, "category_id") for entry in message.entries)
        case Template():
            yield message.draft, "category_id"
            yield from ((split, "category_id") for split in message.draft.splits)
        case FillingRule():
            yield message.then, "category_id"
        case Payee():
            yield message, "default_category_id"
        case Category():
            yield message, "parent_id"
        # One that is not followed gives nothing a category.
        case GroupLink(state=GroupLinkState.GROUP_LINK_STATE_ACTIVE):
            yield message, "default_category_id"
            yield from ((each, "category_id") for each in message.categories)


def _require_merge(making: Making, source: Category, target: Category) -> None:
    """All that is below the source must have a place below the target."""
    path = _path_of(making, target)
    if source.kind != target.kind or source.id in path:
        raise CannotApply
    if len(path) + _height_of(making, source.id) - 1 > _DEPTH_MAX:
        raise CannotApply


def _path_of(making: Making, category: Category) -> list[str]:
    """A category, its parent, and so on to the top."""
    path = [category.id]
    above: Category | None = making.live("category", category.parent_id)
    while above is not None and above.id not in path:
        path.append(above.id)
        above = making.live("category", above.parent_id)
    return path


def _height_of(making: Making, category_id: str) -> int:
    """How many levels a category and all that is below it take."""
    parents = {row.id: row.message.parent_id for row in making.view.rows("category") if not row.deleted}
    levels, level = 0, {category_id}
    while level and levels <= len(parents):
        levels += 1
        level = {child for child, parent_id in parents.items() if parent_id in level}
    return levels


MERGE_RULES: dict[str, Rule] = {"merge_categories": _merge}
