"""Do suggested payments settle everything, with the fewest payments, and stay what they are while people pay?"""

from collections.abc import Mapping
from functools import cache
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.group_numbers import INT64_MAX, balanced, member, named, nets_of, open_of, refusal_of
from tallystick.groups.balances import Debt
from tallystick.groups.settling import Payment, Plan, Strategy, suggest

ANN, BOB, CY, DEE = (member(number) for number in range(1, 5))


@st.composite
def debts(draw: st.DrawFn, greatest: int = 30) -> list[Debt]:
    """Debts among six people, several of a pair and both ways."""
    people = st.lists(st.sampled_from([member(number) for number in range(1, 7)]), min_size=2, max_size=2, unique=True)
    drawn = draw(st.lists(st.tuples(people, st.integers(1, greatest)), max_size=20))
    return [Debt(from_id, to_id, amount) for (from_id, to_id), amount in drawn]


def least_payments(nets: Mapping[UUID, int]) -> int:
    """The fewest payments, by trying every part of the members that comes to zero."""
    numbers = tuple(sorted(open_of(nets).values()))

    @cache
    def most_groups(left: tuple[int, ...]) -> int:
        if not left:
            return 0
        found = []
        for mask in range(1 << (len(left) - 1)):
            chosen = [True, *(bool(mask >> index & 1) for index in range(len(left) - 1))]
            if not sum(number for number, is_in in zip(left, chosen, strict=True) if is_in):
                rest = tuple(number for number, is_in in zip(left, chosen, strict=True) if not is_in)
                found.append(1 + most_groups(rest))
        return max(found)

    return len(numbers) - most_groups(numbers)


def after(nets: Mapping[UUID, int], payment: Payment) -> dict[UUID, int]:
    left = dict(nets)
    left[payment.from_id] += payment.amount_minor
    left[payment.to_id] -= payment.amount_minor
    return left


def steps_of(plan: Plan) -> set[tuple[UUID, UUID, int]]:
    return {(payment.from_id, payment.to_id, payment.amount_minor) for payment in plan.payments}


@given(balanced(size_max=8, greatest=9))
def test_fewest_is_what_trying_everything_finds(nets: dict[UUID, int]) -> None:
    plan = suggest(nets)
    assert len(plan.payments) == plan.lower_bound == least_payments(nets)
    assert plan.optimal


@given(balanced(size_max=8, greatest=9))
def test_the_bound_without_a_search_is_never_above_what_is_needed(nets: dict[UUID, int]) -> None:
    estimated = suggest(nets, exact_members_max=0)
    needed = least_payments(nets)
    assert estimated.lower_bound <= needed <= len(estimated.payments) <= 1.5 * needed
    assert estimated.optimal <= (len(estimated.payments) == needed)


@given(balanced(size_max=30), st.integers(0, 12))
def test_b7_all_payments_bring_everybody_to_exactly_zero(nets: dict[UUID, int], exact_members_max: int) -> None:
    plan = suggest(nets, exact_members_max=exact_members_max)
    assert nets_of(plan.payments) == open_of(nets)
    assert all(payment.amount_minor > 0 for payment in plan.payments)
    # Nobody passes money on: only who owes pays, and no more than that.
    assert sum(payment.amount_minor for payment in plan.payments) == sum(net for net in nets.values() if net > 0)


@given(balanced(size_max=12, greatest=INT64_MAX))
def test_b8_any_balances_that_come_to_zero_have_a_plan(nets: dict[UUID, int]) -> None:
    for strategy in (Strategy.FEWEST, Strategy.VIA_MEMBER):
        assert nets_of(suggest(nets, strategy, via_id=ANN).payments) == open_of(nets)


@given(debts())
def test_b7_b17_every_strategy_settles_the_same_nets(drawn: list[Debt]) -> None:
    nets = nets_of(drawn)
    for strategy in Strategy:
        plan = suggest(nets, strategy, debts=drawn, via_id=ANN)
        assert nets_of(plan.payments) == nets
        assert all(payment.amount_minor > 0 for payment in plan.payments)
        assert plan.lower_bound <= len(plan.payments)


