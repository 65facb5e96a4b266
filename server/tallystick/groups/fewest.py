"""What are the fewest payments that settle balances?

Members whose balances come to zero with each other need one payment less than they are. So the more such groups there are, the fewer
payments; and n members in k groups need n - k. To find the most groups takes 2^n steps, which is nothing for the few that are left
in a real group when those who exactly match each other are out.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from tallystick.groups.balances import Debt

EXACT_MEMBERS_MAX = 16

Net = tuple[UUID, int]


class Found(NamedTuple):
    """Debts that settle everything; `is_exact` if there are no fewer."""

    debts: list[Debt]
    is_exact: bool


def fewest_debts(nets: Mapping[UUID, int], exact_members_max: int = EXACT_MEMBERS_MAX) -> Found:
    """With more members left than `exact_members_max` it is an estimate: at most half as many again as would be enough."""
    pairs, left = _matched(nets)
    is_exact = len(left) <= exact_members_max
    groups = [*pairs, *(_most_groups(left) if is_exact else [left])]
    return Found([debt for group in groups for debt in _in_order(group)], is_exact)


def payments_needed(nets: Mapping[UUID, int]) -> int:
    """A bound that takes no search: after the pairs a group has three members at least, and one of them on either side."""
    pairs, left = _matched(nets)
    debtors = sum(net < 0 for _, net in left)
    return len(pairs) + len(left) - min(len(left) // 3, debtors, len(left) - debtors)


def _matched(nets: Mapping[UUID, int]) -> tuple[list[list[Net]], list[Net]]:
    """The pairs of exactly opposite balances, and the others that are not zero. Some best solution has all these pairs: in any other, the
    groups of the two can be made one without them, which costs nothing."""
    open_nets = [(member_id, nets[member_id]) for member_id in sorted(nets) if nets[member_id]]
    waiting: dict[int, list[UUID]] = {}
    pairs: list[list[Net]] = []
    for member_id, net in open_nets:
        if opposite := waiting.get(-net):
            pairs.append([(opposite.pop(0), -net), (member_id, net)])
        else:
            waiting.setdefault(net, []).append(member_id)
    matched = {member_id for pair in pairs for member_id, _ in pair}
    return pairs, [net for net in open_nets if net[0] not in matched]


def _most_groups(left: Sequence[Net]) -> list[list[Net]]:
    """Parts the members into as many groups with a sum of zero as there can be.

    `most[mask]`: how many such groups can be made, one after the other, of the members of a mask: the most of any mask with one
    member less, and one more if the mask itself comes to zero. The last member is left out, because whoever is left over at the end
    comes to zero with them: half the masks.
    """
    if not left:
        return []
    free = len(left) - 1
    sums = [0]
    for _, net in left[:free]:
        sums += [net + known for known in sums]
    most = bytearray(len(sums))
    bits = [1 << index for index in range(free)]
    for mask in range(1, len(sums)):
        best = 0
        for bit in bits:
            if bit > mask:
                break
            if mask & bit and most[mask ^ bit] > best:
                best = most[mask ^ bit]
        most[mask] = best if sums[mask] else best + 1
    groups: list[list[Net]] = [[left[-1]]]
    mask = len(sums) - 1
    while mask:
        if not sums[mask]:
            groups.append([])
        before = most[mask] - (not sums[mask])
        index = next(index for index, bit in enumerate(bits) if mask & bit and most[mask ^ bit] == before)
        groups[-1].append(left[index])
        mask ^= bits[index]
    return [sorted(group) for group in groups]


def _in_order(group: Sequence[Net]) -> list[Debt]:
    """At most one payment less than there are members: in the order of their ids, each debtor pays creditors until they are even.

    By ids and not by amounts, so that when one of the payments was made the others stay what they were.
    """
    owing = [(member_id, -net) for member_id, net in reversed(group) if net < 0]
    debts: list[Debt] = []
    for creditor, net in group:
        due = net
        while due > 0:
            debtor, owes = owing.pop()
            part = min(owes, due)
            debts.append(Debt(debtor, creditor, part))
            due -= part
            if owes > part:
                owing.append((debtor, owes - part))
    return debts
