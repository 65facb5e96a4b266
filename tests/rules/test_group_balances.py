"""Do balances come to zero, follow from what was stored, and tell the same to everybody?"""

from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.group_numbers import amounts, everyday_amounts, ids, member, named, nets_of, open_of, refusal_of
from tallystick.groups.allocation import allocate
from tallystick.groups.balances import Balance, Debt, Expense, Settlement, debts_of, fold
from tallystick.groups.refunds import negated
from tallystick.groups.rules import require_payment
from tallystick.groups.settling import Strategy, suggest

DAY = date(2026, 2, 3)
ANN, BOB, CY, DEE = (member(number) for number in range(1, 5))
PEOPLE = [member(number) for number in range(1, 8)]

people = st.sampled_from(PEOPLE)
some_weights = st.dictionaries(people, st.integers(1, 100), min_size=1, max_size=7)
days = st.dates(DAY, DAY + timedelta(days=5))
currencies = st.sampled_from(["EUR", "JPY"])


@st.composite
def expenses(draw: st.DrawFn, drawn_amounts: st.SearchStrategy[int] = everyday_amounts) -> Expense:
    amount, expense_id = draw(drawn_amounts), draw(ids)
    owed, paid = (allocate(amount, draw(some_weights), expense_id) for _ in range(2))
    return Expense(draw(days), draw(currencies), owed, paid)


settlements = st.builds(
    Settlement, days, currencies, st.sampled_from(PEOPLE[:3]), st.sampled_from(PEOPLE[3:]), st.integers(1, 100_000)
)
steps = st.lists(expenses() | settlements, max_size=12)


def shown(balances: dict[str, Balance]) -> dict[str, tuple[dict[UUID, int], tuple[Debt, ...]]]:
    """What people see of balances: what is open, and to whom. A currency in which nothing is open is not there."""
    return {
        currency: (open_of(balance.nets), balance.debts())
        for currency, balance in balances.items()
        if open_of(balance.nets) or balance.debts()
    }


@given(steps)
def test_b1_balances_come_to_zero_in_every_currency(drawn: list[Expense | Settlement]) -> None:
    for balance in fold(drawn).values():
        assert sum(balance.nets.values()) == 0


@given(st.lists(expenses(amounts.filter(bool)), max_size=4))
def test_b1_also_of_the_largest_amounts(drawn: list[Expense]) -> None:
    for balance in fold(drawn).values():
        assert sum(balance.nets.values()) == 0
        assert nets_of(balance.debts()) == open_of(balance.nets)


@given(steps)
def test_b18_what_each_sees_across_people_is_their_net(drawn: list[Expense | Settlement]) -> None:
    """Pairwise, or simplified by any strategy: the debts of a member always come to their net."""
    for balance in fold(drawn).values():
        assert nets_of(balance.debts()) == open_of(balance.nets)
        for strategy in Strategy:
            plan = suggest(balance.nets, strategy, debts=balance.debts(), via_id=ANN)
            assert nets_of(plan.payments) == open_of(balance.nets)


@given(steps, st.randoms())
def test_the_order_of_steps_changes_nothing(drawn: list[Expense | Settlement], random: Random) -> None:
    shuffled = list(drawn)
    random.shuffle(shuffled)
    assert shown(fold(shuffled)) == shown(fold(drawn))


@given(steps, expenses())
def test_b5_an_expense_and_its_refund_leave_no_trace(drawn: list[Expense | Settlement], expense: Expense) -> None:
    refund = Expense(expense.booked_on, expense.currency, negated(expense.owed), negated(expense.paid))
    assert shown(fold([*drawn, expense, refund])) == shown(fold(drawn))


@given(expenses())
def test_nets_of_one_expense_are_what_was_paid_less_what_is_owed(expense: Expense) -> None:
    (balance,) = fold([expense]).values()
    members = expense.owed.keys() | expense.paid.keys()
    assert balance.nets == {each: expense.paid.get(each, 0) - expense.owed.get(each, 0) for each in members}
    assert all(debt.amount_minor > 0 for debt in debts_of(expense))


