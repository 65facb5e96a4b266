"""Which members, weights and balances do the tests of groups draw?"""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

import pytest
from hypothesis import strategies as st

from tallystick.errors import TallystickError
from tallystick.groups.balances import Debt
from tallystick.groups.settling import Payment

INT64_MAX = 2**63 - 1

ids = st.uuids(version=4)
amounts = st.integers(-INT64_MAX, INT64_MAX)
everyday_amounts = st.integers(-100_000, 100_000).filter(bool)
members = st.lists(ids, min_size=1, max_size=9, unique=True)


def member(number: int) -> UUID:
    return UUID(int=number)


def named(*parts: int) -> dict[UUID, int]:
    """Members 1, 2, 3 … with these numbers."""
    return {member(number): part for number, part in enumerate(parts, 1)}


def weights(greatest: int = 10_000) -> st.SearchStrategy[dict[UUID, int]]:
    """Who bears how much, of which somebody bears something."""
    return st.dictionaries(ids, st.integers(0, greatest), min_size=1, max_size=9).filter(
        lambda drawn: any(drawn.values())
    )


@st.composite
def balanced(draw: st.DrawFn, size_max: int = 9, greatest: int = 20) -> dict[UUID, int]:
    """Balances of some members that come to zero, in small units, so that many match."""
    nets = draw(st.lists(st.integers(-greatest, greatest), min_size=0, max_size=size_max - 1))
    drawn = draw(st.lists(ids, min_size=len(nets) + 1, max_size=len(nets) + 1, unique=True))
    return dict(zip(drawn, [*nets, -sum(nets)], strict=True))


def nets_of(debts: Iterable[Debt | Payment]) -> dict[UUID, int]:
    """What everybody is owed by these debts, or gets by these payments. Only what is not zero."""
    nets: dict[UUID, int] = {}
    for debt in debts:
        nets[debt.from_id] = nets.get(debt.from_id, 0) - debt.amount_minor
        nets[debt.to_id] = nets.get(debt.to_id, 0) + debt.amount_minor
    return open_of(nets)


def open_of(nets: Mapping[UUID, int]) -> dict[UUID, int]:
    return {member_id: net for member_id, net in nets.items() if net}


def refusal_of(call: Callable[[], object]) -> TallystickError:
    with pytest.raises(TallystickError) as refused:
        call()
    return refused.value
