"""Is an amount divided to the last unit, fairly, and the same way on every device?"""

from collections import Counter
from fractions import Fraction
from hashlib import sha256
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.group_numbers import INT64_MAX, amounts, ids, member, named, refusal_of, weights
from tallystick.groups.allocation import RULE_VERSION, allocate, lot, rounded_up

EXPENSE = UUID("01900000-0000-7000-8000-000000000001")


@given(amounts, weights(INT64_MAX), ids)
def test_b1_shares_add_up_to_the_amount(amount: int, drawn: dict[UUID, int], expense_id: UUID) -> None:
    assert sum(allocate(amount, drawn, expense_id).values()) == amount


@given(amounts, weights(), ids)
def test_no_share_is_a_whole_unit_away_from_the_exact_one(
    amount: int, drawn: dict[UUID, int], expense_id: UUID
) -> None:
    total = sum(drawn.values())
    for member_id, share in allocate(amount, drawn, expense_id).items():
        assert abs(share - Fraction(amount * drawn[member_id], total)) < 1


@given(amounts, weights(), ids)
def test_b5_a_debt_is_divided_as_a_credit(amount: int, drawn: dict[UUID, int], expense_id: UUID) -> None:
    credit, debt = allocate(amount, drawn, expense_id), allocate(-amount, drawn, expense_id)
    assert debt == {member_id: -share for member_id, share in credit.items()}


@given(amounts, weights(), ids, st.randoms())
def test_the_order_of_members_changes_nothing(
    amount: int, drawn: dict[UUID, int], expense_id: UUID, random: Random
) -> None:
    pairs = list(drawn.items())
    random.shuffle(pairs)
    shares = allocate(amount, dict(pairs), expense_id)
    assert list(shares.items()) == list(allocate(amount, drawn, expense_id).items())
    assert list(shares) == sorted(shares)


@given(amounts, weights(1000), ids, st.integers(1, 10**9))
def test_only_proportions_count(amount: int, drawn: dict[UUID, int], expense_id: UUID, factor: int) -> None:
    larger = {member_id: factor * weight for member_id, weight in drawn.items()}
    assert allocate(amount, larger, expense_id) == allocate(amount, drawn, expense_id)


@given(amounts, weights(), ids)
def test_who_has_no_weight_bears_nothing(amount: int, drawn: dict[UUID, int], expense_id: UUID) -> None:
    shares = allocate(amount, drawn, expense_id)
    assert all(shares[member_id] == 0 for member_id, weight in drawn.items() if not weight)


@given(amounts, weights(), ids)
def test_who_has_more_weight_bears_no_less(amount: int, drawn: dict[UUID, int], expense_id: UUID) -> None:
    shares = allocate(abs(amount), drawn, expense_id)
    in_order = sorted(drawn, key=lambda each: (drawn[each], shares[each]))
    assert [shares[each] for each in in_order] == sorted(shares.values())


@given(amounts, weights(), ids)
def test_those_who_are_rounded_up_bear_what_was_left(amount: int, drawn: dict[UUID, int], expense_id: UUID) -> None:
    shares, total = allocate(amount, drawn, expense_id), sum(drawn.values())
    up = rounded_up(amount, drawn, shares)
    assert len(up) == abs(amount) - sum(abs(amount) * weight // total for weight in drawn.values())
    for member_id, weight in drawn.items():
        assert abs(shares[member_id]) == abs(amount) * weight // total + (member_id in up)


@pytest.mark.parametrize(
    ("amount", "shares"), [(1001, [500, 501]), (-1000, [-334, -333, -333]), (9500, [3166, 3167, 3167])]
)
def test_b1_b5_b6_the_cents_that_others_lost(amount: int, shares: list[int]) -> None:
    assert sorted(allocate(amount, named(*[1] * len(shares)), EXPENSE).values()) == sorted(shares)


def test_the_largest_remainders_come_before_the_lot() -> None:
    # 100 by 1, 2, 4: 14.29, 28.57, 57.14. Whoever draws what, the second is nearest to one more.
    for number in range(50):
        assert allocate(100, named(1, 2, 4), UUID(int=number)) == named(14, 29, 57)


@pytest.mark.parametrize(
    ("amount", "size"), [(1000, 3), (10**15 + 1, 7), (INT64_MAX, 9), (-INT64_MAX, 2), (1, 9), (0, 4)]
)
def test_ties_go_by_lot(amount: int, size: int) -> None:
    shares = allocate(amount, named(*[1] * size), EXPENSE)
    drawn = sorted(shares, key=lambda each: sha256(EXPENSE.bytes + each.bytes).digest())
    assert rounded_up(amount, named(*[1] * size), shares) == tuple(sorted(drawn[: abs(amount) % size]))


def test_the_lot_is_sha_256_of_both_ids() -> None:
    assert lot(EXPENSE, member(1)).hex() == sha256(EXPENSE.bytes + (1).to_bytes(16)).hexdigest()
    assert RULE_VERSION == 1, "shares that were made by another rule keep its number; give yours a new one, and vectors"


@pytest.mark.parametrize("size", [2, 3, 4, 7])
def test_ties_are_fair_over_many_expenses(size: int) -> None:
    random, rounds = Random(7), 20_000
    times: Counter[UUID] = Counter()
    for _ in range(rounds):
        expense_id = UUID(int=random.getrandbits(128), version=4)
        times.update(rounded_up(size + 1, named(*[1] * size), allocate(size + 1, named(*[1] * size), expense_id)))
    expected = rounds / size
    # Five standard deviations of a fair draw; the seed is fixed, so this either holds or does not.
    assert max(abs(times[member_id] - expected) for member_id in named(*[1] * size)) < 5 * expected**0.5


def test_ties_are_fair_among_ids_that_follow_each_other() -> None:
    """Ids made in the same millisecond share all their first bytes, and so do members who joined together."""
    first = EXPENSE.int
    times: Counter[UUID] = Counter()
    for number in range(9_000):
        times.update(rounded_up(1, named(1, 1, 1), allocate(1, named(1, 1, 1), UUID(int=first + number))))
    assert max(abs(count - 3_000) for count in times.values()) < 250


@pytest.mark.parametrize("wrong", [{}, named(0), named(0, 0, 0), named(1, -1), named(-1), named(5, -1)])
def test_weights_that_divide_nothing_are_refused(wrong: dict[UUID, int]) -> None:
    assert refusal_of(lambda: allocate(100, wrong, EXPENSE)).reason_name == "INVALID_FIELD"


@pytest.mark.parametrize("amount", [2**63, -(2**63), 10**30])
def test_amounts_that_64_bits_do_not_hold_are_refused(amount: int) -> None:
    assert refusal_of(lambda: allocate(amount, named(1, 1), EXPENSE)).reason_name == "AMOUNT_OUT_OF_RANGE"
