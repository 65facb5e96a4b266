"""Does a rule fit what it says, and only that?"""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.ledger.filling.rules_matching import Condition, Subject, first_match, matches
from tallystick.ledger.folding import folded

EXPENSE, INCOME = 1, 2
COFFEE = Subject(
    payee="Café Zürich",
    note="with Anna",
    payee_id="payee-1",
    account_ids=frozenset({"account-1"}),
    amount_minor=450,
    currency="CHF",
    kind=EXPENSE,
)

# Few values, so that conditions and subjects meet often.
words = st.sampled_from(["", "a", "B", "ab", " b ", "É", "straße"])
ids = st.sampled_from(["", "1", "2"])
currencies = st.sampled_from(["EUR", "JPY"])
amounts = st.integers(min_value=0, max_value=4)
kinds = st.sampled_from([EXPENSE, INCOME])

subjects = st.builds(
    Subject,
    payee=words,
    note=words,
    payee_id=ids,
    account_ids=st.frozensets(ids),
    amount_minor=amounts,
    currency=currencies,
    kind=kinds,
)
conditions = st.builds(
    Condition,
    payee_contains=words,
    text_contains=words,
    payee_id=ids,
    account_id=ids,
    min_minor=st.none() | amounts,
    max_minor=st.none() | amounts,
    currency=st.just("") | currencies,
    kinds=st.frozensets(kinds),
)
# What can be left out of a condition by itself. A bound says something only together with its currency.
PARTS: tuple[dict[str, Any], ...] = (
    {"payee_contains": ""},
    {"text_contains": ""},
    {"payee_id": ""},
    {"account_id": ""},
    {"min_minor": None},
    {"max_minor": None},
    {"currency": "", "min_minor": None, "max_minor": None},
    {"kinds": frozenset()},
)


@given(condition=conditions, subject=subjects)
def test_adding_a_condition_never_makes_a_match(condition: Condition, subject: Subject) -> None:
    """Said from the other side: what fits goes on fitting when less is asked."""
    if not matches(condition, subject):
        return
    for part in PARTS:
        assert matches(replace(condition, **part), subject)


@given(condition=conditions, subject=subjects)
def test_all_that_is_given_must_hold(condition: Condition, subject: Subject) -> None:
    bounds = Condition(currency=condition.currency, min_minor=condition.min_minor, max_minor=condition.max_minor)
    alone = [
        Condition(payee_contains=condition.payee_contains),
        Condition(text_contains=condition.text_contains),
        Condition(payee_id=condition.payee_id),
        Condition(account_id=condition.account_id),
        Condition(kinds=condition.kinds),
        bounds,
    ]
    assert matches(condition, subject) == all(matches(one, subject) for one in alone)


@given(subject=subjects)
def test_a_condition_that_asks_for_nothing_holds(subject: Subject) -> None:
    assert matches(Condition(), subject)
    assert matches(Condition(payee_contains=" ", text_contains="\u3000"), subject)


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        (Condition(payee_contains="café"), True),
        (Condition(payee_contains="CAFE\u0301  zu\u0308r"), True),
        (Condition(payee_contains="cafe"), False),  # another letter
        (Condition(payee_contains="anna"), False),  # stands in the note
        (Condition(text_contains="anna"), True),
        (Condition(text_contains="ZÜRICH"), True),
        (Condition(text_contains="zürich with"), False),  # begins in one text and ends in the other
        (Condition(payee_id="payee-1"), True),
        (Condition(payee_id="payee-2"), False),
        (Condition(payee_id="payee"), False),
        (Condition(account_id="account-1"), True),
        (Condition(account_id="account-2"), False),
        (Condition(currency="CHF"), True),
        (Condition(currency="EUR"), False),
        (Condition(kinds=frozenset({EXPENSE})), True),
        (Condition(kinds=frozenset({INCOME})), False),
        (Condition(kinds=frozenset({EXPENSE, INCOME})), True),
        (Condition(currency="CHF", min_minor=450), True),
        (Condition(currency="CHF", min_minor=451), False),
        (Condition(currency="CHF", max_minor=450), True),
        (Condition(currency="CHF", max_minor=449), False),
        (Condition(currency="CHF", min_minor=0, max_minor=0), False),  # 0 is a bound, not an absence
        (Condition(currency="CHF", min_minor=500, max_minor=400), False),
    ],
)
def test_matches_one_thing_at_a_time(condition: Condition, fits: bool) -> None:
    assert matches(condition, COFFEE) == fits


def test_who_has_no_payee_fits_no_rule_for_one() -> None:
    assert not matches(Condition(payee_id="payee-1"), replace(COFFEE, payee_id=""))


@given(subject=subjects, low=st.none() | amounts, high=st.none() | amounts, currency=st.just("") | currencies)
def test_t31_bounds_are_compared_in_their_own_currency_only(
    subject: Subject, low: int | None, high: int | None, currency: str
) -> None:
    if low is None and high is None:
        return
    condition = Condition(min_minor=low, max_minor=high, currency=currency)
    if currency == subject.currency:
        least = 0 if low is None else low
        most = subject.amount_minor if high is None else high
        assert matches(condition, subject) == (least <= subject.amount_minor <= most)
    else:
        assert not matches(condition, subject)


@given(rules=st.lists(conditions, max_size=6), subject=subjects)
def test_first_match_is_the_first_in_order(rules: list[Condition], subject: Subject) -> None:
    fitting = [place for place, condition in enumerate(rules) if matches(condition, subject)]
    assert first_match(list(enumerate(rules)), subject) == (fitting[0] if fitting else None)


def test_first_match_lets_order_decide() -> None:
    coffee, everything = Condition(payee_contains="café"), Condition()
    assert first_match([("coffee", coffee), ("everything", everything)], COFFEE) == "coffee"
    assert first_match([("everything", everything), ("coffee", coffee)], COFFEE) == "everything"
    assert first_match([("income", Condition(kinds=frozenset({INCOME})))], COFFEE) is None


@given(text=st.text())
@example("\u0390")
@example("\u00a8a")
@example("\u1fb4\u0345")
def test_folded_is_idempotent(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(text=st.text())
def test_folded_does_not_see_how_accents_are_composed(text: str) -> None:
    forms = {folded(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {folded(text)}


@given(
    words=st.lists(st.text(), max_size=5), space=st.sampled_from([" ", "  ", "\t", "\n", "\u00a0", "\u3000", " \r\n"])
)
def test_folded_does_not_see_how_words_are_spaced(words: list[str], space: str) -> None:
    assert folded(space + space.join(words) + space) == folded(" ".join(words))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("STRASSE", "straße"),
        ("STRAẞE", "straße"),
        ("ＲＥＷＥ　１２", "rewe 12"),
        ("Caf\u00e9", "CAFE\u0301"),
        ("\u0390", "\u0390".upper()),
        ("ΰ", "ΰ".upper()),
        ("ΟΔΟΣ", "οδος"),
        ("ΟΔΟΣ", "οδοσ"),
        ("ﬁsh", "FISH"),
        ("Cola™", "colatm"),  # capitals that only show when the sign is taken apart
        ("ﾊﾟﾝ", "パン"),
        ("  a \n b\t", "A B"),
    ],
)
def test_folded_makes_one_of_what_readers_take_for_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("café", "cafe"), ("a b", "ab"), ("schon", "schön"), ("1", "l")])
def test_folded_keeps_apart_what_differs(one: str, other: str) -> None:
    assert folded(one) != folded(other)
