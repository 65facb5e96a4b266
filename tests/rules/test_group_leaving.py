"""Is nothing open any more with somebody who left, whatever was open before?"""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import TallystickError
from tallystick.groups.balances import Balance, Settlement, fold
from tallystick.groups.members import rules_leaving as rules
from tallystick.groups.members.rules_leaving import Gift, OpenDebt
from tallystick.v1.role_pb2 import Role

LEAVER, TAKER, *OTHERS = [UUID(int=number) for number in (5, 3, 1, 4, 9)]
EVERYBODY = [LEAVER, TAKER, *OTHERS]
DAY = date(2026, 2, 3)

steps = st.lists(
    st.builds(
        lambda pair, currency, minor: Settlement(DAY, currency, pair[0], pair[1], minor),
        st.sampled_from([*permutations(EVERYBODY, 2)]),
        st.sampled_from(["EUR", "JPY"]),
        st.integers(1, 10**15),
    ),
    max_size=20,
)


def open_with(member_id: UUID, balances: dict[str, Balance]) -> list[OpenDebt]:
    debts = {(*pair, currency): owes for currency, each in balances.items() for pair, owes in each.pairs.items()}
    return rules.debts_of_member(member_id, debts)


def after(shared: list[Settlement], gifts: list[Gift]) -> dict[str, Balance]:
    assert all(gift.minor > 0 and gift.from_id != gift.to_id for gift in gifts)
    given_ = [Settlement(DAY, gift.currency, gift.from_id, gift.to_id, gift.minor) for gift in gifts]
    return fold([*shared, *given_])


@given(steps)
def test_what_is_evened_out_is_no_more(shared: list[Settlement]) -> None:
    debts = open_with(LEAVER, fold(shared))
    balances = after(shared, rules.even_out(LEAVER, debts))
    assert open_with(LEAVER, balances) == []
    assert all(each.nets.get(LEAVER, 0) == 0 for each in balances.values())


@given(steps)
def test_what_is_handed_over_is_the_takers_and_nobody_elses_balance_moves(shared: list[Settlement]) -> None:
    before = fold(shared)
    debts = open_with(LEAVER, before)
    balances = after(shared, rules.hand_over(LEAVER, TAKER, debts))
    assert open_with(LEAVER, balances) == []
    for currency, each in balances.items():
        was = before[currency].nets
        assert each.nets.get(LEAVER, 0) == 0
        assert each.nets.get(TAKER, 0) == was.get(TAKER, 0) + was.get(LEAVER, 0)
        assert all(each.nets.get(other, 0) == was.get(other, 0) for other in OTHERS)


@given(steps)
def test_a_debt_stands_on_both_sides(shared: list[Settlement]) -> None:
    balances = fold(shared)
    for each in open_with(LEAVER, balances):
        assert OpenDebt(LEAVER, each.currency, -each.owes_minor) in open_with(each.other_id, balances)


@pytest.mark.parametrize(
    ("role", "own", "owes", "may"),
    [
        (Role.ROLE_OWNER, TAKER, (10, -10), True),
        (Role.ROLE_OWNER, LEAVER, (10, 10), True),
        (Role.ROLE_EDITOR, LEAVER, (-10, -10), True),
        (Role.ROLE_EDITOR, LEAVER, (10, -10), False),
        (Role.ROLE_EDITOR, LEAVER, (10,), False),
        (Role.ROLE_VIEWER, LEAVER, (), True),
    ],
)
def test_only_owners_and_whoever_alone_is_owed_may_forgive(
    role: Role.ValueType, own: UUID, owes: tuple[int, ...], may: bool
) -> None:
    debts = [OpenDebt(other, "EUR", minor) for other, minor in zip(OTHERS, owes, strict=False)]
    if may:
        rules.require_may_forgive(role, own, LEAVER, debts)
    else:
        with pytest.raises(TallystickError) as refused:
            rules.require_may_forgive(role, own, LEAVER, debts)
        assert refused.value.reason_name == "ROLE_TOO_LOW"
