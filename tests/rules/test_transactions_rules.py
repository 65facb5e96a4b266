"""Do drafts become the right entries, and changes the right drafts, whatever the numbers?"""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput, RuleBroken
from tallystick.ledger.folding import folded
from tallystick.ledger.gist import amount_of, comparable, compose_gist, has_words, magnitude_of
from tallystick.ledger.rules import AMOUNT_MAX
from tallystick.ledger.transactions import rules
from tallystick.ledger.transactions import rules_changes as changes
from tallystick.ledger.transactions.rules import EXPENSE, INCOME, REFUND, TRANSFER, Named
from tallystick.v1.ledger_pb2 import (
    Account,
    Category,
    CategoryKind,
    Split,
    Transaction,
    TransactionDraft,
    TransactionKind,
    TransactionStatus,
)
from tallystick.v1.ledger_transactions_pb2 import SplitChange, TransactionUpdate
from tallystick.v1.money_pb2 import Money

SPENDING = Category(id=str(uuid4()), kind=CategoryKind.CATEGORY_KIND_EXPENSE)
EARNING = Category(id=str(uuid4()), kind=CategoryKind.CATEGORY_KIND_INCOME)
ARCHIVED = Category(id=str(uuid4()), kind=CategoryKind.CATEGORY_KIND_EXPENSE, archived=True)
UNSTATED = TransactionStatus.TRANSACTION_STATUS_UNSPECIFIED
CATEGORIES = {category.id: category for category in (SPENDING, EARNING, ARCHIVED)}

currencies = st.sampled_from(sorted(EXPONENTS))
positive = st.integers(min_value=1, max_value=AMOUNT_MAX)
kinds = st.sampled_from([EXPENSE, INCOME, REFUND])


def named(*accounts: Account) -> Named:
    return Named({account.id: account for account in accounts}, CATEGORIES)


def account_in(currency: str) -> Account:
    return Account(id=str(uuid4()), currency=currency)


def draft_on(account: Account, minor: int, **fields: object) -> TransactionDraft:
    usual = {"kind": EXPENSE, "account_id": account.id, "booked_on": "2026-02-03"}
    return TransactionDraft(amount=Money(currency=account.currency, minor=minor), **usual | fields)  # type: ignore[arg-type]  # the fields of a draft


def compose(draft: TransactionDraft, known: Named) -> Transaction:
    transaction = Transaction(id=str(uuid4()), kind=draft.kind, booked_on=draft.booked_on, payee=draft.payee)
    transaction.entries.extend(rules.compose_entries(draft, known))
    changes.carry_statuses(transaction.entries, (), draft.status)
    return rules.finish(transaction, known)


@given(currency=currencies, minor=positive)
def test_an_expense_takes_exactly_what_an_income_or_a_refund_gives(currency: str, minor: int) -> None:
    account = account_in(currency)
    known = named(account)
    found = {
        kind: rules.compose_entries(draft_on(account, minor, kind=kind), known)[0].amount
        for kind in (EXPENSE, INCOME, REFUND)
    }
    assert {kind: amount.minor for kind, amount in found.items()} == {EXPENSE: -minor, INCOME: minor, REFUND: minor}
    assert {amount.currency for amount in found.values()} == {currency}


@given(kind=kinds, category=st.sampled_from([SPENDING, EARNING]))
def test_a_category_of_the_other_kind_is_refused(kind: TransactionKind.ValueType, category: Category) -> None:
    account = account_in("EUR")
    draft = draft_on(account, 1, kind=kind, category_id=category.id)
    if (kind == INCOME) == (category is EARNING):
        assert rules.compose_entries(draft, named(account))[0].category_id == category.id
        return
    with pytest.raises(InvalidInput) as refused:
        rules.compose_entries(draft, named(account))
    assert refused.value.reason_name == "CATEGORY_KIND_MISMATCH"


def test_an_archived_category_stays_where_it_is_and_goes_nowhere_else() -> None:
    account = account_in("EUR")
    draft = draft_on(account, 1, category_id=ARCHIVED.id)
    with pytest.raises(RuleBroken) as refused:
        rules.compose_entries(draft, named(account))
    assert refused.value.reason_name == "CATEGORY_ARCHIVED"
    known = named(account)
    known.kept_categories = frozenset({ARCHIVED.id})
    assert rules.compose_entries(draft, known)[0].category_id == ARCHIVED.id


@given(of_account=currencies, of_amount=currencies)
def test_t31_currencies_are_never_mixed(of_account: str, of_amount: str) -> None:
    account = account_in(of_account)
    draft = draft_on(account, 1)
    draft.amount.currency = of_amount
    if of_account == of_amount:
        assert rules.compose_entries(draft, named(account))[0].amount.currency == of_account
        return
    with pytest.raises(InvalidInput) as refused:
        rules.compose_entries(draft, named(account))
    assert refused.value.reason_name == "CURRENCY_MISMATCH"


