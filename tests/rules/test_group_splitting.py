"""Does everybody bear what was said, however it was said, and is what does not add up refused with the numbers?"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.group_numbers import INT64_MAX, everyday_amounts, ids, member, members, named, refusal_of, weights
from tallystick.groups.allocation import RULE_VERSION, allocate
from tallystick.groups.specs import Adjusted, Equal, Exact, Itemised, Line, Percent, Spec, Weighted
from tallystick.groups.splitting import Draft, Outcome, split

EXPENSE = UUID("01900000-0000-7000-8000-000000000001")
ANN, BOB, CY = member(1), member(2), member(3)


def draft(amount: int, spec: Spec, payers: Mapping[UUID, int] | None = None, converted: int | None = None) -> Draft:
    return Draft(EXPENSE, amount, payers or {ANN: amount}, spec, converted)


def owed(amount: int, spec: Spec) -> dict[UUID, int]:
    return split(draft(amount, spec)).original.owed


def parts_of(amount: int, drawn: Mapping[UUID, int]) -> dict[UUID, int]:
    return allocate(amount, drawn, EXPENSE)


@st.composite
def specs(draw: st.DrawFn, amount: int) -> Spec:
    """Some way to share the amount that accounts for all of it."""
    drawn = draw(weights())
    match draw(st.integers(0, 5)):
        case 0:
            return Equal(frozenset(drawn))
        case 1:
            return Exact(parts_of(amount, drawn))
        case 2:
            return Weighted(drawn)
        case 3:
            return Percent(parts_of(10_000, drawn))
        case 4:
            extras = parts_of(draw(st.integers(0, abs(amount))), drawn)
            return Adjusted({each: extra if amount > 0 else -extra for each, extra in extras.items()})
        case _:
            tax, tip = (draw(st.integers(0, abs(amount) // 4)) for _ in range(2))
            discount = draw(st.integers(0, abs(amount)))
            sign = 1 if amount > 0 else -1
            on_lines = parts_of(amount - sign * (tax + tip - discount), drawn).values()
            lines = [Line(part, draw(weights(100))) for part in on_lines]
            return Itemised(tuple(lines), tax_minor=sign * tax, tip_minor=sign * tip, discount_minor=sign * discount)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    amount = draw(everyday_amounts)
    payers = parts_of(amount, draw(weights()))
    converted = draw(st.none() | st.integers(0, 10**9))
    if converted is not None and amount < 0:
        converted = -converted
    return Draft(draw(ids), amount, payers, draw(specs(amount)), converted)


def opposite(spec: Spec) -> Spec:
    match spec:
        case Exact(given_amounts):
            return Exact({each: -part for each, part in given_amounts.items()})
        case Adjusted(extras):
            return Adjusted({each: -extra for each, extra in extras.items()})
        case Itemised(lines):
            return Itemised(
                tuple(Line(-line.amount_minor, line.weights) for line in lines),
                tax_minor=-spec.tax_minor,
                tip_minor=-spec.tip_minor,
                discount_minor=-spec.discount_minor,
            )
        case _:
            return spec


def backwards(spec: Spec) -> Spec:
    """The same, with members and lines in the other order."""

    def turned(given_parts: Mapping[UUID, int]) -> dict[UUID, int]:
        return dict(reversed(list(given_parts.items())))

    match spec:
        case Equal(member_ids):
            return Equal(frozenset(reversed(list(member_ids))))
        case Exact(parts):
            return Exact(turned(parts))
        case Weighted(parts):
            return Weighted(turned(parts))
        case Percent(parts):
            return Percent(turned(parts))
        case Adjusted(parts):
            return Adjusted(turned(parts))
        case Itemised(lines):
            return replace(spec, lines=tuple(Line(each.amount_minor, turned(each.weights)) for each in reversed(lines)))


def both(outcome: Outcome) -> list[dict[UUID, int]]:
    sides = [outcome.original, *([outcome.converted] if outcome.converted else [])]
    return [shares for side in sides for shares in (side.owed, side.paid)]


@given(drafts())
def test_b1_b27_what_is_owed_and_paid_adds_up_in_both_currencies(drawn: Draft) -> None:
    outcome = split(drawn)
    for side, amount in ((outcome.original, drawn.amount_minor), (outcome.converted, drawn.converted_minor)):
        if side is not None:
            assert sum(side.owed.values()) == sum(side.paid.values()) == side.amount_minor == amount
            assert side.rule_version == RULE_VERSION
    assert outcome.counted == (outcome.converted or outcome.original)


@given(drafts())
def test_b5_the_opposite_expense_has_the_opposite_shares(drawn: Draft) -> None:
    amount, converted = -drawn.amount_minor, None if drawn.converted_minor is None else -drawn.converted_minor
    payers = {each: -part for each, part in drawn.payers.items()}
    turned = split(Draft(drawn.expense_id, amount, payers, opposite(drawn.spec), converted))
    assert both(turned) == [{each: -part for each, part in shares.items()} for shares in both(split(drawn))]


@given(drafts())
def test_b2_b4_shares_depend_on_amount_split_and_id_alone(drawn: Draft) -> None:
    """Whatever else of an expense is edited, its shares are made of the same things, in whatever order these come."""
    again = replace(drawn, spec=backwards(drawn.spec), payers=dict(reversed(list(drawn.payers.items()))))
    assert split(again) == split(drawn)
    assert [list(shares) for shares in both(split(again))] == [sorted(shares) for shares in both(split(drawn))]


@given(drafts())
def test_b6_what_a_preview_shows_is_accepted_as_exact_amounts(drawn: Draft) -> None:
    shown = split(drawn).original
    exact = replace(drawn, spec=Exact(shown.owed), payers=shown.paid, converted_minor=None)
    assert split(exact).original.owed == shown.owed
    assert split(exact).original.paid == drawn.payers == shown.paid


@given(drafts())
def test_nobody_bears_or_pays_against_the_sign_of_the_expense(drawn: Draft) -> None:
    assert all(part * drawn.amount_minor >= 0 for shares in both(split(drawn)) for part in shares.values())


@given(everyday_amounts, members)
def test_equal_shares_differ_by_one_unit_at_most(amount: int, sharers: list[UUID]) -> None:
    shares = owed(amount, Equal(frozenset(sharers)))
    assert max(shares.values()) - min(shares.values()) <= 1
    assert shares.keys() == set(sharers)


@given(everyday_amounts.map(abs), st.dictionaries(ids, st.integers(0, 5_000), min_size=1, max_size=8))
def test_extras_are_borne_on_top_of_an_equal_share(rest: int, extras: dict[UUID, int]) -> None:
    shares = owed(rest + sum(extras.values()), Adjusted(extras))
    assert {each: shares[each] - extras[each] for each in extras} == owed(rest, Equal(frozenset(extras)))


def test_adjusted_takes_less_from_whom_an_extra_is_below_zero() -> None:
    assert owed(9000, Adjusted(named(0, -1500, 600))) == named(3300, 1800, 3900)


def test_itemised_shares_lines_then_the_rest_by_subtotals() -> None:
    # Ann has the steak and a third of the wine, Bob two thirds of it; 10 % tax and 20 % tip on 60.00, 6.00 off.
    bill = Itemised(
        (Line(3000, {ANN: 1}), Line(3000, {ANN: 1, BOB: 2})), tax_minor=600, tip_minor=1200, discount_minor=600
    )
    assert owed(7200, bill) == {ANN: 4800, BOB: 2400}


def test_a_long_receipt_is_rounded_once() -> None:
    # Ninety things at 0.10, each shared by three: a cent of each would be somebody's bad luck ninety times.
    lines = tuple(Line(10, named(1, 1, 1)) for _ in range(90))
    assert owed(900, Itemised(lines)) == named(300, 300, 300)


@given(st.lists(st.tuples(st.integers(1, 9_999), weights(9)), min_size=1, max_size=20), st.integers(0, 5_000))
def test_itemised_is_exact_to_a_unit(drawn: list[tuple[int, dict[UUID, int]]], tip: int) -> None:
    lines = tuple(Line(amount, sharers) for amount, sharers in drawn)
    before = sum(line.amount_minor for line in lines)
    shares = owed(before + tip, Itemised(lines, tip_minor=tip))
    for each, share in shares.items():
        own = sum(
            (Fraction(line.amount_minor * line.weights.get(each, 0), sum(line.weights.values())) for line in lines),
            Fraction(0),
        )
        assert abs(own * (before + tip) / before - share) < 1


def test_a_deposit_given_back_is_a_line_below_zero() -> None:
    assert owed(900, Itemised((Line(1000, {ANN: 1, BOB: 1}), Line(-100, {BOB: 1})))) == {ANN: 500, BOB: 400}


def test_b27_a_foreign_amount_is_divided_by_the_weights_and_not_by_rounded_shares() -> None:
    # 10 yen by three are 4, 3, 3; what they cost, 6.00, is 2.00 each all the same.
    outcome = split(draft(10, Equal(frozenset({ANN, BOB, CY})), converted=600))
    assert sorted(outcome.original.owed.values()) == [3, 3, 4]
    assert outcome.converted is not None
    assert outcome.converted.owed == named(200, 200, 200)
    exact = split(draft(9500, Exact(named(3167, 3167, 3166)), converted=10321)).converted
    assert exact is not None
    assert exact.owed == named(3441, 3441, 3439)


def test_several_payers_pay_what_they_say() -> None:
    outcome = split(draft(9000, Equal(frozenset({ANN, BOB, CY})), payers={BOB: 3000, ANN: 6000}, converted=1001))
    assert list(outcome.original.paid.items()) == [(ANN, 6000), (BOB, 3000)]
    assert outcome.converted is not None
    assert outcome.converted.paid == {ANN: 667, BOB: 334}


@pytest.mark.parametrize(
    ("wrong", "numbers"),
    [
        (draft(9500, Exact(named(3167, 3167, 3167))), (9500, 9501, -1)),
        (draft(9500, Exact({})), (9500, 0, 9500)),
        (draft(1000, Percent(named(3333, 3333, 3333))), (10_000, 9999, 1)),
        (draft(1000, Adjusted(named(700, 400))), (1000, 1100, -100)),
        (draft(1000, Itemised((Line(900, {ANN: 1}),), tax_minor=90, discount_minor=10)), (1000, 980, 20)),
        (draft(1000, Equal(frozenset({ANN})), payers={ANN: 600, BOB: 300}), (1000, 900, 100)),
        (draft(1000, Equal(frozenset({ANN})), payers={ANN: -1000}), (1000, -1000, 2000)),
    ],
)
def test_b6_b20_what_does_not_add_up_is_refused_with_the_numbers(wrong: Draft, numbers: tuple[int, int, int]) -> None:
    refused = refusal_of(lambda: split(wrong))
    assert refused.reason_name == "SPLITS_UNBALANCED"
    assert refused.metadata == dict(zip(("expected", "actual", "difference"), map(str, numbers), strict=True))


@given(everyday_amounts, weights(), st.integers(-1000, 1000).filter(bool))
def test_b20_shares_of_a_client_are_never_taken_unless_they_add_up(
    amount: int, drawn: dict[UUID, int], off: int
) -> None:
    shares = parts_of(amount, drawn)
    shares[min(shares)] += off
    refused = refusal_of(lambda: owed(amount, Exact(shares)))
    assert refused.metadata["difference"] == str(-off)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (draft(0, Equal(frozenset({ANN}))), "INVALID_FIELD"),
        (draft(2**63, Equal(frozenset({ANN}))), "AMOUNT_OUT_OF_RANGE"),
        (draft(-(2**63), Equal(frozenset({ANN}))), "AMOUNT_OUT_OF_RANGE"),
        (draft(100, Equal(frozenset())), "INVALID_FIELD"),
        (draft(100, Weighted(named(0, 0))), "INVALID_FIELD"),
        (draft(100, Weighted(named(3, -1))), "INVALID_FIELD"),
        (draft(100, Percent(named(11_000, -1_000))), "INVALID_FIELD"),
        (draft(100, Exact(named(150, -50))), "INVALID_FIELD"),
        (draft(100, Adjusted({})), "INVALID_FIELD"),
        (draft(100, Adjusted(named(0, -150))), "INVALID_FIELD"),
        (draft(100, Itemised(())), "SPLITS_UNBALANCED"),
        (draft(100, Itemised((), tip_minor=100)), "INVALID_FIELD"),
        (draft(100, Itemised((Line(-10, {ANN: 1}),), tip_minor=110)), "INVALID_FIELD"),
        (draft(100, Itemised((Line(50, {ANN: 1}), Line(-50, {ANN: 1})), tip_minor=100)), "INVALID_FIELD"),
        (draft(100, Itemised((Line(50, {ANN: 1}), Line(-50, {BOB: 1})), tip_minor=100)), "INVALID_FIELD"),
        (draft(100, Itemised((Line(100, {}),))), "INVALID_FIELD"),
        (draft(100, Itemised((Line(150, {ANN: 1}), Line(-50, {BOB: 1})))), "INVALID_FIELD"),
        (draft(100, Itemised((Line(2**63, {ANN: 1}), Line(100 - 2**63, {ANN: 1})))), "AMOUNT_OUT_OF_RANGE"),
        (draft(100, Equal(frozenset({ANN})), payers={ANN: 150, BOB: -50}), "INVALID_FIELD"),
        (draft(100, Equal(frozenset({ANN})), converted=-1), "INVALID_FIELD"),
        (draft(100, Equal(frozenset({ANN})), converted=2**63), "AMOUNT_OUT_OF_RANGE"),
    ],
)
def test_what_cannot_be_shared_is_refused(wrong: Draft, reason: str) -> None:
    assert refusal_of(lambda: split(wrong)).reason_name == reason


def test_an_expense_of_nothing_is_refused_for_its_amount() -> None:
    refused = refusal_of(lambda: split(draft(0, Equal(frozenset({ANN})))))
    assert [violation.field for violation in refused.violations] == ["amount.minor"]


def test_the_largest_amounts_are_divided_exactly() -> None:
    """Shares are whole minor units of whatever currency: nothing here knows how many decimals it has."""
    sharers = frozenset({ANN, BOB, CY})
    outcome = split(draft(INT64_MAX, Equal(sharers), converted=INT64_MAX)).counted
    assert sum(outcome.owed.values()) == INT64_MAX
    assert sum(owed(10**15 + 1, Equal(sharers)).values()) == 10**15 + 1
