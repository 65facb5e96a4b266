"""What may be kept as a rule, and what does a rule fill in?"""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.errors import InvalidInput
from tallystick.ledger.filling import rules
from tallystick.ledger.filling.rules_matching import (
    TAGS_MAX,
    ActiveRule,
    Condition,
    apply_rules,
    matches,
    subject_of,
    subject_of_draft,
)
from tallystick.v1.ledger_pb2 import CategoryKind, Entry, Split, Transaction, TransactionDraft, TransactionKind
from tallystick.v1.ledger_rules_pb2 import Rule, RuleCondition, RuleOutcome
from tallystick.v1.money_pb2 import Money

EXPENSE = TransactionKind.TRANSACTION_KIND_EXPENSE
INCOME = TransactionKind.TRANSACTION_KIND_INCOME
REFUND = TransactionKind.TRANSACTION_KIND_REFUND
TRANSFER = TransactionKind.TRANSACTION_KIND_TRANSFER
SPENDING = CategoryKind.CATEGORY_KIND_EXPENSE
EARNING = CategoryKind.CATEGORY_KIND_INCOME


def numbered(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012x}"


CASH, BANK, FOOD, BAKERY, CARD = (numbered(number) for number in range(1, 6))
TAGS = [numbered(number) for number in range(100, 140)]


def euros(minor: int) -> Money:
    return Money(currency="EUR", minor=minor)


def draft(**other: Any) -> TransactionDraft:
    fields: dict[str, Any] = {"kind": EXPENSE, "account_id": CASH, "amount": euros(250), "payee": "Bakery"}
    return TransactionDraft(**fields | other)


def active(condition: Condition | None = None, kind: CategoryKind.ValueType = SPENDING, **then: Any) -> ActiveRule:
    outcome = RuleOutcome(**then or {"category_id": FOOD})
    return ActiveRule(condition or Condition(payee_contains="baker"), outcome, kind)


def filled(rule: ActiveRule, **other: Any) -> TransactionDraft:
    written = draft(**other)
    apply_rules([rule], written)
    return written


