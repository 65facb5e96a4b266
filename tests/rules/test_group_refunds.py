"""Does a refund give everybody back what they bore, and never more?"""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.group_numbers import everyday_amounts, ids, named, refusal_of, weights
from tallystick.groups.allocation import allocate
from tallystick.groups.refunds import negated, refund, remaining

REFUND = UUID("01900000-0000-7000-8000-0000000000f1")


@st.composite
def shares(draw: st.DrawFn) -> dict[UUID, int]:
    return allocate(draw(everyday_amounts), draw(weights()), draw(ids))


@given(shares(), ids)
def test_b5_a_full_refund_is_the_exact_opposite(stored: dict[UUID, int], refund_id: UUID) -> None:
    assert refund(sum(stored.values()), stored, refund_id) == negated(stored)
    assert set(remaining(stored, [negated(stored)]).values()) == {0}


@given(shares(), st.lists(st.tuples(st.integers(1, 100_000), ids), max_size=8), ids)
def test_b5_partial_refunds_come_to_the_original_and_never_exceed_a_share(
    stored: dict[UUID, int], steps: list[tuple[int, UUID]], last: UUID
) -> None:
    amount = sum(stored.values())
    sign = 1 if amount > 0 else -1
    refunds: list[dict[UUID, int]] = []
    for size, refund_id in steps:
        left = remaining(stored, refunds)
        part = min(size, abs(sum(left.values())))
        if part:
            refunds.append(refund(sign * part, left, refund_id))
            assert sum(refunds[-1].values()) == -sign * part
            assert all(sign * share >= 0 for share in remaining(stored, refunds).values())
            assert all(sign * share <= 0 for share in refunds[-1].values())
    left = remaining(stored, refunds)
    if sum(left.values()):
        refunds.append(refund(sum(left.values()), left, last))
    assert set(remaining(stored, refunds).values()) == {0}


@given(shares(), st.integers(1, 100_000), ids)
def test_a_partial_refund_is_in_proportion_to_a_unit(stored: dict[UUID, int], size: int, refund_id: UUID) -> None:
    whole = sum(stored.values())
    part = min(size, abs(whole)) * (1 if whole > 0 else -1)
    for member_id, share in refund(part, stored, refund_id).items():
        assert abs(share * whole + part * stored[member_id]) < abs(whole)


def test_a_refund_in_halves() -> None:
    first = refund(501, named(334, 333, 333), REFUND)
    assert sum(first.values()) == -501
    assert refund(499, remaining(named(334, 333, 333), [first]), REFUND) == negated(
        remaining(named(334, 333, 333), [first])
    )


@pytest.mark.parametrize("left", [named(334, 333, 333), named(0, 0)])
def test_more_than_is_left_is_refused_with_the_numbers(left: dict[UUID, int]) -> None:
    whole = sum(left.values())
    refused = refusal_of(lambda: refund(1001, left, REFUND))
    assert refused.reason_name == "REFUND_EXCEEDS_ORIGINAL"
    assert refused.metadata == {"expected": str(whole), "actual": "1001", "difference": str(whole - 1001)}


@pytest.mark.parametrize(
    ("amount", "reason"), [(0, "INVALID_FIELD"), (-1, "INVALID_FIELD"), (2**63, "AMOUNT_OUT_OF_RANGE")]
)
def test_amounts_that_give_nothing_back_are_refused(amount: int, reason: str) -> None:
    assert refusal_of(lambda: refund(amount, named(5, 5), REFUND)).reason_name == reason
