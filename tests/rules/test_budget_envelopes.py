"""Is all money in exactly one place, and does "to be assigned" never promise what is not there?"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.budget_numbers import FOOD, FUN, INT64_MAX, RENT, amounts, by_item, items, policies, refusal_of
from tallystick.budgets.envelopes import KEEPS_DEFICIT, PAYS_DEFICIT, Envelopes, Facts, Move, fill, require_move
from tallystick.budgets.rollover import Flow, Policy, follow

moves = st.lists(st.builds(Move, items, items, st.integers(1, 50_000)), max_size=4)
facts = st.builds(Facts, amounts, by_item, moves, by_item, amounts)
histories = st.lists(facts, min_size=1, max_size=8)
chosen = st.dictionaries(items, policies)


def to_be_assigned(filled: list[Envelopes]) -> list[int]:
    return [envelopes.to_be_assigned_minor for envelopes in filled]


def available(envelopes: Envelopes) -> dict[UUID, int]:
    return {each: standing.available_minor for each, standing in envelopes.items.items()}


def with_more(history: list[Facts], index: int, item: UUID, amount: int) -> list[Facts]:
    """The same history, in which that much more was assigned to the item in one period."""
    old = history[index]
    assigned = {**old.assigned, item: old.assigned.get(item, 0) + amount}
    return [*history[:index], replace(old, assigned=assigned), *history[index + 1 :]]


@given(histories, chosen, policies)
def test_money_is_neither_made_nor_lost(
    history: list[Facts], by_policy: Mapping[UUID, Policy], default: Policy
) -> None:
    owned = 0
    for period, envelopes in zip(history, fill(history, by_policy, default), strict=True):
        owned += period.income_minor - sum(period.spent.values()) - period.unbudgeted_minor
        assert sum(available(envelopes).values()) + envelopes.to_be_assigned_minor == owned


@given(histories)
def test_to_be_assigned_is_all_income_less_all_that_was_assigned(history: list[Facts]) -> None:
    expected = 0
    for period, envelopes in zip(history, fill(history, {}), strict=True):
        expected += period.income_minor - period.unbudgeted_minor - sum(period.assigned.values())
        assert envelopes.to_be_assigned_minor == expected
        assert envelopes.returned_minor == 0


@given(histories, policies)
def test_an_envelope_stands_as_any_item_does(history: list[Facts], default: Policy) -> None:
    """With what was assigned and moved for its limit: both modes share one rollover."""
    last = fill(history, {}, default)[-1]
    for item in (FOOD, RENT, FUN):
        flows = [
            Flow(
                period.assigned.get(item, 0)
                + sum(move.amount_minor * ((move.to_id == item) - (move.from_id == item)) for move in period.moves),
                period.spent.get(item, 0),
            )
            for period in history
        ]
        if item in last.items:
            assert last.items[item] == follow(default, flows)[-1]
        else:
            assert not any(map(any, flows))


@given(histories, moves, chosen, st.data())
def test_moves_change_their_items_and_never_what_is_to_be_assigned(
    history: list[Facts], more: list[Move], by_policy: Mapping[UUID, Policy], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(history) - 1))
    moved = replace(history[index], moves=[*history[index].moves, *more])
    before = fill(history, by_policy)
    after = fill([*history[:index], moved, *history[index + 1 :]], by_policy)
    assert to_be_assigned(after)[: index + 1] == to_be_assigned(before)[: index + 1]
    for item in (FOOD, RENT, FUN):
        by = sum(move.amount_minor * ((move.to_id == item) - (move.from_id == item)) for move in more)
        assert available(after[index]).get(item, 0) == available(before[index]).get(item, 0) + by


@given(histories, chosen, items, st.data())
def test_who_assigns_no_more_than_is_assignable_is_never_over_assigned(
    history: list[Facts], by_policy: Mapping[UUID, Policy], item: UUID, data: st.DataObject
) -> None:
    begun = [Facts(income_minor=10_000_000), *history]
    index = data.draw(st.integers(0, len(history)))
    assignable = fill(begun, by_policy)[index].assignable_minor
    assigned = data.draw(st.just(assignable) | st.integers(0, assignable))
    after = fill(with_more(begun, index, item, assigned), by_policy)
    assert min(to_be_assigned(after)[index:]) >= 0


@given(histories, items, st.data())
def test_one_more_than_is_assignable_is_one_too_many(history: list[Facts], item: UUID, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(history) - 1))
    assignable = fill(history, {})[index].assignable_minor
    after = fill(with_more(history, index, item, assignable + 1), {})
    assert min(to_be_assigned(after)[index:]) == -1
    assert max(envelopes.over_assigned_minor for envelopes in after[index:]) == 1


@given(histories, chosen)
def test_over_assigned_is_said_if_and_only_if_it_is(history: list[Facts], by_policy: Mapping[UUID, Policy]) -> None:
    for envelopes in fill(history, by_policy):
        assert (envelopes.over_assigned_minor > 0) == (envelopes.to_be_assigned_minor < 0)
        assert envelopes.to_be_assigned_minor + envelopes.over_assigned_minor >= 0
        assert envelopes.assignable_minor <= envelopes.to_be_assigned_minor


@given(histories, facts, chosen, st.data())
def test_a_change_in_the_past_changes_only_that_period_and_later_ones(
    history: list[Facts], other: Facts, by_policy: Mapping[UUID, Policy], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(history) - 1))
    before, after = fill(history, by_policy), fill([*history[:index], other, *history[index + 1 :]], by_policy)
    # What is assignable looks ahead, and is meant to.
    assert [replace(each, assignable_minor=0) for each in after[:index]] == [
        replace(each, assignable_minor=0) for each in before[:index]
    ]


OVERSPENT = [
    Facts(income_minor=1000, assigned={FOOD: 100, RENT: 500}, spent={FOOD: 130, RENT: 500}),
    Facts(income_minor=0, assigned={FOOD: 100}, spent={FOOD: 20}),
]


def test_t60_what_an_item_overspent_stays_with_it() -> None:
    first, second = fill(OVERSPENT, {}, KEEPS_DEFICIT)
    assert (available(first), first.to_be_assigned_minor) == ({FOOD: -30, RENT: 0}, 400)
    assert (available(second), second.to_be_assigned_minor) == ({FOOD: 50, RENT: 0}, 300)


def test_t60_or_is_taken_from_what_is_to_be_assigned_next() -> None:
    first, second = fill(OVERSPENT, {}, PAYS_DEFICIT)
    assert (available(first), first.to_be_assigned_minor, first.returned_minor) == ({FOOD: -30, RENT: 0}, 400, 0)
    assert (available(second), second.to_be_assigned_minor, second.returned_minor) == ({FOOD: 80, RENT: 0}, 270, -30)


def test_each_item_by_its_own_policy() -> None:
    sweeps = Policy(surplus=False, deficit=True)
    _, second = fill([Facts(300, {FOOD: 100, FUN: 100}), Facts()], {FUN: sweeps})
    assert (available(second), second.to_be_assigned_minor, second.returned_minor) == ({FOOD: 100, FUN: 0}, 200, 100)


def test_money_that_a_later_period_lives_on_is_not_assigned_twice() -> None:
    first, second, third = fill([Facts(1000, {RENT: 300}), Facts(0, {RENT: 500}), Facts(400, {})], {})
    assert [first.to_be_assigned_minor, second.to_be_assigned_minor, third.to_be_assigned_minor] == [700, 200, 600]
    assert [first.assignable_minor, second.assignable_minor, third.assignable_minor] == [200, 200, 600]


def test_a_move_goes_from_one_item_to_the_other() -> None:
    (only,) = fill([Facts(100, {FOOD: 60, FUN: 40}, [Move(FUN, FOOD, 15), Move(FOOD, RENT, 5)])], {})
    assert available(only) == {FOOD: 70, RENT: 5, FUN: 25}


def test_items_are_in_the_order_of_their_ids() -> None:
    ids = [UUID(int=number) for number in (32, 1, 8, 16)]
    (only,) = fill([Facts(0, dict.fromkeys(ids, 5))], {})
    assert list(only.items) == sorted(ids)


@pytest.mark.parametrize(
    ("move", "field"),
    [
        (Move(FOOD, FOOD, 5), "to_item_id"),
        (Move(FOOD, FUN, 0), "amount.minor"),
        (Move(FOOD, FUN, -5), "amount.minor"),
    ],
)
def test_moves_that_move_nothing_are_refused(move: Move, field: str) -> None:
    require_move(Move(FOOD, FUN, 1))
    assert refusal_of(lambda: require_move(move)).violations[0].field == field


@pytest.mark.parametrize(
    "history",
    [
        [Facts(INT64_MAX), Facts(1)],
        [Facts(0, {FOOD: INT64_MAX, FUN: 1})],
        [Facts(0, {FOOD: INT64_MAX}, [Move(FUN, FOOD, 1)])],
    ],
)
def test_what_64_bits_do_not_hold_is_refused(history: list[Facts]) -> None:
    assert refusal_of(lambda: fill(history, {})).reason_name == "AMOUNT_OUT_OF_RANGE"