@pytest.mark.parametrize(
    ("when", "field"),
    [
        ({}, "when"),
        ({"payee_contains": " \t", "text_contains": "\u3000"}, "when"),
        ({"min_amount": Money(currency="ZZZ", minor=1)}, "when.min_amount.currency"),
        ({"max_amount": euros(-1)}, "when.max_amount.minor"),
        ({"min_amount": euros(-1), "max_amount": euros(5)}, "when.min_amount.minor"),
        ({"min_amount": euros(2), "max_amount": euros(1)}, "when.max_amount.minor"),
        ({"min_amount": euros(1), "max_amount": Money(currency="USD", minor=2)}, "when.max_amount.currency"),
    ],
    ids=str,
)
def test_a_condition_that_no_rule_may_have_names_what_is_wrong(when: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.require_condition(RuleCondition(**when))
    assert [violation.field for violation in refused.value.violations] == [field]


@pytest.mark.parametrize(
    "when",
    [
        {"payee_contains": "a"},
        {"text_contains": "a"},
        {"payee_id": BAKERY},
        {"account_id": CASH},
        {"min_amount": euros(0)},
        {"max_amount": euros(0)},
        {"min_amount": euros(7), "max_amount": euros(7)},
        {"kinds": [TRANSFER]},
    ],
    ids=str,
)
def test_a_condition_of_one_thing_is_enough(when: dict[str, Any]) -> None:
    rules.require_condition(RuleCondition(**when))


@pytest.mark.parametrize(
    "then", [{"category_id": FOOD}, {"payee_id": BAKERY}, {"payment_method_id": CARD}, {"tag_ids": TAGS[:1]}], ids=str
)
def test_an_outcome_of_one_thing_is_enough_and_of_nothing_is_not(then: dict[str, Any]) -> None:
    rules.require_outcome(RuleOutcome(**then))
    with pytest.raises(InvalidInput):
        rules.require_outcome(RuleOutcome())


@pytest.mark.parametrize(
    ("kind", "fits"), [(EXPENSE, True), (INCOME, True), (REFUND, True), (TRANSFER, False), (5, False)]
)
def test_a_rule_that_says_no_kinds_looks_at_spending_earning_and_refunds(kind: int, fits: bool) -> None:
    condition = rules.condition_of(RuleCondition(payee_contains="baker"))
    assert matches(condition, subject_of_draft(draft(kind=kind))) == fits


def test_the_condition_is_the_rule_s() -> None:
    when = RuleCondition(
        payee_contains="Baker",
        text_contains="rye",
        payee_id=BAKERY.upper(),
        account_id=CASH.upper(),
        max_amount=euros(900),
        kinds=[TRANSFER, TRANSFER],
    )
    assert rules.condition_of(when) == Condition("Baker", "rye", BAKERY, CASH, None, 900, "EUR", frozenset({TRANSFER}))
    assert rules.condition_of(RuleCondition(min_amount=euros(0))).min_minor == 0


def test_the_one_form_of_a_rule_names_each_once_in_small_letters() -> None:
    rule = Rule(
        when=RuleCondition(payee_id=BAKERY.upper(), account_id=CASH.upper()),
        then=RuleOutcome(
            category_id=FOOD.upper(),
            payment_method_id=CARD.upper(),
            tag_ids=["AAAAAAAA" + TAGS[0][8:], "aaaaaaaa" + TAGS[0][8:], TAGS[1]],
        ),
    )
    rules.make_canonical(rule)
    assert list(rule.then.tag_ids) == ["aaaaaaaa" + TAGS[0][8:], TAGS[1]]
    assert (rule.when.payee_id, rule.when.account_id, rule.then.category_id) == (BAKERY, CASH, FOOD)
    tables = sorted(table for table, _ in rules.names_of(rule))
    assert tables == ["account", "category", "payee", "payment_method", "tag", "tag"]


def test_a_rule_fills_in_what_is_empty() -> None:
    rule = active(category_id=FOOD, payee_id=BAKERY, payment_method_id=CARD, tag_ids=TAGS[:2])
    after = filled(rule, tag_ids=[TAGS[1]])
    assert (after.category_id, after.payee_id, after.payment_method_id) == (FOOD, BAKERY, CARD)
    assert list(after.tag_ids) == [TAGS[1], TAGS[0]]


def test_a_rule_leaves_what_is_said() -> None:
    said = {"category_id": numbered(61), "payee_id": numbered(62), "payment_method_id": numbered(63)}
    after = filled(active(category_id=FOOD, payee_id=BAKERY, payment_method_id=CARD), **said)
    assert after == draft(**said)


def test_a_rule_leaves_the_categories_of_splits() -> None:
    splits = [Split(amount=euros(100)), Split(amount=euros(150), category_id=numbered(61))]
    assert filled(active(category_id=FOOD), splits=splits) == draft(splits=splits)


@pytest.mark.parametrize(
    ("kind", "category_kind", "fits"),
    [
        (EXPENSE, SPENDING, True),
        (REFUND, SPENDING, True),
        (INCOME, EARNING, True),
        (EXPENSE, EARNING, False),
        (REFUND, EARNING, False),
        (INCOME, SPENDING, False),
        (TRANSFER, SPENDING, False),
        (TRANSFER, EARNING, False),
    ],
)
def test_a_rule_fills_in_a_category_of_the_right_kind_only(
    kind: TransactionKind.ValueType, category_kind: CategoryKind.ValueType, fits: bool
) -> None:
    after = filled(active(None, category_kind, category_id=FOOD, payee_id=BAKERY), kind=kind)
    assert (after.category_id, after.payee_id) == (FOOD if fits else "", BAKERY)


def test_the_first_rule_that_fits_decides_alone() -> None:
    written = draft()
    others = active(Condition(payee_contains="butcher"), payee_id=numbered(9))
    apply_rules([others, active(category_id=FOOD), active(payee_id=BAKERY)], written)
    assert (written.category_id, written.payee_id) == (FOOD, "")


def test_a_rule_that_fits_nothing_fills_in_nothing() -> None:
    assert filled(active(Condition(payee_contains="butcher"))) == draft()
    written = draft()
    apply_rules([], written)
    assert written == draft()


@given(
    has=st.lists(st.sampled_from(TAGS), max_size=TAGS_MAX, unique=True),
    adds=st.lists(st.sampled_from(TAGS), max_size=20, unique=True),
)
@example(has=TAGS[:15], adds=TAGS[10:30])
@example(has=TAGS[:20], adds=TAGS[19:39])
def test_tags_are_added_up_to_what_a_transaction_may_have(has: list[str], adds: list[str]) -> None:
    after = list(filled(active(tag_ids=adds), tag_ids=[tag.upper() for tag in has]).tag_ids)
    assert after[: len(has)] == [tag.upper() for tag in has]
    small = [tag.lower() for tag in after]
    assert len(set(small)) == len(small) <= TAGS_MAX
    assert set(small) <= {*has, *adds}
    assert len(small) == min(TAGS_MAX, len({*has, *adds}))


@pytest.mark.parametrize(
    ("written", "accounts"),
    [
        ({}, [CASH]),
        ({"kind": TRANSFER, "to_account_id": BANK.upper()}, [CASH, BANK]),
        ({"splits": [Split(amount=euros(1)), Split(account_id=BANK)]}, [CASH, BANK]),
        ({"splits": [Split(account_id=BANK)]}, [BANK]),
    ],
    ids=str,
)
def test_a_rule_looks_at_every_account_that_is_moved(written: dict[str, Any], accounts: list[str]) -> None:
    assert subject_of_draft(draft(**written)).account_ids == set(accounts)


def test_a_rule_sees_the_same_in_a_draft_and_in_what_was_recorded_of_it() -> None:
    written = draft(
        note="rye", payee_id=BAKERY, splits=[Split(amount=euros(100)), Split(amount=euros(150), account_id=BANK)]
    )
    recorded = Transaction(
        kind=EXPENSE,
        payee="Bakery",
        note="rye",
        payee_id=BAKERY,
        entries=[Entry(account_id=CASH, amount=euros(-100)), Entry(account_id=BANK, amount=euros(-150))],
    )
    assert subject_of(recorded) == subject_of_draft(written)
