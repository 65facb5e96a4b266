"""Is the arithmetic of a book right, whatever the numbers?"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.currencies import EXPONENTS
from tallystick.errors import InvalidInput
from tallystick.ledger import rules

INT64_MAX = 2**63 - 1
currencies = st.sampled_from(sorted(EXPONENTS))
any_minor = st.integers(min_value=-INT64_MAX, max_value=INT64_MAX)


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


@pytest.mark.parametrize(("code", "exponent"), [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)])
def test_currencies_have_the_decimals_of_iso_4217(code: str, exponent: int) -> None:
    assert EXPONENTS[code] == exponent


@pytest.mark.parametrize("code", ["XTS", "XAU", "EURO", "", "eur", "BTC"])
def test_require_currency_refuses_what_nobody_keeps_books_in(code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rules.require_currency("currency", code)
    assert refused.value.reason_name == "UNKNOWN_CURRENCY"
