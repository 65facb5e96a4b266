"""Is the arithmetic of a book right, whatever the numbers?"""

from datetime import date
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.ledger import rules
from tallystick.v1.ledger_pb2 import Account, Category, CategoryKind, TransactionKind
from tallystick.v1.money_pb2 import Money

INT64_MAX = 2**63 - 1
EXPENSE, INCOME = TransactionKind.TRANSACTION_KIND_EXPENSE, TransactionKind.TRANSACTION_KIND_INCOME
SPENDING = Category(id=str(uuid4()), kind=CategoryKind.CATEGORY_KIND_EXPENSE)
EARNING = Category(id=str(uuid4()), kind=CategoryKind.CATEGORY_KIND_INCOME)

currencies = st.sampled_from(sorted(EXPONENTS))
positive_minor = st.integers(min_value=1, max_value=INT64_MAX)
any_minor = st.integers(min_value=-INT64_MAX, max_value=INT64_MAX)


@given(currency=currencies, minor=positive_minor)
def test_compose_entry_takes_for_an_expense_exactly_what_it_gives_for_an_income(currency: str, minor: int) -> None:
    account = Account(id=str(uuid4()), currency=currency)
    spent = rules.compose_entry(EXPENSE, Money(currency=currency, minor=minor), account, SPENDING)
    earned = rules.compose_entry(INCOME, Money(currency=currency, minor=minor), account, EARNING)
    assert (spent.amount.minor, earned.amount.minor) == (-minor, minor)
    assert spent.amount.currency == earned.amount.currency == currency


@given(amounts=st.lists(any_minor, max_size=50))
def test_add_is_exact_or_refuses(amounts: list[int]) -> None:
    total = 0
    for amount in amounts:
        try:
            total = rules.add(total, amount)
        except InvalidInput as refused:
            assert refused.reason_name == "AMOUNT_OUT_OF_RANGE"
            assert abs(total + amount) > INT64_MAX
            return
    assert total == sum(amounts)


@pytest.mark.parametrize(
    ("sum_minor", "amount", "fits"),
    [
        (INT64_MAX - 1, 1, True),
        (INT64_MAX, 1, False),
        (-INT64_MAX + 1, -1, True),
        (-INT64_MAX, -1, False),
        (INT64_MAX, -INT64_MAX, True),
    ],
)
def test_add_at_the_edges_of_64_bits(sum_minor: int, amount: int, fits: bool) -> None:
    if fits:
        assert rules.add(sum_minor, amount) == sum_minor + amount
        return
    with pytest.raises(InvalidInput):
        rules.add(sum_minor, amount)


@given(kind=st.sampled_from([EXPENSE, INCOME]), category=st.sampled_from([SPENDING, EARNING]))
def test_compose_entry_refuses_a_category_of_the_other_kind(
    kind: TransactionKind.ValueType, category: Category
) -> None:
    account = Account(id=str(uuid4()), currency="EUR")
    if (kind == EXPENSE) == (category is SPENDING):
        assert rules.compose_entry(kind, Money(currency="EUR", minor=1), account, category).category_id == category.id
        return
    with pytest.raises(InvalidInput) as refused:
        rules.compose_entry(kind, Money(currency="EUR", minor=1), account, category)
    assert refused.value.reason_name == "CATEGORY_KIND_MISMATCH"


@given(account_currency=currencies, amount_currency=currencies)
def test_compose_entry_never_mixes_currencies(account_currency: str, amount_currency: str) -> None:
    account = Account(id=str(uuid4()), currency=account_currency)
    money = Money(currency=amount_currency, minor=1)
    if account_currency == amount_currency:
        assert rules.compose_entry(EXPENSE, money, account, None).amount.currency == account_currency
        return
    with pytest.raises(InvalidInput) as refused:
        rules.compose_entry(EXPENSE, money, account, None)
    assert refused.value.reason_name == "CURRENCY_MISMATCH"


@pytest.mark.parametrize(
    "text", ["2026-02-29", "2026-02-30", "2026-13-01", "2026-00-10", "2026-04-31", "0000-01-01", "1900-02-29"]
)
def test_require_date_refuses_what_is_in_no_calendar(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.require_date("booked_on", text)
    assert (refused.value.reason_name, refused.value.violations[0].field) == ("INVALID_DATE", "booked_on")


@given(day=st.dates())
def test_require_date_takes_every_day_that_exists(day: date) -> None:
    assert rules.require_date("booked_on", day.isoformat()) == day


@given(day=st.dates())
def test_cell_of_counts_a_day_for_its_own_month(day: date) -> None:
    cell = rules.cell_of(str(uuid4()), "", "EUR", day)
    assert (cell.month.year, cell.month.month, cell.month.day) == (day.year, day.month, 1)
    assert cell.category_id == UUID(int=0)


@pytest.mark.parametrize(("code", "exponent"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)])
def test_currencies_have_the_decimals_of_iso_4217(code: str, exponent: int) -> None:
    assert EXPONENTS[code] == exponent


@pytest.mark.parametrize("code", ["XTS", "XAU", "EURO", "", "eur", "BTC"])
def test_require_currency_refuses_what_nobody_keeps_books_in(code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.require_currency("currency", code)
    assert refused.value.reason_name == "UNKNOWN_CURRENCY"
