"""Does an item carry on what its policy says, no more and no less, into the next period and from there on?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.budget_numbers import INT64_MAX, amounts, flows, policies, refusal_of
from tallystick.budgets.rollover import Flow, Policy, Standing, carry, follow, require_policy

BOTH = Policy(surplus=True, deficit=True)
NEITHER = Policy(surplus=False, deficit=False)


def available(policy: Policy, drawn: list[Flow]) -> list[int]:
    return [standing.available_minor for standing in follow(policy, drawn)]


@given(policies, flows)
def test_it_equals_a_plain_loop_by_hand(policy: Policy, drawn: list[Flow]) -> None:
    by_hand, purse = [], 0
    for assigned, spent in drawn:
        purse = purse + assigned - spent
        by_hand.append(purse)
        if purse > 0:
            purse = purse if policy.surplus else 0
            if policy.surplus_max_minor is not None and purse > policy.surplus_max_minor:
                purse = policy.surplus_max_minor
        elif not policy.deficit:
            purse = 0
    assert available(policy, drawn) == by_hand


@given(policies, flows)
def test_standings_say_how_they_came_about(policy: Policy, drawn: list[Flow]) -> None:
    carried = 0
    for flow, standing in zip(drawn, follow(policy, drawn), strict=True):
        assert standing == Standing(carried, *flow)
        assert standing.planned_minor == carried + flow.assigned_minor
        assert standing.available_minor == standing.planned_minor - flow.spent_minor
        carried = carry(policy, standing.available_minor)


@given(flows)
def test_with_both_on_nothing_is_ever_lost(drawn: list[Flow]) -> None:
    for number, left in enumerate(available(BOTH, drawn), 1):
        assert left == sum(flow.assigned_minor - flow.spent_minor for flow in drawn[:number])


@given(flows)
def test_with_both_off_every_period_stands_alone(drawn: list[Flow]) -> None:
    assert available(NEITHER, drawn) == [available(BOTH, [flow])[0] for flow in drawn]


@given(policies, flows.filter(bool), st.builds(Flow, amounts, amounts), st.data())
def test_a_change_in_the_past_changes_only_that_period_and_later_ones(
    policy: Policy, drawn: list[Flow], other: Flow, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(drawn) - 1))
    edited = [*drawn[:index], other, *drawn[index + 1 :]]
    before, after = follow(policy, drawn), follow(policy, edited)
    assert after[:index] == before[:index]
    assert after[index].carried_minor == before[index].carried_minor
    if carry(policy, after[index].available_minor) == carry(policy, before[index].available_minor):
        assert after[index + 1 :] == before[index + 1 :]
    if policy == BOTH:
        by = after[index].available_minor - before[index].available_minor
        assert available(BOTH, edited)[index:] == [left + by for left in available(BOTH, drawn)[index:]]


@given(policies, st.integers(-INT64_MAX, INT64_MAX))
def test_what_is_carried_is_part_of_what_is_left(policy: Policy, left: int) -> None:
    assert min(left, 0) <= carry(policy, left) <= max(left, 0)


def test_t60_what_was_overspent_does_not_vanish_at_the_end_of_the_month() -> None:
    spent_too_much = [Flow(100, 130), Flow(100, 0), Flow(100, 90)]
    assert available(BOTH, spent_too_much) == [-30, 70, 80]
    assert available(Policy(surplus=False, deficit=True), spent_too_much) == [-30, 70, 10]
    assert available(Policy(surplus=True, deficit=False), spent_too_much) == [-30, 100, 110]
    assert available(NEITHER, spent_too_much) == [-30, 100, 10]


def test_a_limit_holds_back_surplus_and_no_deficit() -> None:
    limited = Policy(surplus=True, deficit=True, surplus_max_minor=50)
    assert available(limited, [Flow(100, 0), Flow(100, 0), Flow(0, 200), Flow(0, 0)]) == [100, 150, -150, -150]


@pytest.mark.parametrize(
    "wrong",
    [
        Policy(surplus=True, deficit=False, surplus_max_minor=0),
        Policy(surplus=True, deficit=True, surplus_max_minor=-1),
        Policy(surplus=False, deficit=True, surplus_max_minor=5),
    ],
    ids=repr,
)
def test_limits_that_limit_nothing_are_refused(wrong: Policy) -> None:
    assert refusal_of(lambda: require_policy("rollover", wrong)).violations[0].field == "rollover.surplus_max"


@given(policies)
def test_all_others_are_taken(policy: Policy) -> None:
    require_policy("rollover", policy)


@pytest.mark.parametrize(
    "drawn",
    [[Flow(INT64_MAX, 0), Flow(1, 0)], [Flow(INT64_MAX, -1)], [Flow(-1, INT64_MAX)]],
)
def test_what_64_bits_do_not_hold_is_refused(drawn: list[Flow]) -> None:
    assert refusal_of(lambda: follow(BOTH, drawn)).reason_name == "AMOUNT_OUT_OF_RANGE"
    assert available(BOTH, [Flow(INT64_MAX, 0), Flow(0, INT64_MAX), Flow(-INT64_MAX, 0)])[2] == -INT64_MAX
