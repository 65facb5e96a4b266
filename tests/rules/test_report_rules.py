"""Do the sums of a report add up, and are shares rounded once?"""

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.ledger.categories.rules import path_of
from tallystick.ledger.rules import NO_CATEGORY
from tallystick.reports.rules import BIGGEST_MAX, BIGGEST_USUAL, average, basis_points, biggest_of
from tallystick.reports.rules_tree import Node, find, flatten, grow

IDS = [UUID(int=number) for number in range(1, 13)]


@st.composite
def forests(draw: st.DrawFn) -> dict[UUID, UUID | None]:
    """Each category below one before it, or at the top."""
    return {each: draw(st.sampled_from([None, *IDS[:number]])) for number, each in enumerate(IDS)}


owns = st.dictionaries(
    st.sampled_from([NO_CATEGORY, *IDS]), st.integers(-1000, 1000).filter(lambda minor: minor != 0), max_size=13
)


@given(parents=forests(), own=owns)
def test_a_total_is_ones_own_and_all_below(parents: dict[UUID, UUID | None], own: dict[UUID, int]) -> None:
    tops = grow(parents, own)
    nodes = flatten(tops)
    assert sum(top.total for top in tops) == sum(own.values())
    assert {node.category_id: node.own for node in nodes if node.own} == own
    for node in nodes:
        assert node.total == node.own + sum(child.total for child in node.children)
        assert [child.total for child in node.children] == sorted((c.total for c in node.children), reverse=True)
        assert all(parents[child.category_id] == node.category_id for child in node.children)


@given(parents=forests(), own=owns)
def test_every_category_with_money_is_found_and_no_other(
    parents: dict[UUID, UUID | None], own: dict[UUID, int]
) -> None:
    tops = grow(parents, own)
    expected = {above for each in own for above in path_of(parents, each)}
    assert {node.category_id for node in flatten(tops)} == expected
    for each in (NO_CATEGORY, *IDS):
        found = find(tops, each)
        assert (found.category_id if found else None) == (each if each in expected else None)


def test_the_tree_is_the_same_in_whatever_order_sums_come() -> None:
    parents: dict[UUID, UUID | None] = {IDS[0]: None, IDS[1]: None, IDS[2]: IDS[1]}
    own = {IDS[0]: 5, IDS[1]: 2, IDS[2]: 3}
    assert grow(parents, own) == grow(parents, dict(reversed(own.items())))
    assert [node.category_id for node in grow(parents, own)] == [IDS[0], IDS[1]]
    assert not Node(IDS[0]).is_none


@given(part=st.integers(-(10**18), 10**18), whole=st.integers(1, 10**18))
def test_basis_points_are_rounded_once(part: int, whole: int) -> None:
    found = basis_points(part, whole)
    assert found is not None
    assert abs(found - Fraction(part * 10_000, whole)) <= Fraction(1, 2)


@pytest.mark.parametrize("whole", [0, -1])
def test_there_is_no_share_of_nothing(whole: int) -> None:
    assert basis_points(5, whole) is None


def test_halves_go_to_the_even_side() -> None:
    assert [average(5, 2), average(7, 2), average(-5, 2)] == [2, 4, -2]
    assert basis_points(1, 20_000) == 0


def test_some_are_named_unless_asked_otherwise() -> None:
    assert [biggest_of(0), biggest_of(3), biggest_of(1000)] == [BIGGEST_USUAL, 3, BIGGEST_MAX]
