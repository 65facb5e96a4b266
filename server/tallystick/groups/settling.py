"""Which payments settle a group? Only suggestions: people pay whom they like, and the balances follow.

Whatever the strategy, a plan is all there is to do in one currency: after its payments everybody is at exactly zero, nobody is asked to
pay nothing, and the same balances give the same plan, in whatever order they come.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from tallystick.errors import InvalidInput
from tallystick.groups.balances import Debt
from tallystick.groups.circles import without_circles
from tallystick.groups.fewest import EXACT_MEMBERS_MAX, fewest_debts, payments_needed
from tallystick.groups.rules import require_sum


class Strategy(Enum):
    """What a group would rather have."""

    # The fewest payments, also between people who never shared anything.
    FEWEST = "fewest"
    # Everybody pays those they owe, and all they owe them.
    PAIRWISE = "pairwise"
    # Everybody pays one member, or is paid by them.
    VIA_MEMBER = "via_member"
    # Everybody pays only those they owe; debts that go round in circles are taken out.
    KEEP_EDGES = "keep_edges"


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment, and why: `among` are the members whose balances come to zero with each other, and are settled apart from all
    others. The smaller they are, the easier to follow."""

    from_id: UUID
    to_id: UUID
    amount_minor: int
    among: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`lower_bound`: fewer payments than that cannot settle these balances, by any strategy. `optimal`: this plan is known to have
    the fewest there are."""

    payments: tuple[Payment, ...]
    lower_bound: int
    optimal: bool


def suggest(
    nets: Mapping[UUID, int],
    strategy: Strategy = Strategy.FEWEST,
    *,
    debts: Sequence[Debt] = (),
    via_id: UUID | None = None,
    exact_members_max: int = EXACT_MEMBERS_MAX,
) -> Plan:
    """A plan for the balances of one currency. `debts`, for PAIRWISE and KEEP_EDGES, are those the nets come from."""
    require_sum("nets", expected=0, actual=sum(nets.values()))
    at_least = payments_needed(nets)
    match strategy:
        case Strategy.FEWEST:
            made = fewest_debts(nets, exact_members_max)
            if made.is_exact:
                at_least = len(made.debts)
            steps = made.debts
        case Strategy.VIA_MEMBER:
            steps = _via(nets, via_id)
        case Strategy.PAIRWISE | Strategy.KEEP_EDGES:
            _require_same(nets, debts)
            steps = _netted(debts) if strategy is Strategy.PAIRWISE else without_circles(_netted(debts))
    return Plan(_explained(steps), at_least, optimal=len(steps) == at_least)


def _via(nets: Mapping[UUID, int], via_id: UUID | None) -> list[Debt]:
    if via_id is None:
        raise InvalidInput.of_field("via_member_id", "must be stated")
    others = [(member_id, nets[member_id]) for member_id in sorted(nets) if nets[member_id] and member_id != via_id]
    return [Debt(each, via_id, -net) if net < 0 else Debt(via_id, each, net) for each, net in others]


def _netted(debts: Iterable[Debt]) -> list[Debt]:
    """One debt a pair, in the order of the ids."""
    pairs: dict[tuple[UUID, UUID], int] = {}
    for from_id, to_id, amount in debts:
        pair, owes = ((from_id, to_id), amount) if from_id < to_id else ((to_id, from_id), -amount)
        pairs[pair] = pairs.get(pair, 0) + owes
    return [
        Debt(one, other, owes) if owes > 0 else Debt(other, one, -owes)
        for (one, other), owes in sorted(pairs.items())
        if owes
    ]


def _require_same(nets: Mapping[UUID, int], debts: Iterable[Debt]) -> None:
    """Debts that say something else than the nets would settle something else."""
    left = dict(nets)
    for from_id, to_id, amount in debts:
        left[from_id] = left.get(from_id, 0) + amount
        left[to_id] = left.get(to_id, 0) - amount
    for open_minor in left.values():
        require_sum("debts", expected=0, actual=open_minor)


def _explained(steps: Sequence[Debt]) -> tuple[Payment, ...]:
    """Who is joined by payments, directly or not, settles among themselves."""
    joined: dict[UUID, set[UUID]] = {}
    for from_id, to_id, _ in steps:
        circle = joined.get(from_id, {from_id}) | joined.get(to_id, {to_id})
        joined |= dict.fromkeys(circle, circle)
    return tuple(Payment(*step, among=tuple(sorted(joined[step.from_id]))) for step in steps)
