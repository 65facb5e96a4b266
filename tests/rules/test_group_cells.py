"""Are the nets and debts of a group what was moved, also after they were a cell?"""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.groups.sums.cells import Tally

IDS = [UUID(int=number * 2**100) for number in (7, 3, 9, 1, 5)]
MOVES = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.integers(-(2**40), 2**40), st.booleans()), max_size=30
)


@given(MOVES)
def test_a_tally_is_the_sum_of_its_moves_however_often_it_was_a_cell(moves: list[tuple[UUID, UUID, int, bool]]) -> None:
    tally, nets, debts = Tally(), dict[UUID, int](), dict[tuple[UUID, UUID], int]()
    for one, other, moved, is_packed in moves:
        if one == other:
            continue
        nets[one] = nets.get(one, 0) - moved
        nets[other] = nets.get(other, 0) + moved
        pair, owes = ((one, other), moved) if one < other else ((other, one), -moved)
        debts[pair] = debts.get(pair, 0) + owes
        assert tally.move_net(one, -moved) == nets[one]
        assert tally.move_net(other, moved) == nets[other]
        assert tally.move_debt(one, other, moved) == (debts[pair] if one < other else -debts[pair])
        tally = Tally(tally.pack()) if is_packed else tally
    assert dict(tally.nets()) == {each: net for each, net in nets.items() if net}
    assert {(one, other): owes for one, other, owes in tally.debts()} == {
        pair: owes for pair, owes in debts.items() if owes
    }


def test_the_greatest_amounts_fit() -> None:
    tally = Tally()
    tally.move_net(IDS[0], 2**63 - 1)
    tally.move_debt(IDS[1], IDS[0], 2**63 - 1)
    assert dict(Tally(tally.pack()).nets()) == {IDS[0]: 2**63 - 1}


def test_nothing_is_two_bytes() -> None:
    assert Tally().pack() == b"\0\0"