@given(debts())
def test_the_members_of_a_payment_come_to_zero_with_each_other(drawn: list[Debt]) -> None:
    nets = nets_of(drawn)
    for strategy in Strategy:
        for payment in suggest(nets, strategy, debts=drawn, via_id=ANN).payments:
            assert {payment.from_id, payment.to_id} <= set(payment.among)
            assert sum(nets.get(each, 0) for each in payment.among) == 0
            assert list(payment.among) == sorted(payment.among)


@given(debts(), st.randoms())
def test_the_order_of_balances_and_debts_changes_nothing(drawn: list[Debt], random: Random) -> None:
    nets, shuffled = list(nets_of(drawn).items()), list(drawn)
    random.shuffle(nets)
    random.shuffle(shuffled)
    for strategy in Strategy:
        one = suggest(nets_of(drawn), strategy, debts=drawn, via_id=ANN)
        assert suggest(dict(nets), strategy, debts=shuffled, via_id=ANN) == one


@given(debts())
def test_pairwise_nets_each_pair_and_no_more(drawn: list[Debt]) -> None:
    plan = suggest(nets_of(drawn), Strategy.PAIRWISE, debts=drawn)
    pairs = [frozenset((payment.from_id, payment.to_id)) for payment in plan.payments]
    assert len(set(pairs)) == len(pairs)
    for payment in plan.payments:
        between = [debt for debt in drawn if {debt.from_id, debt.to_id} == {payment.from_id, payment.to_id}]
        assert payment.amount_minor == nets_of(between)[payment.to_id]


@given(debts())
def test_keep_edges_lets_everybody_pay_only_whom_they_owe(drawn: list[Debt]) -> None:
    nets = nets_of(drawn)
    pairwise = suggest(nets, Strategy.PAIRWISE, debts=drawn)
    kept = suggest(nets, Strategy.KEEP_EDGES, debts=drawn)
    owing = {(payment.from_id, payment.to_id) for payment in pairwise.payments}
    assert {(payment.from_id, payment.to_id) for payment in kept.payments} <= owing
    assert sum(each.amount_minor for each in kept.payments) <= sum(each.amount_minor for each in pairwise.payments)
    # No circle is left: of those who are joined there is one payment less than there are members.
    parts = {payment.among for payment in kept.payments}
    assert len(kept.payments) == sum(len(part) - 1 for part in parts)


def test_keep_edges_takes_a_circle_out() -> None:
    circle = [Debt(ANN, BOB, 10), Debt(BOB, CY, 15), Debt(CY, ANN, 10)]
    assert suggest(nets_of(circle), Strategy.KEEP_EDGES, debts=circle).payments == (Payment(BOB, CY, 5, (BOB, CY)),)


@pytest.mark.parametrize(("first", "second", "third"), [(ANN, BOB, CY), (BOB, CY, ANN), (CY, ANN, BOB)])
def test_keep_edges_takes_the_short_way(first: UUID, second: UUID, third: UUID) -> None:
    detour = [Debt(first, second, 10), Debt(second, third, 10), Debt(first, third, 5)]
    (payment,) = suggest(nets_of(detour), Strategy.KEEP_EDGES, debts=detour).payments
    assert payment == Payment(first, third, 15, tuple(sorted((first, third))))


@given(balanced())
def test_via_a_member_everybody_has_one_payment(nets: dict[UUID, int]) -> None:
    via_id = min(nets)
    plan = suggest(nets, Strategy.VIA_MEMBER, via_id=via_id)
    assert all(via_id in {payment.from_id, payment.to_id} for payment in plan.payments)
    assert len(plan.payments) == len(open_of(nets).keys() - {via_id})


@given(balanced(size_max=10, greatest=9), st.data())
def test_b33_when_one_has_paid_the_rest_is_one_payment_less(nets: dict[UUID, int], data: st.DataObject) -> None:
    plan = suggest(nets)
    if plan.payments:
        paid = data.draw(st.sampled_from(plan.payments))
        assert len(suggest(after(nets, paid)).payments) == len(plan.payments) - 1