@given(parts=st.lists(st.integers(1, 2**40), min_size=1, max_size=30), off=st.integers(-3, 3))
def test_t1_splits_add_up_or_are_refused_with_the_difference(parts: list[int], off: int) -> None:
    account, total = account_in("EUR"), max(sum(parts) + off, 1)
    splits = [Split(amount=Money(currency="EUR", minor=minor)) for minor in parts]
    draft = draft_on(account, total, splits=splits)
    if total == sum(parts):
        entries = rules.compose_entries(draft, named(account))
        assert [entry.amount.minor for entry in entries] == [-minor for minor in parts]
        assert [entry.line for entry in entries] == list(range(len(parts)))
        return
    with pytest.raises(InvalidInput) as refused:
        rules.compose_entries(draft, named(account))
    assert refused.value.reason_name == "SPLITS_UNBALANCED"
    numbers = {name: int(number) for name, number in refused.value.metadata.items()}
    assert numbers == {"expected": total, "actual": sum(parts), "difference": total - sum(parts)}


@given(currency=currencies, minor=positive)
def test_t38_a_transfer_in_one_currency_sums_to_zero(currency: str, minor: int) -> None:
    one, other = account_in(currency), account_in(currency)
    draft = draft_on(one, minor, kind=TRANSFER, to_account_id=other.id)
    entries = rules.compose_entries(draft, named(one, other))
    assert [entry.amount.minor for entry in entries] == [-minor, minor]
    assert magnitude_of(compose(draft, named(one, other))).minor == minor


drafts = st.builds(
    lambda kind, parts, status: (kind, parts, status),
    kinds,
    st.lists(st.tuples(st.integers(1, 2**40), st.booleans()), min_size=1, max_size=6),
    st.sampled_from([0, 1, 2]),
)


@given(given_draft=drafts)
def test_a_transaction_taken_back_to_a_draft_composes_to_itself(
    given_draft: tuple[TransactionKind.ValueType, list[tuple[int, bool]], TransactionStatus.ValueType],
) -> None:
    kind, parts, status = given_draft
    usual, other = account_in("EUR"), account_in("EUR")
    splits = [
        Split(amount=Money(currency="EUR", minor=minor), account_id=other.id if is_other and number else "")
        for number, (minor, is_other) in enumerate(parts)
    ]
    draft = draft_on(usual, sum(minor for minor, _ in parts), kind=kind, splits=splits, status=status)
    known = named(usual, other)
    before = compose(draft, known)
    again = rules.compose_entries(changes.draft_of(before), known, before.entries)
    changes.carry_statuses(again, before.entries, UNSTATED)
    assert list(again) == list(before.entries)


@given(parts=st.lists(st.integers(1, 2**40), min_size=2, max_size=6), data=st.data())
def test_t2_a_change_of_one_split_leaves_the_others_as_they_are(parts: list[int], data: st.DataObject) -> None:
    account = account_in("EUR")
    known = named(account)
    splits = [Split(amount=Money(currency="EUR", minor=minor), note=str(minor)) for minor in parts]
    before = compose(draft_on(account, sum(parts), splits=splits), known)
    line = data.draw(st.integers(0, len(parts) - 1))
    update = TransactionUpdate(split_changes=[SplitChange(line=line, category_id=SPENDING.id)])
    after = rules.compose_entries(changes.change_draft(before, update), known, before.entries)
    changes.carry_statuses(after, before.entries, UNSTATED)
    assert [entry for entry in after if entry.line != line] == [entry for entry in before.entries if entry.line != line]
    assert after[line].category_id == SPENDING.id


@given(currency=currencies, minor=st.integers(0, AMOUNT_MAX), other=st.integers(0, AMOUNT_MAX))
def test_gists_order_amounts_as_their_numbers_are(currency: str, minor: int, other: int) -> None:
    one, two = Money(currency=currency, minor=minor), Money(currency=currency, minor=other)
    assert (comparable(one) < comparable(two)) == (minor < other)


def test_gists_compare_currencies_by_their_numbers() -> None:
    ten_euros, ten_yen = Money(currency="EUR", minor=1000), Money(currency="JPY", minor=10)
    assert comparable(ten_euros) == comparable(ten_yen)


@pytest.mark.parametrize(
    ("needle", "found"), [("straße", True), ("STRASSE", True), ("bäck", True), ("rye", True), ("x", False)]
)
def test_gists_hold_folded_words(needle: str, found: bool) -> None:
    account = account_in("EUR")
    transaction = compose(draft_on(account, 250, payee="Bäckerei Straße", note=""), named(account))
    transaction.note = "RYE"
    gist = compose_gist(transaction)
    assert amount_of(gist) == comparable(Money(currency="EUR", minor=250))
    assert has_words(gist, folded(needle).encode()) == found
