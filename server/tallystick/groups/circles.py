"""How do debts become fewer without anybody paying somebody new? By taking out every circle in them.

A circle is any way round, along debts or against them. More is owed on one side of it and as much less on the other, until one debt of
it is gone: everybody's net stays, and no debt ever turns round. What is left has no circle, so it is less than one debt a member.
"""

from collections.abc import Sequence
from uuid import UUID

from tallystick.groups.balances import Debt

Edge = tuple[UUID, UUID]


def without_circles(debts: Sequence[Debt]) -> list[Debt]:
    """Debts with the same nets, each between two of whom the one owed the other before. Of each pair there is one debt at most."""
    kept: dict[Edge, int] = {}
    for from_id, to_id, amount in debts:
        way = _find_way(kept, to_id, from_id)
        kept[from_id, to_id] = amount
        if way:
            _take_out(kept, [((from_id, to_id), 1), *way])
    return [Debt(from_id, to_id, amount) for (from_id, to_id), amount in sorted(kept.items())]


def _take_out(kept: dict[Edge, int], circle: list[tuple[Edge, int]]) -> None:
    """Turns the circle in the sense in which less money moves, until it is open: what most of its debts point along is owed less."""
    sense = 1 if sum(direction for _, direction in circle) <= 0 else -1
    turned = min(kept[edge] for edge, direction in circle if direction == -sense)
    for edge, direction in circle:
        kept[edge] += sense * direction * turned
        if not kept[edge]:
            del kept[edge]


def _find_way(kept: dict[Edge, int], start: UUID, end: UUID) -> list[tuple[Edge, int]]:
    """The only way from one member to another over what is kept: its debts, each with 1 if it is walked from debtor to creditor."""
    neighbours: dict[UUID, list[tuple[UUID, Edge, int]]] = {}
    for edge in kept:
        neighbours.setdefault(edge[0], []).append((edge[1], edge, 1))
        neighbours.setdefault(edge[1], []).append((edge[0], edge, -1))
    came_by: dict[UUID, tuple[UUID, Edge, int] | None] = {start: None}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there, edge, direction in neighbours.get(here, []):
            if there not in came_by:
                came_by[there] = (here, edge, direction)
                waiting.append(there)
    way: list[tuple[Edge, int]] = []
    step = came_by.get(end)
    while step is not None:
        here, edge, direction = step
        way.append((edge, direction))
        step = came_by[here]
    return way
