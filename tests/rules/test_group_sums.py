"""Do sums that are moved step by step stay what a fold over everything says, whatever comes and goes?"""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.groups import balances
from tallystick.groups.allocation import allocate
from tallystick.groups.sums.effects import Step, change_for, moves_of

MEMBERS = [UUID(int=number) for number in range(1, 7)]
CURRENCIES = ("EUR", "JPY", "KWD")
AMOUNTS = st.integers(1, 10**9)
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))


@st.composite
def expenses(draw: st.DrawFn) -> balances.Expense:
    """Shared and paid by whomever, in whatever proportion; below zero for what came back."""
    amount = draw(AMOUNTS) * draw(st.sampled_from([1, 1, 1, -1]))

    def part() -> dict[UUID, int]:
        named = draw(st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=6, unique=True))
        weights = {each: draw(st.integers(1, 9)) for each in named}
        return allocate(amount, weights, draw(st.uuids()))

    return balances.Expense(draw(DAYS), draw(st.sampled_from(CURRENCIES)), part(), part())


@st.composite
def settlements(draw: st.DrawFn) -> balances.Settlement:
    giver, payee = draw(st.lists(st.sampled_from(MEMBERS), min_size=2, max_size=2, unique=True))
    return balances.Settlement(draw(DAYS), draw(st.sampled_from(CURRENCIES)), giver, payee, draw(AMOUNTS))


STEPS = st.one_of(expenses(), settlements())
# What is there, by a number; a change makes, replaces or takes away.
CHANGES = st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), STEPS)), max_size=25)


@given(CHANGES)
def test_b16_what_is_moved_is_what_is_folded(changes: list[tuple[int, Step | None]]) -> None:
    there: dict[int, Step | None] = {}
    nets: dict[tuple[UUID, str], int] = {}
    debts: dict[tuple[UUID, UUID, str], int] = {}
    for number, after in changes:
        moved_nets, moved_debts = moves_of(there.get(number), after)
        for net, moved in moved_nets.items():
            nets[net] = nets.get(net, 0) + moved
        for debt, moved in moved_debts.items():
            debts[debt] = debts.get(debt, 0) + moved
        there[number] = after
    folded = balances.fold(step for step in there.values() if step)
    wanted_nets = {(each, code): net for code, one in folded.items() for each, net in one.nets.items() if net}
    wanted_debts = {(*pair, code): owes for code, one in folded.items() for pair, owes in one.pairs.items() if owes}
    assert {key: net for key, net in nets.items() if net} == wanted_nets
    assert {key: owes for key, owes in debts.items() if owes} == wanted_debts


@given(CHANGES)
def test_nets_come_to_zero_and_everybodys_debts_to_their_net(changes: list[tuple[int, Step | None]]) -> None:
    for _, after in changes:
        nets, debts = moves_of(None, after)
        assert sum(nets.values()) == 0
        left = dict(nets)
        for (one, other, currency), owes in debts.items():
            left[one, currency] = left.get((one, currency), 0) + owes
            left[other, currency] = left.get((other, currency), 0) - owes
        assert not any(left.values())


@given(STEPS, st.sampled_from(MEMBERS))
def test_what_a_statement_says_of_a_member_is_how_far_their_net_moves(step: Step, member_id: UUID) -> None:
    nets, _ = moves_of(None, step)
    assert change_for(step, member_id) == nets.get((member_id, step.currency), 0)