@pytest.mark.parametrize("exact_members_max", [0, 16])
def test_b33_when_one_has_paid_the_others_stay(exact_members_max: int) -> None:
    """As long as nobody's balance comes to match others by chance: then groups can be made in another way, and only a plan that is
    kept keeps them."""
    random = Random(33)
    for _ in range(100):
        size = random.randint(2, 9)
        drawn = {UUID(int=random.getrandbits(128)): random.randint(-(10**12), 10**12) for _ in range(size)}
        drawn[UUID(int=random.getrandbits(128))] = -sum(drawn.values())
        plan = suggest(drawn, exact_members_max=exact_members_max)
        for paid in plan.payments:
            left = suggest(after(drawn, paid), exact_members_max=exact_members_max)
            assert steps_of(left) == steps_of(plan) - {(paid.from_id, paid.to_id, paid.amount_minor)}


@given(debts(), st.data())
def test_b33_pairwise_and_via_stay_when_one_has_paid(drawn: list[Debt], data: st.DataObject) -> None:
    nets = nets_of(drawn)
    for strategy in (Strategy.PAIRWISE, Strategy.VIA_MEMBER):
        plan = suggest(nets, strategy, debts=drawn, via_id=ANN)
        if not plan.payments:
            continue
        paid = data.draw(st.sampled_from(plan.payments))
        settled = [*drawn, Debt(paid.to_id, paid.from_id, paid.amount_minor)]
        left = suggest(nets_of(settled), strategy, debts=settled, via_id=ANN)
        assert steps_of(left) == steps_of(plan) - {(paid.from_id, paid.to_id, paid.amount_minor)}


def test_the_classic_case_where_the_largest_first_needs_five() -> None:
    plan = suggest(named(-10, -3, -3, 6, 5, 5))
    assert (len(plan.payments), plan.lower_bound, plan.optimal) == (4, 4, True)
    first, second = (ANN, member(5), member(6)), (BOB, CY, member(4))
    assert set(plan.payments) == {
        Payment(ANN, member(5), 5, first),
        Payment(ANN, member(6), 5, first),
        Payment(BOB, member(4), 3, second),
        Payment(CY, member(4), 3, second),
    }


def test_payments_go_by_the_order_of_ids() -> None:
    everybody = (ANN, BOB, CY, DEE)
    assert suggest(named(-7, -5, 4, 8)).payments == (
        Payment(ANN, CY, 4, everybody),
        Payment(ANN, DEE, 3, everybody),
        Payment(BOB, DEE, 5, everybody),
    )


def test_fifteen_members_in_five_triples_need_ten() -> None:
    triples = [(-100 - shift, 37 + shift, 63) for shift in (0, 7, 19, 101, 1003)]
    plan = suggest(named(*(net for triple in zip(*triples, strict=True) for net in triple)))
    assert (len(plan.payments), plan.optimal) == (10, True)


def test_more_members_than_can_be_tried_are_settled_without_a_claim() -> None:
    triples = [(-(2**number) - 3**number, 2**number, 3**number) for number in range(4, 12)]
    plan = suggest(named(*(net for triple in zip(*triples, strict=True) for net in triple)))
    assert not plan.optimal
    assert 16 == plan.lower_bound < len(plan.payments) <= 23
    assert suggest(named(*range(-40, 41))).optimal, "all of them are pairs"


def test_b7_one_cent_is_settled_and_nothing_is_not() -> None:
    assert suggest(named(1, -1)).payments == (Payment(BOB, ANN, 1, (ANN, BOB)),)
    assert suggest(named(0, 0, 0)) == suggest({}) == Plan((), 0, optimal=True)


@pytest.mark.parametrize("strategy", list(Strategy))
def test_b8_balances_that_do_not_come_to_zero_are_refused_with_the_numbers(strategy: Strategy) -> None:
    refused = refusal_of(lambda: suggest(named(5, -3), strategy, via_id=ANN))
    assert refused.reason_name == "SPLITS_UNBALANCED"
    assert refused.metadata == {"expected": "0", "actual": "2", "difference": "-2"}


@pytest.mark.parametrize("strategy", [Strategy.PAIRWISE, Strategy.KEEP_EDGES])
def test_debts_that_are_not_those_of_the_balances_are_refused(strategy: Strategy) -> None:
    refused = refusal_of(lambda: suggest(named(5, -5), strategy, debts=[Debt(BOB, ANN, 4)]))
    assert refused.reason_name == "SPLITS_UNBALANCED"


def test_via_nobody_is_refused() -> None:
    assert refusal_of(lambda: suggest(named(5, -5), Strategy.VIA_MEMBER)).reason_name == "INVALID_FIELD"
