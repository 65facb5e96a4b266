"""Where may a category stand, and where is one named? Pure.

Archiving is about the one category: what is below it stays in use, because people archive a heading to stop using the heading. Only
nothing new comes below an archived one.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from tallystick import masks
from tallystick.errors import InvalidInput, RuleBroken
from tallystick.v1.budget_items_pb2 import BudgetItem
from tallystick.v1.error_reason_pb2 import ErrorReason
from tallystick.v1.ledger_labels_pb2 import Payee
from tallystick.v1.ledger_links_pb2 import GroupLink, GroupLinkState
from tallystick.v1.ledger_pb2 import Category, CategoryKind, Transaction
from tallystick.v1.ledger_rules_pb2 import Rule
from tallystick.v1.ledger_templates_pb2 import Template

M = TypeVar("M", bound=Message)

# The live categories of a book, each with its parent.
Tree = Mapping[UUID, UUID | None]

# Enough for anybody's headings, and little enough for whoever draws them or adds them up level by level.
DEPTH_MAX = 10


def require_same_kind(field: str, named: Category, kind: CategoryKind.ValueType) -> None:
    if named.kind != kind:
        raise InvalidInput.of_field(
            field, "is a category of the other kind", ErrorReason.ERROR_REASON_CATEGORY_KIND_MISMATCH
        )


def require_not_archived(category: Category) -> None:
    if category.archived:
        raise RuleBroken(
            ErrorReason.ERROR_REASON_CATEGORY_ARCHIVED,
            "The category is out of use.",
            metadata={"category_id": category.id},
        )


def require_place(tree: Tree, parent_id: UUID, category_id: UUID | None) -> None:
    """Whether a category with all that is below it may stand below `parent_id`. None: a new one."""
    path = path_of(tree, parent_id)
    if category_id in path:
        raise _cycle()
    levels = height_of(tree, category_id) if category_id else 1
    if len(path) + levels > DEPTH_MAX:
        raise InvalidInput.of_field("parent_id", f"would take categories below level {DEPTH_MAX}")


def require_merge(tree: Tree, source_id: UUID, target_id: UUID) -> None:
    """Whether all that is below the source may stand below the target, and the source may go."""
    path = path_of(tree, target_id)
    if source_id in path:
        raise _cycle()
    if len(path) + height_of(tree, source_id) - 1 > DEPTH_MAX:
        raise InvalidInput.of_field("into_category_id", f"would take categories below level {DEPTH_MAX}")


def has_place(tree: Tree, parent_id: UUID) -> bool:
    """Whether a category without any below it may stand there."""
    return parent_id in tree and len(path_of(tree, parent_id)) < DEPTH_MAX


def path_of(tree: Tree, category_id: UUID) -> list[UUID]:
    """A category, its parent, and so on to the top."""
    path = [category_id]
    while (parent := tree.get(path[-1])) is not None and parent not in path:
        path.append(parent)
    return path


def height_of(tree: Tree, category_id: UUID) -> int:
    """How many levels a category and all that is below it take."""
    children = defaultdict(list)
    for one, parent in tree.items():
        children[parent].append(one)
    levels, level = 0, [category_id]
    while level and levels <= len(tree):
        levels += 1
        level = [child for one in level for child in children[one]]
    return levels


def in_use() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_IN_USE, "Something has this category still.")


def is_named(message: Message, category_id: str) -> bool:
    """Whether a transaction, template, rule, payee, link, item of a budget or child has the category."""
    if isinstance(message, BudgetItem):
        return category_id in message.category_ids
    return any(getattr(holder, field) == category_id for holder, field in _places(message))


def with_other_category(message: M, category_id: str, other_id: str) -> M:
    """The same with another category wherever it has this one."""
    changed = masks.overlay(message, message, ())
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
        case Rule():
            yield message.then, "category_id"
        case Payee():
            yield message, "default_category_id"
        case Category():
            yield message, "parent_id"
        # One that is not followed gives nothing a category.
        case GroupLink(state=GroupLinkState.GROUP_LINK_STATE_ACTIVE):
            yield message, "default_category_id"
            yield from ((each, "category_id") for each in message.categories)


def _cycle() -> RuleBroken:
    return RuleBroken(ErrorReason.ERROR_REASON_CATEGORY_CYCLE, "A category cannot be part of itself.")