@given(steps, days)
def test_a_day_shows_what_was_booked_until_then(drawn: list[Expense | Settlement], day: date) -> None:
    assert shown(fold(drawn, day)) == shown(fold([step for step in drawn if step.booked_on <= day]))


def test_b28_an_expense_whose_currency_was_changed_leaves_nothing_in_the_old_one() -> None:
    before: list[Expense | Settlement] = [
        Expense(DAY, "EUR", named(50, 50), named(100)),
        Settlement(DAY, "JPY", ANN, BOB, 7),
    ]
    edited = Expense(DAY, "JPY", named(50, 50), named(100))
    added = Expense(DAY, "EUR", named(1, 1), named(2))
    assert shown(fold([*before, edited]))["EUR"] == shown(fold(before))["EUR"]
    assert fold([*before, added])["EUR"].nets == named(51, -51)


def test_b16_a_settlement_touches_its_two_members_and_its_currency_alone() -> None:
    before = [
        Expense(DAY, "EUR", named(30, 30, 30), named(90)),
        Expense(DAY, "JPY", named(10, 10, 10), named(30)),
    ]
    after = fold([*before, Settlement(DAY, "EUR", BOB, ANN, 30)])
    assert after["EUR"].nets == named(30, 0, -30)
    assert after["EUR"].debts() == (Debt(CY, ANN, 30),)
    assert shown(after)["JPY"] == shown(fold(before))["JPY"]


def test_several_payers_are_owed_in_proportion_to_what_they_paid_too_much() -> None:
    expense = Expense(DAY, "EUR", named(2500, 2500, 2500, 2500), named(7000, 3000))
    assert debts_of(expense) == (Debt(CY, ANN, 2250), Debt(CY, BOB, 250), Debt(DEE, ANN, 2250), Debt(DEE, BOB, 250))


def test_paying_too_much_turns_the_debt_round() -> None:
    balance = fold([Expense(DAY, "EUR", named(50, 50), named(100)), Settlement(DAY, "EUR", BOB, ANN, 80)])["EUR"]
    assert balance.debts() == (Debt(ANN, BOB, 30),)
    assert balance.nets == named(-30, 30)


def test_b3_b13_balances_count_the_shares_that_were_stored() -> None:
    """Whatever today's rule and today's weights would make of them."""
    stored = Expense(DAY, "EUR", named(700, 200, 101), named(1001))
    assert fold([stored])["EUR"].nets == named(301, -200, -101)


@pytest.mark.parametrize(
    ("from_id", "to_id", "amount", "reason"),
    [
        (ANN, BOB, 0, "INVALID_FIELD"),
        (ANN, BOB, -5, "INVALID_FIELD"),
        (ANN, ANN, 5, "INVALID_FIELD"),
        (ANN, BOB, 2**63, "AMOUNT_OUT_OF_RANGE"),
    ],
)
def test_b7_b32_a_settlement_moves_something_from_one_to_another(
    from_id: UUID, to_id: UUID, amount: int, reason: str
) -> None:
    require_payment(ANN, BOB, 1)
    assert refusal_of(lambda: require_payment(from_id, to_id, amount)).reason_name == reason


def test_who_is_even_is_there_with_zero() -> None:
    assert fold([Expense(DAY, "EUR", named(10, 0), named(10))])["EUR"].nets == named(0, 0)


def test_b20_stored_shares_that_do_not_add_up_are_refused() -> None:
    broken = Expense(DAY, "EUR", named(50, 51), named(100))
    assert refusal_of(lambda: fold([broken])).reason_name == "SPLITS_UNBALANCED"


def test_three_hundred_equal_expenses_favour_nobody() -> None:
    """10.00 by three, three hundred times: always the first would pay 2.00 more than their part."""
    random = Random(3)
    steps = []
    for _ in range(300):
        owed = allocate(1000, named(1, 1, 1), UUID(int=random.getrandbits(128), version=4))
        steps.append(Expense(DAY, "EUR", owed, {ANN: 1000}))
    nets = fold(steps)["EUR"].nets
    assert max(abs(nets[each] + 100_000) for each in (BOB, CY)) < 40
