"""How do the sums of categories stand below each other? Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from tallystick.ledger.categories.rules import path_of
from tallystick.ledger.rules import NO_CATEGORY


@dataclass(slots=True)
class Node:
    """A category with its own sum and all below it. What has no category is a node at the top."""

    category_id: UUID
    own: int = 0
    total: int = 0
    children: list["Node"] = field(default_factory=list)

    @property
    def is_none(self) -> bool:
        return self.category_id == NO_CATEGORY


def grow(parents: Mapping[UUID, UUID | None], own: Mapping[UUID, int]) -> list[Node]:
    """Every category that has a sum, and those above them: the top, the largest first."""
    nodes: dict[UUID, Node] = {}
    for category_id, minor in own.items():
        path = path_of(parents, category_id)
        for each in path:
            nodes.setdefault(each, Node(each)).total += minor
        nodes[category_id].own += minor
    tops: list[Node] = []
    for category_id, node in nodes.items():
        above = parents.get(category_id)
        (nodes[above].children if above in nodes else tops).append(node)
    _sort(tops)
    return tops


def find(nodes: Sequence[Node], category_id: UUID) -> Node | None:
    for node in nodes:
        found = node if node.category_id == category_id else find(node.children, category_id)
        if found is not None:
            return found
    return None


def flatten(nodes: Sequence[Node]) -> list[Node]:
    """All of them, each before those below it."""
    return [each for node in nodes for each in (node, *flatten(node.children))]


def _sort(nodes: list[Node]) -> None:
    nodes.sort(key=lambda node: (-node.total, node.category_id))
    for node in nodes:
        _sort(node.children)
