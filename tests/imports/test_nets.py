"""Do payers and shares that are made of nets come to exactly those nets, whatever the nets are?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.imports.reading.lines import UnreadableError
from tallystick.imports.shared.nets import even_out, parts_of, payment_of

NETS = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20).map(lambda nets: [*nets, -sum(nets)])
COST = st.integers(-(10**13), 10**13)


def named(nets: list[int]) -> dict[str, int]:
    return {f"M{at}": net for at, net in enumerate(nets)}


@given(nets=NETS.filter(any), cost=COST)
def test_parts_come_to_the_nets_and_to_the_amount(nets: list[int], cost: int) -> None:
    wanted = {member: net for member, net in named(nets).items() if net}
    parts = parts_of(cost, wanted)
    assert sum(parts.paid.values()) == sum(parts.borne.values()) == parts.amount_minor >= abs(cost)
    assert min(*parts.paid.values(), *parts.borne.values()) >= 0
    assert parts.is_refund == (cost < 0)
    sign = -1 if parts.is_refund else 1
    members = parts.paid.keys() | parts.borne.keys()
    found = {each: sign * (parts.paid.get(each, 0) - parts.borne.get(each, 0)) for each in members}
    assert found == wanted


@given(nets=NETS.filter(any), cost=COST)
def test_the_amount_is_the_cost_where_that_is_possible(nets: list[int], cost: int) -> None:
    moved = sum(net for net in nets if net > 0)
    assert parts_of(cost, named(nets)).amount_minor == max(abs(cost), moved)


@given(nets=NETS, over=st.integers(-21, 21))
def test_evened_out_nobody_is_moved_by_more_than_a_unit(nets: list[int], over: int) -> None:
    said = named([nets[0] + over, *nets[1:]])
    involved = sum(1 for net in said.values() if net)
    if abs(over) > involved:
        with pytest.raises(UnreadableError):
            even_out(said)
        return
    evened = even_out(said)
    assert sum(evened.values()) == 0
    moved = {member: said[member] - evened.get(member, 0) for member in said}
    assert sum(map(abs, moved.values())) == abs(over)
    assert max(map(abs, moved.values())) <= 1
    # Who has nothing to do with it stays out of it.
    assert all(said[member] for member, by in moved.items() if by)


def test_a_payment_goes_from_one_to_another() -> None:
    assert payment_of({"A": -5, "B": 5}) == ("B", "A", 5)
    assert payment_of({"A": -5, "B": 2, "C": 3}) is None
